"""The schedule in the plot: QPs as a stepped line that can be dragged up and down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg

from app.editing import Editing
from app.state import Plan
from app.theme import look

REACH = 6
"""Pixels from the line in which the pointer takes hold of it."""


class ScheduleLine:
    """Draws `plan.planned` while the schedule is shown, and lets a segment's QP be dragged.

    Attributes
    ----------
    line : pyqtgraph.PlotCurveItem
    """

    def __init__(self, plot: pg.PlotItem, plan: Plan, editing: Editing) -> None:
        self.line = pg.PlotCurveItem()
        self.line.setZValue(6)
        plot.addItem(self.line, ignoreBounds=True)
        self._plan = plan
        self._editing = editing
        self._held: int | None = None

    def set_colour(self, ratio: float) -> None:
        """Draw in the theme's colour, on a screen with `ratio` device pixels for each logical one."""
        self.line.setPen(pg.mkPen(look().schedule, width=2 * ratio))

    def clear(self) -> None:
        """Draw none."""
        self.line.setData([], [])

    def draw(self, first: int, stop: int, time: Callable[[int], float]) -> tuple[float, float]:
        """Draw what frames `first` up to `stop` get; lowest and highest QP come back, NaN for none.

        `time` gives the seconds at which a frame begins.
        """
        schedule = self._plan.schedule if self._plan.shown else None
        if schedule is None:
            self.clear()
            return np.nan, np.nan
        a, b = self._plan.index_at(first), self._plan.index_at(stop)
        segments = schedule.segments[a : b + 1]
        edges = [time(segment.start) for segment in segments] + [time(segments[-1].stop)]
        qps = [float(segment.value) for segment in segments]
        self.line.setData(np.repeat(edges, 2)[1:-1], np.repeat(qps, 2), antialias=False)
        return min(qps), max(qps)

    def near(self, frame: int, qp: float, unit: float) -> bool:
        """Whether a point lies on the line; `unit` is the QP that a pixel stands for."""
        schedule = self._plan.schedule if self._plan.shown else None
        if schedule is None or not 0 <= frame < schedule.frames:
            return False
        return abs(schedule.at(frame).value - qp) <= REACH * unit

    def grab(self, frame: int) -> None:
        """Take hold of the segment that `frame` lies in."""
        self._held = self._plan.index_at(frame)
        self._editing.begin_drag()

    def drag(self, qp: float) -> None:
        """Give what is held the QP nearest to `qp`."""
        schedule = self._plan.schedule
        if self._held is not None and schedule is not None and self._held < len(schedule.segments):
            self._editing.set_qp(self._held, round(qp), drag=True)
