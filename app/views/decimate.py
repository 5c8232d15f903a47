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
        Range of the values; NaN where nothing is known.
    band_low, band_high : ndarray of float64, shape (C,)
        Mean of value minus and plus doubt: the doubt alone, not the range, makes the band wide.
    """

    x: Floats
    low: Floats
    high: Floats
    band_low: Floats
    band_high: Floats

    def line(self) -> tuple[Floats, Floats]:
        """Points of a line that goes through the low and the high of each column."""
        return np.repeat(self.x, 2), np.column_stack([self.low, self.high]).ravel()

    def lonely(self) -> tuple[Floats, Floats]:
        """Known columns with unknown neighbours, which a line cannot show."""
        known = ~np.isnan(self.low)
        before, after = np.append(False, known[:-1]), np.append(known[1:], False)
        alone = known & ~before & ~after
        return self.x[alone], (self.low[alone] + self.high[alone]) / 2

    def runs(self) -> list[slice]:
        """Stretches of known columns, each at least two long."""
        known = np.concatenate([[False], ~np.isnan(self.low), [False]])
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
    padding = -(stop - first) % each
    v, d = (_table(a[first:stop], padding, each) for a in (value, doubt))
    known = ~np.isnan(v)
    count = known.sum(axis=1).astype(np.float64)
    count[count == 0] = np.nan
    middle, spread = (np.where(known, a, 0.0).sum(axis=1) / count for a in (v, d))
    x = (times[first:stop:each] + times[np.minimum(np.arange(first, stop, each) + each, stop) - 1]) / 2
    return Columns(x, np.fmin.reduce(v, axis=1), np.fmax.reduce(v, axis=1), middle - spread, middle + spread)


def _table(values: Floats, padding: int, each: int) -> Floats:
    return np.pad(values, (0, padding), constant_values=np.nan).reshape(-1, each)
