"""What the analysed frames tell of the frame rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

UNKNOWN_FPS = 25.0


def one_second(fps: float) -> int:
    """Frames that make a second, at least 1; of 25 where the rate is unknown."""
    return max(1, round(fps if fps > 0 else UNKNOWN_FPS))


def varies(frame: NDArray[np.int64], pts: NDArray[np.int64]) -> bool:
    """Whether frames last differently long, by the rule of ``VideoInfo.variable_frame_rate``.

    Over 1 step in 100 differs beyond rounding. Where not every frame was analysed, a step is the mean of the
    frames in it, so a pattern that returns within it stays hidden.

    Parameters
    ----------
    frame, pts : ndarray of int64, shape (F,)
        Numbers and time stamps, rising.
    """
    if len(frame) < 3:
        return False
    apart = np.diff(frame)
    steps = np.diff(pts) / apart
    usual = float(np.median(steps))
    return bool((np.abs(steps - usual) * apart > max(1.0, usual / 20)).mean() > 0.01)
