"""The plot's area: a drag moves the playhead or a line, the wheel zooms time, the middle button pans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal


class ScrubBox(pg.ViewBox):  # type: ignore[misc]
    """A ViewBox that scrubs.

    Signals
    -------
    scrubbed(float)
        The pointer asks for this time, in seconds.
    grabbed(float)
        A drag begins on a line, at this time.
    dragged(float)
        It is at this height of the plot.

    Attributes
    ----------
    holds : callable
        Whether a point of the plot is on a line that can be dragged.
    """

    scrubbed = Signal(float)
    grabbed = Signal(float)
    dragged = Signal(float)

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.holds: Callable[[QPointF], bool] = lambda _: False
        self._holding = False

    def mouseClickEvent(self, ev: Any) -> None:
        """Go to the time under the pointer."""
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self._scrub(ev)

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Drag a line or scrub with the left button; pan with the others."""
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self._drag(ev)
        elif ev.button() == Qt.MouseButton.MiddleButton:
            super().mouseDragEvent(ev, axis=0)

    def _drag(self, ev: Any) -> None:
        if ev.isStart():
            begun = self.mapSceneToView(ev.buttonDownScenePos())
            self._holding = self.holds(begun)
            if self._holding:
                self.grabbed.emit(float(begun.x()))
        if self._holding:
            self.dragged.emit(float(self.mapSceneToView(ev.scenePos()).y()))
        else:
            self._scrub(ev)

    def _scrub(self, ev: Any) -> None:
        self.scrubbed.emit(float(self.mapSceneToView(ev.scenePos()).x()))
