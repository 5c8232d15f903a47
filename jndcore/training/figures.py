"""Figures of held-out predictions: always beside the constant guess, always with an interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from jndcore.models.card import Interval, LevelFigures
from jndcore.results import LEVELS

Array = NDArray[np.float64]

RESAMPLES = 10_000
COVERAGE = 0.80
COVERAGE_Z = float(ndtri(0.5 + COVERAGE / 2))
"""Half-width, in standard errors, of the interval that holds 80 % of a normal."""


def bootstrap(values: Array, seed: int, statistic: Callable[[Array], Array] | None = None) -> Interval:
    """A statistic over clips with its 95 % percentile interval.

    Parameters
    ----------
    values : ndarray, shape (C,) or (C, K)
        One value, or one row, for each clip.
    seed : int
    statistic : callable, optional
        From K means over the resampled clips, shape (..., K), to one number each, shape (...); the mean
        itself where K is 1 and none is given.
    """
    rows = values.reshape(len(values), -1)
    pick = np.random.default_rng(seed).integers(0, len(rows), (RESAMPLES, len(rows)))
    means = np.stack([column[pick].mean(1) for column in rows.T], axis=-1)
    of = statistic or (lambda mean: mean[..., 0])
    low, high = np.percentile(of(means), [2.5, 97.5])
    return Interval(value=float(of(rows.mean(0))), low=float(low), high=float(high))


def level_figures(
    predicted: Array, constant: Array, label: Array, err: Array, seed: int
) -> list[LevelFigures]:
    """How predictions fare against labels, level by level.

    Parameters
    ----------
    predicted, constant, label : ndarray, shape (C, 3)
        QPs of held-out clips, the constant guess of their folds, and the truth.
    err : ndarray, shape (C, 3)
        Standard errors that come with the predictions, calibrated.
    """
    return [
        _one_level(level, predicted[:, k], constant[:, k], label[:, k], err[:, k], seed)
        for k, level in enumerate(LEVELS)
    ]


def _one_level(
    level: int, predicted: Array, constant: Array, label: Array, err: Array, seed: int
) -> LevelFigures:
    error, guess = np.abs(predicted - label), np.abs(constant - label)
    return LevelFigures(
        level=level,
        mae=bootstrap(error, seed),
        constant_mae=bootstrap(guess, seed),
        difference=bootstrap(error - guess, seed),
        ratio=bootstrap(np.stack([error, guess], 1), seed, lambda mean: mean[..., 0] / mean[..., 1]),
        bias=bootstrap(predicted - label, seed),
        coverage80=float((error <= COVERAGE_Z * err).mean()),
    )


def err_factor(predicted: Array, label: Array, err: Array) -> Array:
    """The factor, for each level, at which 80 % of the labels lie inside their 80 % interval.

    Parameters
    ----------
    predicted, label, err : ndarray, shape (C, 3)
        Held-out QPs, their labels, and the standard errors to be corrected.
    """
    return np.asarray(np.quantile(np.abs(predicted - label) / (COVERAGE_Z * err), COVERAGE, axis=0))


def err_factors(predicted: Array, label: Array, err: Array, fold: NDArray[np.int64]) -> Array:
    """`err_factor` for each clip, found on the other folds' clips alone; shape (C, 3).

    So the share of labels inside the interval is one that could have come out wrong.
    """
    factors = np.empty_like(err)
    for number in np.unique(fold):
        others = fold != number
        factors[~others] = err_factor(predicted[others], label[others], err[others])
    return factors
