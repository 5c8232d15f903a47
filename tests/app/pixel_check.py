"""Run under a QT_SCALE_FACTOR: does a window hold the very pixels of a picture, at odd places too?

Prints the scale factor, then "exact" or the share of wrong pixels for 1:1 and for 3:1.
"""

from __future__ import annotations

import numpy as np
from clips import pixels
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from app.state import Shown, Viewport
from app.views.picture import PictureView


def find(window: np.ndarray, picture: np.ndarray) -> str:
    """Look for `picture` at every place of `window`."""
    corner = (window == picture[0, 0]).all(2)
    for top, left in np.argwhere(corner):
        part = window[top : top + picture.shape[0], left : left + picture.shape[1]]
        if part.shape == picture.shape and (part == picture).all():
            return "exact"
    return "not found"


def main() -> None:
    app = QApplication([])
    noise = np.random.default_rng(5).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    window = QWidget()
    layout = QHBoxLayout(window)
    layout.setContentsMargins(13, 7, 0, 0)  # 13 * 1.25 lies between two device pixels
    views = [PictureView(Viewport(zoom=zoom)) for zoom in (1.0, 3.0)]
    for view in views:
        view.show_picture(Shown(0, noise))
        layout.addWidget(view)
    window.resize(431, 217)
    window.show()
    app.processEvents()
    got = pixels(window.grab())
    print(f"{window.devicePixelRatioF():g}", find(got, noise), find(got, noise.repeat(3, 0).repeat(3, 1)))


if __name__ == "__main__":
    main()
