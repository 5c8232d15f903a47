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

LABEL_AREA = 1280 * 720
"""Luma samples of the pictures that were labelled: bit rates of other sizes are told as of this one."""

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
        QP at 75 % SUR, x264 P-frame scale. NaN where nothing is known, or the model tells no such level.
        Rising from level to level, unless the model does not order them (see `crossed`).
    sur_sd : ndarray of float64, shape (N, 3)
        Spread between observers in QP, the standard deviation of the normal SUR curve; NaN where the model
        tells none.
    err : ndarray of float64, shape (N, 3)
        The model's own standard error of `qp`, in QP; says nothing about observers. NaN where it has none.
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

    @property
    def known(self) -> NDArray[np.bool_]:
        """Rows for which at least one level is known, shape (N,)."""
        return np.asarray(np.isfinite(self.qp).any(axis=1), dtype=np.bool_)

    @property
    def crossed(self) -> NDArray[np.bool_]:
        """Rows in which a level lies below the level before it, shape (N,); never in an ordered model."""
        return np.asarray((np.diff(self.qp, axis=1) < 0).any(axis=1), dtype=np.bool_)

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
