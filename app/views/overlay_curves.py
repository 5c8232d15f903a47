"""Other models' curves in the plot."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from app.state import Overlays
from app.theme import look
from app.views.curve import ThinCurve
from app.views.decimate import Columns, columns
from app.views.line_style import dashes


class OverlayCurves:
    """Three thin lines for each overlay that is shown.

    Attributes
    ----------
    curves : dict of str to list of ThinCurve
        By model; a level each.
    """

    def __init__(self, plot: pg.PlotItem, overlays: Overlays) -> None:
        self.curves: dict[str, list[ThinCurve]] = {}
        self._plot = plot
        self._overlays = overlays

    def draw(
        self, times: NDArray[np.float64], first: int, stop: int, most: int, ratio: float
    ) -> list[Columns]:
        """Draw frames `first` up to `stop`, see `columns`; what is drawn comes back."""
        shown = [o for o in self._overlays.kept if o.shown and len(o.results.qp) == len(times)]
        for model in self.curves.keys() - {overlay.model for overlay in shown}:
            self._remove(model)
        drawn = []
        for overlay in shown:
            results = overlay.results
            for level, curve in enumerate(self._curves_of(overlay.model)):
                curve.set_pen(look().levels[level], ratio, dashes(overlay.slot))
                part = columns(times, results.qp[:, level], results.err[:, level], first, stop, most)
                curve.set_columns(part)
                drawn.append(part)
        return drawn

    def clear(self) -> None:
        """Draw none."""
        for model in list(self.curves):
            self._remove(model)

    def _curves_of(self, model: str) -> list[ThinCurve]:
        if model not in self.curves:
            self.curves[model] = [ThinCurve(self._plot) for _ in look().levels]
        return self.curves[model]

    def _remove(self, model: str) -> None:
        for curve in self.curves.pop(model):
            self._plot.removeItem(curve.line)
