"""From what encodes of a clip measure to the QPs of its first three JNDs, as the labelled clips were made."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jndcore.results import LABEL_AREA

Array = NDArray[np.float64]

TEACHER_SHARE = 0.6
"""Weight of the teacher's QP in JND1; VMAF's has the rest."""

HIGHEST, LOWEST = 45.0, 10.0
"""Range of JND1, QP."""

END = 4
"""QPs at an end whose mean slope extends a curve past it."""

LEAST_SLOPE = 0.8
"""Points lost for each QP past an end, at least. This and `END` were found by trying: with them the formula
gives the labels of the clips again."""

LAST = 51.0
"""QP of x264."""

FASTEST = 30.0
"""Frames a second that a rate counts at most, as in VideoSet."""

LEAST_GAP = 1.0


def crossing(qps: Array, score: Array, level: float) -> float:
    """The QP at which a falling score crosses a level.

    Linear between QPs, at the first crossing. Past both ends, extended by the mean slope of the four QPs
    there, of `LEAST_SLOPE` at least, to `LOWEST` and x264's last.

    Parameters
    ----------
    qps, score : ndarray, shape (Q,)
        QPs rising, at least two.
    """
    gaps = score - level
    for (q0, g0), (q1, g1) in pairwise(zip(qps, gaps, strict=True)):
        if g0 >= 0 > g1:
            return float(q0 + (q1 - q0) * g0 / (g0 - g1))
    end, inner = (-1, -min(END, len(qps))) if gaps[-1] >= 0 else (0, min(END, len(qps)) - 1)
    slope = max(float((score[inner] - score[end]) / (qps[end] - qps[inner])), LEAST_SLOPE)
    return min(max(float(qps[end] + gaps[end] / slope), LOWEST), LAST)


def jnd_qps(teacher_qp: float, vmaf_qp: float, rate24: float, rate30: float) -> tuple[float, float, float]:
    """QPs of the first three JNDs at 75 % SUR.

    The second term of JND1 puts VMAF's QP on the teacher's scale as found on 32 clips of real motion. JND2
    and JND3 are regressions fitted on VideoSet's observers; at least 1 apart.

    Parameters
    ----------
    teacher_qp : float
        Where the teacher's SUR crosses 75 per cent.
    vmaf_qp : float
        Where VMAF crosses 95.
    rate24, rate30 : float
        Bits a second at QP 24 and 30, for an area of 1280x720 (see `rate_720p`).
    """
    first = TEACHER_SHARE * teacher_qp + (1 - TEACHER_SHARE) * (26.1 + 0.70 * (vmaf_qp - 31.2))
    jnd1 = min(max(first, LOWEST), HIGHEST)
    rate = min(max(math.log2(rate30) - 21.6, -2.5), 2.5)
    slope = min(max(math.log2(rate30 / rate24) + 1.20, -0.6), 0.6)
    jnd2 = max(6.764 + 0.926 * jnd1 + 0.238 * rate + 0.534 * slope, jnd1 + LEAST_GAP)
    jnd3 = max(12.524 + 0.827 * jnd1 + 0.201 * rate + 0.546 * slope, jnd2 + LEAST_GAP)
    return jnd1, jnd2, jnd3


def rate_720p(size: int, frames: int, fps: float, pixels: int) -> float:
    """Bits a second of an encode of `size` bytes, as if of 1280x720 and of 30 frames a second at most."""
    return size * 8 * min(fps, FASTEST) / frames * LABEL_AREA / pixels
