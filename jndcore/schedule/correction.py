"""Correcting predictions by what a probe encode shows, judged on clips that it was not fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FOLDS, ROUNDS = 10, 5
"""Folds of each cross-validation, and cross-validations with other folds, whose errors are averaged."""

RIDGE = 3.0
"""Weight of the squared coefficients of standardised features: as three clips more that show nothing."""

REACH = 2.5
"""Standard deviations from the mean to which features are clipped: beyond, hardly a clip was seen."""

RESAMPLES = 2000


@dataclass(frozen=True)
class Correction:
    """A ridge regression of what the labels say beyond the prediction.

    Attributes
    ----------
    mean, sd, weights : tuple of float
        For each of K features: where it lies, how far it spreads, and QP for each standard deviation.
    base : float
        QP at the mean.
    """

    mean: tuple[float, ...]
    sd: tuple[float, ...]
    weights: tuple[float, ...]
    base: float

    @classmethod
    def fit(cls, features: Array, target: Array) -> Correction:
        """Fit to C clips: `features` of shape (C, K), `target` of shape (C,)."""
        mean, sd = features.mean(0), np.maximum(features.std(0), 1e-9)
        a = np.clip((features - mean) / sd, -REACH, REACH)
        centre = a.mean(0)
        b = target - target.mean()
        square = (a - centre).T @ (a - centre) + RIDGE * np.eye(a.shape[1])
        weights = np.linalg.solve(square, (a - centre).T @ b)
        base = float(target.mean() - centre @ weights)
        return cls(tuple(mean.tolist()), tuple(sd.tolist()), tuple(weights.tolist()), base)

    def tell(self, features: Array) -> Array:
        """What it says of clips, features of shape (C, K); shape (C,)."""
        z = np.clip((features - np.array(self.mean)) / np.array(self.sd), -REACH, REACH)
        return np.asarray(z @ np.array(self.weights) + self.base)


@dataclass(frozen=True)
class Difference:
    """Mean over clips, and its 95 % interval by a bootstrap over groups."""

    value: float
    low: float
    high: float


def held_out_errors(features: Array, target: Array, group: Sequence[str], seed: int = 0) -> Array:
    """Absolute error for each clip of a ridge regression fitted without its group; shape (C,).

    Parameters
    ----------
    features : ndarray, shape (C, K)
    target : ndarray, shape (C,)
    group : sequence of str
        C of them; clips of one group are left out together.
    seed : int
        Of the folds.
    """
    kinds, of = np.unique(np.asarray(group), return_inverse=True)
    folds = min(FOLDS, len(kinds))
    errors = np.zeros(len(target))
    for turn in range(ROUNDS):
        fold = (np.random.default_rng([seed, turn]).permutation(len(kinds)) % folds)[of]
        for number in range(folds):
            inside = fold != number
            told = Correction.fit(features[inside], target[inside]).tell(features[~inside])
            errors[~inside] += np.abs(target[~inside] - told) / ROUNDS
    return errors


def difference(errors: Array, others: Array, group: Sequence[str], seed: int = 0) -> Difference:
    """How much larger `errors` are than `others`, clip by clip; below 0 where they are smaller.

    Parameters
    ----------
    errors, others : ndarray, shape (C,)
    group : sequence of str
        C of them: clips of one source err alike, so groups are drawn.
    seed : int
        Of the draws.
    """
    kinds, of = np.unique(np.asarray(group), return_inverse=True)
    total, number = np.bincount(of, errors - others), np.bincount(of)
    pick = np.random.default_rng(seed).integers(0, len(kinds), (RESAMPLES, len(kinds)))
    means = total[pick].sum(1) / number[pick].sum(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Difference(float((errors - others).mean()), float(low), float(high))
