"""Axes of the timeline: minutes and seconds, and below them frame numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from app.format import clock

STEPS = (
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    1800,
    3600,
    7200,
)
TICK_WIDTH = 90
"""Pixels between two labels at least."""

Ticks = list[tuple[float, Sequence[float]]]


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Seconds as ``m:ss``."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Ticks:
        """Round steps of the clock."""
        wanted = (maxVal - minVal) * TICK_WIDTH / max(size, 1)
        step = next((s for s in STEPS if s >= wanted), STEPS[-1])
        return [(step, _multiples(minVal, maxVal, step))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Label the ticks, with as many decimals as the step needs."""
        digits = 0 if spacing >= 1 else 1 if spacing >= 0.1 else 2 if spacing >= 0.01 else 3
        return [clock(value, digits) for value in values]


class FrameAxis(pg.AxisItem):  # type: ignore[misc]
    """Frame numbers at their times, evenly spaced or not."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._times: NDArray[np.float64] = np.zeros(0)

    def set_times(self, times: NDArray[np.float64]) -> None:
        """The seconds at which frames begin, shape (F,)."""
        self._times = times
        self.picture = None
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Ticks:
        """Frames in steps of 1, 2 or 5 times a power of ten."""
        if not len(self._times):
            return []
        first, stop = np.searchsorted(self._times, [minVal, maxVal])
        wanted = max((stop - first) * TICK_WIDTH / max(size, 1), 1)
        power = 10 ** int(np.floor(np.log10(wanted)))
        step = int(next(k * power for k in (1, 2, 5, 10) if k * power >= wanted - 1e-9))
        frames = np.arange(-(-first // step) * step, min(stop + 1, len(self._times)), step)
        return [(maxVal - minVal, self._times[frames].tolist())]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Name the frames."""
        middle = np.searchsorted(self._times, np.asarray(values) - 1e-9)
        return [str(frame) for frame in middle]


def _multiples(low: float, high: float, step: float) -> list[float]:
    first = np.ceil(max(low, 0) / step - 1e-9)
    return [float(k * step) for k in np.arange(first, np.floor(high / step + 1e-9) + 1)]
