"""Which frames of an encode are worth a look: the worst ones, but not ten neighbours of one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

APART = 0.5
"""Seconds between two of them at least, unless each is the worst of its segment."""


def worst_frames(
    values: NDArray[np.float64], times: NDArray[np.float64], parts: Iterable[tuple[int, int]]
) -> NDArray[np.intp]:
    """Frames in rising order of their values: the lowest of each part, and all dips far enough from others.

    Parameters
    ----------
    values, times : ndarray of float64, shape (F,)
        A score, the higher the better, and seconds, by frame.
    parts : iterable of (int, int)
        First frame and the one behind the last, such as those of segments.
    """
    lowest = np.array([start + int(np.argmin(values[start:stop])) for start, stop in parts], dtype=np.intp)
    near = np.searchsorted(times, times - APART, side="right"), np.searchsorted(times, times + APART)
    taken = np.zeros(len(values), dtype=bool)
    found = list(lowest)
    for frame in lowest:
        taken[near[0][frame] : near[1][frame]] = True
    dips = np.flatnonzero(_is_dip(values))
    for frame in dips[np.argsort(values[dips], kind="stable")]:
        if not taken[frame]:
            taken[near[0][frame] : near[1][frame]] = True
            found.append(frame)
    frames = np.array(found, dtype=np.intp)
    return frames[np.lexsort((frames, values[frames]))]


def _is_dip(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a value lies below the one before and not above the one behind."""
    down = np.diff(values, prepend=np.inf) < 0
    up = np.diff(values, append=np.inf) >= 0
    return down & up
