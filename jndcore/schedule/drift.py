"""Where the level drifts within a shot: change points, and which of them are worth a key frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DRIFT = 1.0
"""QP by which the parts of a split shot differ at least: a smaller step no integer QP can follow."""

KEY_FRAME = 6.0
"""QP x seconds that a split must be worth, because each costs a key frame.

x264 medium, QP 24, 30 and 36, 640x360: an IDR frame in the midst of 48 frames of four clips with real motion
cost as many bits as 2.9 to 9.1 QP save in one second, in the median 6.
"""

CELLS_A_SECOND = 4
MOST_CELLS = 4096
"""Means that a shot is reduced to before change points are looked for; longer shots get longer cells."""


def change_points(
    frame: NDArray[np.int64], level: NDArray[np.float64], start: int, stop: int, second: int
) -> list[int]:
    """Frames at which a shot is to be split, rising; none for most shots.

    Parts last a second at least and differ from their neighbours by `DRIFT`, and by so much more as they are
    shorter than `KEY_FRAME` demands.

    Parameters
    ----------
    frame : ndarray of int64, shape (F,)
        The shot's analysed frames, rising.
    level : ndarray of float64, shape (F,)
        Their levels, QP; NaN where unknown.
    start, stop : int
        The shot.
    second : int
        Frames that make a second.
    """
    if stop - start < 2 * second:
        return []
    length = max(1, second // CELLS_A_SECOND, -(-(stop - start) // MOST_CELLS))
    fewest = -(-second // length)
    cells = _cells(frame, level, start, (stop - start) // length, length)
    if len(cells) < 2 * fewest or not _drifts(cells, fewest):
        return []
    edges = _worth_a_key_frame(cells, _edges(cells, fewest), length / second)
    bounds = [start, *(start + edge * length for edge in edges), stop]
    for i in range(1, len(bounds) - 1):
        nearest = _to_the_frame(frame, level, bounds[i - 1], bounds[i], bounds[i + 1], length)
        bounds[i] = min(max(nearest, bounds[i - 1] + second), bounds[i + 1] - second)
    return bounds[1:-1]


def _cells(
    frame: NDArray[np.int64], level: NDArray[np.float64], start: int, count: int, length: int
) -> NDArray[np.float64]:
    """Mean level of each `length` frames, those without an analysed frame filled in from their neighbours."""
    known = np.isfinite(level)
    if count < 1 or not known.any():
        return np.empty(0)
    cell = np.minimum((frame[known] - start) // length, count - 1)
    number = np.bincount(cell, minlength=count)
    mean = np.bincount(cell, weights=level[known], minlength=count) / np.maximum(number, 1)
    filled = np.flatnonzero(number)
    return np.interp(np.arange(count), filled, mean[filled])


def _drifts(cells: NDArray[np.float64], fewest: int) -> bool:
    """Whether any two seconds differ by `DRIFT`: if none do, no parts can."""
    total = np.concatenate([[0.0], np.cumsum(cells)])
    means = (total[fewest:] - total[:-fewest]) / fewest
    return bool(np.ptp(means) >= DRIFT)


def _edges(cells: NDArray[np.float64], fewest: int) -> list[int]:
    """Edges between cells where the mean changes, by least squares with a penalty for each (PELT).

    The penalty is what the split of two parts of a second that differ by `DRIFT` gains.
    """
    from ruptures import KernelCPD  # here: half a second, which a window that shows frames need not wait

    search = KernelCPD(kernel="linear", min_size=fewest).fit(cells.reshape(-1, 1))
    return [int(edge) for edge in search.predict(pen=fewest * DRIFT**2 / 2)[:-1]]


def _worth_a_key_frame(cells: NDArray[np.float64], edges: list[int], seconds: float) -> list[int]:
    """Take away the least edge until all that are left are worth it; a cell lasts `seconds`."""
    total = np.concatenate([[0.0], np.cumsum(cells)])
    bounds = [0, *edges, len(cells)]
    while len(bounds) > 2:
        at = np.array(bounds)
        length = np.diff(at)
        step = np.abs(np.diff(np.diff(total[at]) / length))
        shorter = np.minimum(length[:-1], length[1:]) * seconds
        worth = step / np.maximum(DRIFT, KEY_FRAME / shorter)
        least = int(worth.argmin())
        if worth[least] >= 1:
            break
        del bounds[least + 1]
    return bounds[1:-1]


def _to_the_frame(
    frame: NDArray[np.int64], level: NDArray[np.float64], before: int, edge: int, after: int, reach: int
) -> int:
    """The frame within `reach` of an edge between cells that best parts the two sides, by least squares."""

    def part(a: int, b: int) -> NDArray[np.float64]:
        rows = slice(*np.searchsorted(frame, [a, b]).tolist())
        return level[rows][np.isfinite(level[rows])]

    left, right = part(before, edge - reach), part(edge + reach, after)
    near = slice(*np.searchsorted(frame, [edge - reach, edge + reach]).tolist())
    told = np.isfinite(level[near])
    number, value = frame[near][told], level[near][told]
    if not (len(left) and len(right) and len(number)):
        return edge
    gain = np.square(value - left.mean()) - np.square(value - right.mean())
    return int(np.append(number, edge + reach)[np.argmin(np.append(0.0, np.cumsum(gain)))])
