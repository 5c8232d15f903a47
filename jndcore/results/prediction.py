"""A prediction: three JND levels for each of N pictures, with the two doubts kept apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVELS = (1, 2, 3)

QP_MIN, QP_MAX = 8, 47
"""Usable QPs of x264: bit rates do not change below 8 and above 47 (VideoSet's encodes)."""

OBSERVER_SD = (4.68, 2.79, 1.95)
"""Spread between the observers of one clip, QP, levels 1..3 (VideoSet, 1280x720, mean of 220 clips)."""

LABEL_CONVENTION = (
    "QP that 75 % of viewers accept (75 % SUR), x264 P-frame scale (-qp N); "
    "levels 2 and 3 are against the level before; labels are for clips, so a frame's value is a "
    "local estimate of its clip's, and a shot's value is the model's own pooling of its frames"
)


@dataclass(frozen=True)
class Prediction:
    """JND levels of N frames, clips or shots.

    Attributes
    ----------
    qp : ndarray of float64, shape (N, 3)
        QP at 75 % SUR, x264 P-frame scale. NaN where nothing is known. Ordered:
        ``qp[:, 0] <= qp[:, 1] <= qp[:, 2]``.
    sur_sd : ndarray of float64, shape (N, 3)
        Spread between observers in QP, the standard deviation of the normal SUR curve.
    err : ndarray of float64, shape (N, 3)
        The model's own standard error of `qp`, in QP; says nothing about observers.
    """

    qp: NDArray[np.float64]
    sur_sd: NDArray[np.float64]
    err: NDArray[np.float64]

    def __post_init__(self) -> None:
        shapes = {self.qp.shape, self.sur_sd.shape, self.err.shape}
        if len(shapes) != 1 or self.qp.ndim != 2 or self.qp.shape[1] != len(LEVELS):
            raise ValueError(f"a prediction takes three arrays of shape (N, 3), not {sorted(shapes)}")

    def __len__(self) -> int:
        return len(self.qp)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Prediction:
        """The rows that a numpy index names."""
        return Prediction(self.qp[rows], self.sur_sd[rows], self.err[rows])

    @staticmethod
    def unknown(n: int) -> Prediction:
        """N rows of NaN."""
        return Prediction(*(np.full((n, len(LEVELS)), np.nan) for _ in range(3)))

    @staticmethod
    def stack(parts: Iterable[Prediction]) -> Prediction:
        """All rows of `parts`, in order; no parts give no rows."""
        parts = list(parts)
        if not parts:
            return Prediction.unknown(0)
        return Prediction(
            np.concatenate([p.qp for p in parts]),
            np.concatenate([p.sur_sd for p in parts]),
            np.concatenate([p.err for p in parts]),
        )
