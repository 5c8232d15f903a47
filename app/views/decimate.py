"""Fewer points for a plot: what a column of pixels can show, without losing peaks or closing gaps.

pyqtgraph's own downsampling takes a gap anywhere in a column for the whole column, so a file whose key
frames alone are known would show nothing; this one looks at the known values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """A stretch of one level's curve, by column.

    Attributes
    ----------
    x : ndarray of float64, shape (C,)
        Middle of each column.
    low, high : ndarray of float64, shape (C,)
        Range of the values; NaN where nothing is known. One and the same where a column is one frame.
    band_low, band_high : ndarray of float64, shape (C,)
        Mean of value minus and plus doubt: the doubt alone, not the range, makes the band wide. NaN where
        the model has no doubt to tell.
    """

    x: Floats
    low: Floats
    high: Floats
    band_low: Floats
    band_high: Floats

    def line(self) -> tuple[Floats, Floats]:
        """Points of a line that goes through the low and the high of each column."""
        if self.low is self.high:
            return self.x, self.low
        return np.repeat(self.x, 2), np.column_stack([self.low, self.high]).ravel()

    def middle(self) -> tuple[Floats, Floats]:
        """Points of a calmer line, half way between the low and the high of each column."""
        return self.x, (self.low + self.high) / 2

    def lonely(self) -> tuple[Floats, Floats]:
        """Known columns with unknown neighbours, which a line cannot show."""
        known = ~np.isnan(self.low)
        before, after = np.append(False, known[:-1]), np.append(known[1:], False)
        alone = known & ~before & ~after
        return self.x[alone], (self.low[alone] + self.high[alone]) / 2

    def runs(self) -> list[slice]:
        """Stretches of columns with a band, each at least two long."""
        known = np.concatenate([[False], ~np.isnan(self.band_low), [False]])
        edges = np.flatnonzero(known[1:] != known[:-1]).reshape(-1, 2)
        return [slice(a, b) for a, b in edges if b - a > 1]


def columns(times: Floats, value: Floats, doubt: Floats, first: int, stop: int, most: int) -> Columns:
    """Bring frames `first` up to `stop` into at most `most` columns of equally many frames.

    Parameters
    ----------
    times, value, doubt : ndarray of float64, shape (F,)
        Seconds, a level's QP (NaN: unknown) and its standard error, by frame.
    """
    each = max(-(-(stop - first) // max(most, 1)), 1)
    first -= first % each  # columns keep their frames while the view moves, so nothing flickers
    stop = min(stop + -stop % each, len(times))
    if each == 1:
        x, v, d = times[first:stop], value[first:stop], doubt[first:stop]
        return Columns(x, v, v, v - d, v + d)
    edges = np.arange(first, stop, each)
    return _reduced(times[first:stop], value[first:stop], doubt[first:stop], edges - first)


def _reduced(times: Floats, value: Floats, doubt: Floats, edges: NDArray[np.intp]) -> Columns:
    """One column from each of `edges` to the next; unknown values count for nothing."""
    known = ~np.isnan(value)
    count = np.add.reduceat(known, edges, dtype=np.float64)
    count[count == 0] = np.nan
    middle, spread = (np.add.reduceat(np.where(known, a, 0.0), edges) / count for a in (value, doubt))
    x = (times[edges] + times[np.append(edges[1:], len(times)) - 1]) / 2
    low, high = np.fmin.reduceat(value, edges), np.fmax.reduceat(value, edges)
    return Columns(x, low, high, middle - spread, middle + spread)
