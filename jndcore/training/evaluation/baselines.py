"""What a network must beat: one constant for every clip, and a line through the rate of one trial encode."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Array = NDArray[np.float64]

TRIAL_QP = 30
"""QP of the trial encode, as in VideoSet's own figures (MAE 2.03, 2.06 and 1.96 QP there)."""


def constant_guess(label: Array, fold: NDArray[np.int64]) -> Array:
    """The median label of the clips outside each clip's fold: the constant with least absolute error.

    Parameters
    ----------
    label : ndarray, shape (C, 3)
        A level that lacks a label has no answers.
    fold : ndarray of int64, shape (C,)

    Returns
    -------
    ndarray, shape (C, 3)
    """
    return _held_out(label, fold, lambda known, inside, outside: np.median(known[inside], axis=0))


def trial_encode(label: Array, fold: NDArray[np.int64], log_rate: Array) -> Array:
    """JND_k = a + b log2(rate of an encode at `TRIAL_QP`), the line with least absolute error in training.

    Parameters
    ----------
    label : ndarray, shape (C, 3)
    fold : ndarray of int64, shape (C,)
    log_rate : ndarray, shape (C,)
        log2 of bits a second for 1280x720.

    Returns
    -------
    ndarray, shape (C, 3)
    """

    def predict(known: Array, inside: NDArray[np.bool_], outside: NDArray[np.bool_]) -> Array:
        lines = [least_absolute_line(log_rate[inside], one) for one in known[inside].T]
        return np.stack([a + b * log_rate[outside] for a, b in lines], axis=1)

    return _held_out(label, fold, predict)


def least_absolute_line(x: Array, y: Array) -> tuple[float, float]:
    """Intercept and slope of the line with the least sum of absolute errors, as a linear programme.

    Parameters
    ----------
    x, y : ndarray, shape (N,)
        At least one point.
    """
    centre = x.mean()
    count = len(x)
    line = np.stack([np.ones(count), x - centre], axis=1)
    above = -np.eye(count)  # a bound on each absolute error
    solved = linprog(
        np.concatenate([np.zeros(2), np.ones(count)]),
        A_ub=np.block([[line, above], [-line, above]]),
        b_ub=np.concatenate([y, -y]),
        bounds=[(None, None)] * 2 + [(0, None)] * count,
    )
    level, slope = solved.x[:2]
    return float(level - slope * centre), float(slope)


def _held_out(
    label: Array,
    fold: NDArray[np.int64],
    predict: Callable[[Array, NDArray[np.bool_], NDArray[np.bool_]], Array],
) -> Array:
    """Answers at the levels that are labelled throughout, NaN at the others."""
    labelled = np.isfinite(label).all(axis=0)
    known, answer = label[:, labelled], np.full_like(label, np.nan)
    for number in np.unique(fold):
        outside = fold == number
        answer[np.ix_(outside, labelled)] = predict(known, ~outside, outside)
    return answer
