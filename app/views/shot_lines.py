"""Shots in the plot: their boundaries, and their pooled levels as steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg

from app.theme import look

if TYPE_CHECKING:
    from jndcore.results import Shot

MOST_SHOTS = 150
"""Where more shots are in view, none is drawn: they would be a grey wall until one zooms in."""


class ShotLines:
    """Boundaries as upright lines, pooled values as steps from one boundary to the next.

    Attributes
    ----------
    cuts, pooled : pyqtgraph.PlotCurveItem
    """

    def __init__(self, plot: pg.PlotItem) -> None:
        self.cuts = pg.PlotCurveItem(connect="pairs")
        self.pooled = pg.PlotCurveItem(connect="finite")
        for item, depth in ((self.cuts, -2), (self.pooled, 5)):
            item.setZValue(depth)
            plot.addItem(item, ignoreBounds=True)

    def set_colours(self, ratio: float) -> None:
        """Draw in the theme's colours, on a screen with `ratio` device pixels for each logical one."""
        self.cuts.setPen(pg.mkPen(look().shot, width=ratio, dash=[3, 3]))
        self.pooled.setPen(pg.mkPen(look().text, width=ratio, dash=[5, 4]))

    def clear(self) -> None:
        """Draw none."""
        self.cuts.setData([], [])
        self.pooled.setData([], [])

    def draw(self, shots: list[Shot], time: Callable[[int], float]) -> None:
        """Draw `shots`; `time` gives the seconds at which a frame begins."""
        if not 0 < len(shots) <= MOST_SHOTS:
            self.clear()
            return
        left, right = np.array([(time(shot.start), time(shot.stop)) for shot in shots]).T
        cuts = left[left > 0]
        self.cuts.setData(np.repeat(cuts, 2), np.tile([-100.0, 200.0], len(cuts)))
        pooled = np.stack([shot.prediction.qp[0] for shot in shots], axis=1).ravel()
        gaps = np.full_like(pooled, np.nan)
        x = np.column_stack([np.tile(left, 3), np.tile(right, 3), gaps]).ravel()
        self.pooled.setData(x, np.column_stack([pooled, pooled, gaps]).ravel())
