"""The plot's area: a drag moves the playhead, the wheel zooms time, the middle button pans."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal


class ScrubBox(pg.ViewBox):  # type: ignore[misc]
    """A ViewBox that scrubs.

    Signals
    -------
    scrubbed(float)
        The pointer asks for this time, in seconds.
    """

    scrubbed = Signal(float)

    def __init__(self) -> None:
        super().__init__(enableMenu=False)

    def mouseClickEvent(self, ev: Any) -> None:
        """Go to the time under the pointer."""
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self._scrub(ev)

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Scrub with the left button; pan with the others."""
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self._scrub(ev)
        elif ev.button() == Qt.MouseButton.MiddleButton:
            super().mouseDragEvent(ev, axis=0)

    def _scrub(self, ev: Any) -> None:
        self.scrubbed.emit(float(self.mapSceneToView(ev.scenePos()).x()))
