"""How the lines of other models look: each has its own dashes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

DASHES = ((6, 3), (2, 3), (11, 3, 2, 3), (18, 4), (9, 3, 2, 3, 2, 3), (4, 8))
"""Lengths of line and gap in turn, in line widths; the colour is the level's."""

SAMPLE = QSize(34, 12)
"""Logical pixels."""


def dashes(slot: int) -> tuple[float, ...]:
    """The dashes of the overlay in `slot`; with more overlays than looks, two share one."""
    return DASHES[slot % len(DASHES)]


def sample(colour: str, ratio: float, slot: int | None) -> QPixmap:
    """A piece of line for a legend; `slot` is None for the current model, whose line is thick and whole.

    Parameters
    ----------
    ratio : float
        Device pixels for each logical one.
    """
    pixmap = QPixmap(SAMPLE * ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    pen = QPen(QColor(colour))
    pen.setWidthF(2 * ratio if slot is None else max(round(ratio), 1))
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if slot is not None:
        pen.setDashPattern(dashes(slot))
    painter = QPainter(pixmap)
    painter.setPen(pen)
    middle = pixmap.height() // 2
    painter.drawLine(QPointF(0, middle), QPointF(pixmap.width(), middle))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
