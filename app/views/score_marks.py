"""Marks in the lane of scores: segments, frames off plan, and the worst frames."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from app.theme import look
from app.views.shot_lines import MOST_SHOTS

MOST_RINGS = 24
"""Of the walk through the worst frames, its beginning."""

TICK = 0.1
"""Share of the plot's height that a frame off plan is marked in."""


class ScoreMarks:
    """What stands around the curve.

    Attributes
    ----------
    borders, off_plan : pyqtgraph.PlotCurveItem
        Upright lines, and ticks at the upper edge.
    worst : pyqtgraph.ScatterPlotItem
        Rings on the curve.
    """

    def __init__(self, plot: pg.PlotItem) -> None:
        self.borders = pg.PlotCurveItem(connect="pairs")
        self.off_plan = pg.PlotCurveItem(connect="pairs")
        self.worst = pg.ScatterPlotItem(size=7, pxMode=True)
        for item, depth in ((self.borders, -2), (self.off_plan, 1), (self.worst, 2)):
            item.setZValue(depth)
            plot.addItem(item, ignoreBounds=True)

    def colour(self, ratio: float) -> None:
        """Draw in the theme's colours, on a screen with `ratio` device pixels for each logical one."""
        colours = look()
        self.borders.setPen(pg.mkPen(colours.shot, width=ratio, dash=[3, 3]))
        self.off_plan.setPen(pg.mkPen(colours.alarm, width=max(round(ratio), 1)))
        self.worst.setBrush(pg.mkBrush(colours.plot))
        self.worst.setPen(pg.mkPen(colours.text, width=1.4 * ratio))

    def clear(self) -> None:
        """Draw none."""
        for curve in (self.borders, self.off_plan):
            curve.setData([], [])
        self.worst.setData([], [])

    def draw_borders(self, times: list[float]) -> None:
        """Mark where segments begin; where there are too many, none."""
        few = times if len(times) <= MOST_SHOTS else []
        self.borders.setData(np.repeat(few, 2), np.tile([-1e4, 1e5], len(few)))

    def draw_off_plan(self, times: NDArray[np.float64], low: float, high: float) -> None:
        """Mark frames off plan in a plot from `low` to `high`."""
        under = high - TICK * (high - low)
        self.off_plan.setData(np.repeat(times, 2), np.tile([under, high], len(times)), antialias=False)

    def draw_worst(
        self, walk: NDArray[np.intp] | None, values: NDArray[np.float64], times: NDArray[np.float64]
    ) -> None:
        """Mark the first frames of `walk` on the curve of `values`."""
        frames = np.zeros(0, dtype=np.intp) if walk is None else walk[:MOST_RINGS]
        self.worst.setData(times[frames], values[frames])
