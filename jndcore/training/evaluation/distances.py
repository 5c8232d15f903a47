"""How far predictions are off, clip by clip: normal predictions by CRPS, SUR curves by mean distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import binom

from jndcore.results import OBSERVER_SD, sur
from jndcore.training.figures import COVERAGE

Array = NDArray[np.float64]

SUR_QPS = np.arange(18.0, 46.0)
"""QPs at which SUR curves are compared: the range of the encodes that the labels were made from."""


def crps(qp: Array, err: Array, label: Array) -> Array:
    """Continuous ranked probability score of a normal prediction, QP: the absolute error, with doubt.

    Gneiting and Raftery, Strictly Proper Scoring Rules, JASA 2007, equation 21.

    Parameters
    ----------
    qp, err, label : ndarray
        Mean and standard deviation (above 0) of the prediction, and what came; shapes as they broadcast.
    """
    z = (label - qp) / err
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    score: Array = err * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    return score


def sur_error(qp: Array, sd: Array, label: Array) -> Array:
    """Mean absolute distance of two first-JND SUR curves over `SUR_QPS`, a share of viewers, 0..1.

    The truth is the normal with VideoSet's spread, 75 % of whose viewers accept the label.

    Parameters
    ----------
    qp, sd : ndarray, shape (C,)
        QP at 75 % SUR and spread between observers, as predicted.
    label : ndarray, shape (C,)

    Returns
    -------
    ndarray, shape (C,)
    """
    predicted = sur(SUR_QPS, qp[:, None], sd[:, None])
    truth = sur(SUR_QPS, label[:, None], OBSERVER_SD[0])
    return np.asarray(np.abs(predicted - truth).mean(axis=1))


def coverage_range(clips: int) -> tuple[float, float]:
    """Where the share of labels inside honest 80 % intervals lies with 95 % probability, by the binomial."""
    low, high = binom.interval(0.95, clips, COVERAGE)
    return float(low) / clips, float(high) / clips
