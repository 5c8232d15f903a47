"""A plot over the time of the video: clock and frame numbers below it, the playhead across it."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from app.theme import look
from app.views.axes import FrameAxis, TimeAxis
from app.views.scrub_box import ScrubBox

LEFT = 54
"""Pixels for the figures at the left, the same in all plots, so that their times stand below each other."""


class TimePlot(pg.PlotWidget):  # type: ignore[misc]
    """What the timeline's plots share.

    Attributes
    ----------
    box : ScrubBox
    plot : pyqtgraph.PlotItem
    frames : FrameAxis
    playhead : pyqtgraph.InfiniteLine
    """

    def __init__(self, *, parent: QWidget | None = None) -> None:
        box = ScrubBox()
        super().__init__(parent, viewBox=box, axisItems={"bottom": TimeAxis("bottom")})
        self.box = box
        self.frames = FrameAxis("bottom")
        self.plot: pg.PlotItem = self.getPlotItem()
        self.playhead = pg.InfiniteLine(angle=90)
        self._units = [pg.LabelItem(name, justify="right", size="8pt") for name in ("time", "frame")]
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.layout.addItem(self.frames, 4, 1)
        self.frames.linkToView(self.box)
        self._place_units()
        self.plot.layout.setColumnFixedWidth(0, LEFT)
        self.plot.layout.setContentsMargins(6, 6, 10, 4)
        self.plot.getAxis("left").setWidth(LEFT)
        self.box.setMouseEnabled(x=True, y=False)
        self.playhead.setZValue(10)
        self.plot.addItem(self.playhead, ignoreBounds=True)

    def show_scale(self, shown: bool) -> None:
        """Show clock and frame numbers, or leave them to the plot below."""
        for item in (self.plot.getAxis("bottom"), self.frames, *self._units):
            (item.show if shown else item.hide)()
        if shown:
            self._place_units()
        else:
            for label in self._units:
                self.plot.layout.removeItem(label)  # it would keep its room

    def set_times(self, times: NDArray[np.float64], end: float) -> None:
        """The seconds at which frames begin, shape (F,), and that at which the last one ends."""
        self.frames.set_times(times)
        self.box.setLimits(xMin=-0.02 * end, xMax=1.02 * end, minXRange=min(0.2, end))

    def follow(self, frame: int, times: NDArray[np.float64]) -> None:
        """Put the playhead where `frame` begins."""
        self.playhead.setVisible(len(times) > 0)
        if len(times):
            self.playhead.setValue(times[min(frame, len(times) - 1)])

    def colour(self, ratio: float) -> None:
        """Follow the theme, on a screen with `ratio` device pixels for each logical one."""
        colours = look()
        self.setBackground(colours.plot)
        for axis in (self.plot.getAxis("left"), self.plot.getAxis("bottom"), self.frames):
            axis.setPen(pg.mkPen(colours.grid))
            axis.setTextPen(pg.mkPen(colours.faint))
        self.playhead.setPen(pg.mkPen(colours.playhead, width=1.4 * ratio))
        for label in self._units:
            label.setAttr("color", colours.faint)
            label.setText(label.text)

    def _place_units(self) -> None:
        for row, label in enumerate(self._units, start=3):
            self.plot.layout.addItem(label, row, 0)
