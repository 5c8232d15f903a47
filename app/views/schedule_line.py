"""The schedule in the plot: QPs as a stepped line that can be dragged up and down.

CRFs are not on the plot's axis: in their place stand the QPs of equal quality, which can be seen against the
levels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg

from app.editing import Editing
from app.scale import dragged
from app.state import Plan
from app.theme import look

REACH = 6
"""Pixels from the line in which the pointer takes hold of it."""


class ScheduleLine:
    """Draws `plan.planned` while the schedule is shown, and lets a segment's QP or CRF be dragged.

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
        self._grabbed = (0.0, 0.0)  # of what is held: its QP or CRF, and the QP that was drawn then

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
        planned = self._plan.planned if self._plan.shown else None
        if planned is None:
            self.clear()
            return np.nan, np.nan
        a, b = self._plan.index_at(first), self._plan.index_at(stop)
        parts = [part for s in planned.schedule.segments[a : b + 1] for part in planned.parts(s)]
        edges = [time(start) for start, *_ in parts] + [time(parts[-1][1])]
        qps = [float(qp) for *_, qp in parts]
        self.line.setData(np.repeat(edges, 2)[1:-1], np.repeat(qps, 2), antialias=False)
        return min(qps), max(qps)

    def near(self, frame: int, qp: float, unit: float) -> bool:
        """Whether a point lies on the line; `unit` is the QP that a pixel stands for."""
        planned = self._plan.planned if self._plan.shown else None
        if planned is None or not 0 <= frame < planned.schedule.frames:
            return False
        return abs(planned.qp_at(frame) - qp) <= REACH * unit

    def grab(self, frame: int) -> None:
        """Take hold of the segment that `frame` lies in."""
        planned = self._plan.planned
        if planned is not None:
            self._held = self._plan.index_at(frame)
            self._grabbed = planned.schedule.segments[self._held].value, planned.qp_at(frame)
            self._editing.begin_drag()

    def drag(self, qp: float) -> None:
        """Give what is held the QP nearest to `qp`, or the CRF of equal quality, in steps of its scale."""
        planned = self._plan.planned
        if self._held is not None and planned is not None and self._held < len(planned.schedule.segments):
            step, (value, drawn) = dragged(planned.schedule), self._grabbed
            wanted = value + (qp - drawn) / (planned.mapped.slope if planned.mapped else 1.0)
            self._editing.set_value(self._held, round(wanted / step) * step, drag=True)
