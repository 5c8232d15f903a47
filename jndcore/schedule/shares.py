"""Which shares of viewers a QP satisfies: the two readings of levels 2 and 3."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndcore.results import OBSERVER_SD, Prediction, sur
from jndcore.schedule.schedule import Predicted


@dataclass(frozen=True)
class Told:
    """What is told of N segments at one level, and of level 1 beside it; shapes (N,), NaN: unknown."""

    jnd: NDArray[np.float64]
    sur_sd: NDArray[np.float64]
    err: NDArray[np.float64]
    first_jnd: NDArray[np.float64]
    first_sur_sd: NDArray[np.float64]

    @classmethod
    def of(cls, prediction: Prediction, level: int) -> Told:
        """`level` of a prediction; a spread that it does not tell is VideoSet's."""
        k = level - 1
        return cls(
            prediction.qp[:, k],
            _spread(prediction, k),
            prediction.err[:, k],
            prediction.qp[:, 0],
            _spread(prediction, 0),
        )

    def at(self, qp: NDArray[np.int64]) -> list[Predicted]:
        """With the shares at each segment's QP."""
        further = 100 * sur(qp, self.jnd, self.sur_sd)
        none = 100 * sur(qp, self.first_jnd, self.first_sur_sd)
        columns = (self.jnd, self.sur_sd, self.err, self.first_jnd, self.first_sur_sd, further, none)
        rows = np.column_stack(columns).tolist()
        return [Predicted(*(None if math.isnan(value) else value for value in row)) for row in rows]


def at_qp(predicted: Predicted, qp: int) -> Predicted:
    """What is predicted of the same pictures at another QP."""

    def one(value: float | None) -> NDArray[np.float64]:
        return np.array([math.nan if value is None else value])

    told = Told(
        one(predicted.jnd),
        one(predicted.sur_sd),
        one(predicted.err),
        one(predicted.first_jnd),
        one(predicted.first_sur_sd),
    )
    return told.at(np.array([qp]))[0]


def _spread(prediction: Prediction, k: int) -> NDArray[np.float64]:
    told = np.where(np.isfinite(prediction.sur_sd[:, k]), prediction.sur_sd[:, k], OBSERVER_SD[k])
    return np.where(np.isfinite(prediction.qp[:, k]), told, np.nan)
