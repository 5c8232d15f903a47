"""Which CRF gives a clip the quality of a QP, and at what bits: read off trial encodes of the clip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from jndcore.schedule.schedule import Mode
from jndcore.schedule.trial_table import Key, Sized

Array = NDArray[np.float64]

GRID: dict[Mode, tuple[float, ...]] = {"qp": (11, 16, 21, 26, 31, 36), "crf": (12, 17, 22, 27, 32, 37)}
"""Values that every clip is tried at; between them the curves are interpolated."""


LEAST = 0.02
"""By how much a curve falls for each QP or CRF, dB or powers of two: XPSNR of grain may be level."""


class Curve:
    """A quantity that falls with the quantiser, through points by a monotone cubic, by its end slopes beyond.

    A point that lies less than `LEAST` a step below the one before is moved down to that.

    Parameters
    ----------
    at, values : sequence of float
        Rising, and falling.
    """

    def __init__(self, at: Array, values: Array) -> None:
        self._at, self._values = at, np.minimum.accumulate(values + LEAST * at) - LEAST * at
        self._inside = PchipInterpolator(at, self._values)
        self._slopes = np.diff(self._values)[[0, -1]] / np.diff(at)[[0, -1]]

    def __call__(self, at: float) -> float:
        """The quantity at a quantiser."""
        low, high = self._at[[0, -1]]
        if at < low:
            return float(self._values[0] + (at - low) * self._slopes[0])
        if at > high:
            return float(self._values[-1] + (at - high) * self._slopes[1])
        return float(self._inside(at))

    def where(self, value: float) -> float:
        """The quantiser at which the quantity has a value."""
        if value > self._values[0]:
            return float(self._at[0] + (value - self._values[0]) / self._slopes[0])
        if value < self._values[-1]:
            return float(self._at[-1] + (value - self._values[-1]) / self._slopes[1])
        roots = self._inside.solve(value, extrapolate=False)
        return float(np.atleast_1d(roots[np.isfinite(roots)])[0])


class ClipCurves:
    """Quality and bits of one clip by QP and by CRF.

    Parameters
    ----------
    known : mapping of Key to Sized
        Trial encodes, those of `GRID` among them.
    clip : str
    frames : int
        Of the shot that was encoded.
    """

    def __init__(self, known: Mapping[Key, Sized], clip: str, frames: int) -> None:
        self.frames = frames
        self._xpsnr, self._log_bytes = {}, {}
        for mode, grid in GRID.items():
            rows = [known[Key(clip, frames, mode, value)] for value in grid]
            at = np.array(grid, np.float64)
            self._xpsnr[mode] = Curve(at, np.array([row.xpsnr for row in rows]))
            self._log_bytes[mode] = Curve(at, np.log2([row.bytes for row in rows]))

    def xpsnr(self, mode: Mode, value: float) -> float:
        """Mean XPSNR, dB."""
        return self._xpsnr[mode](value)

    def bytes(self, mode: Mode, value: float) -> float:
        """Bytes of the stream."""
        return float(2 ** self._log_bytes[mode](value))

    def crf_of(self, qp: float) -> float:
        """The CRF of the same XPSNR."""
        return self._xpsnr["crf"].where(self._xpsnr["qp"](qp))

    def qp_of(self, crf: float) -> float:
        """The QP of the same XPSNR."""
        return self._xpsnr["qp"].where(self._xpsnr["crf"](crf))


def grid_keys(clips: Iterable[str], frames: int) -> list[Key]:
    """The trial encodes that `ClipCurves` needs."""
    return [Key(clip, frames, mode, float(value)) for clip in clips for mode in GRID for value in GRID[mode]]
