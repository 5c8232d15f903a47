"""Bjøntegaard's rate difference: bits of one way of encoding against another's at equal quality."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

Array = NDArray[np.float64]

LEAST = 4
"""Points of each curve: with fewer the area between them is a guess."""


def bd_rate(rate: Array, quality: Array, rival_rate: Array, rival_quality: Array) -> float:
    """Mean difference of rate over the qualities that both reach, in percent; negative where bits are saved.

    The area between log-rate curves over quality (Bjøntegaard, VCEG-M33, 2001), through the points by
    monotone cubics (PCHIP), as JVET's common test conditions have it since 2020, not by one polynomial.

    Parameters
    ----------
    rate, rival_rate : ndarray, shape (N,) and (M,)
        Of any unit, above 0.
    quality, rival_quality : ndarray, shape (N,) and (M,)
        On one metric; in each curve more rate gives more quality.

    Raises
    ------
    ValueError
        For fewer than four points, a curve that does not rise, or curves without a common quality.
    """
    curves = [_curve(rate, quality), _curve(rival_rate, rival_quality)]
    low = max(curve.x[0] for curve in curves)
    high = min(curve.x[-1] for curve in curves)
    if low >= high:
        raise ValueError("the curves have no quality in common")
    mine, theirs = (float(curve.integrate(low, high)) for curve in curves)
    return 100 * float(np.expm1((mine - theirs) / (high - low)))


def _curve(rate: Array, quality: Array) -> PchipInterpolator:
    """Natural logarithm of the rate by quality."""
    if len(rate) < LEAST:
        raise ValueError(f"a curve takes {LEAST} points, not {len(rate)}")
    order = np.argsort(quality)
    log_rate, at = np.log(rate[order]), quality[order]
    if (np.diff(at) <= 0).any() or (np.diff(log_rate) <= 0).any():
        raise ValueError("more rate must give more quality")
    return PchipInterpolator(at, log_rate)
