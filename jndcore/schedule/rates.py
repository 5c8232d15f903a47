"""Bits and quality of reels over the share of viewers or the constant: curves, and their BD-rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from jndcore.schedule.bd_rate import bd_rate
from jndcore.schedule.reel import Reel
from jndcore.schedule.saving import ToCrf, whole_qp
from jndcore.schedule.schedule import Mode

Array = NDArray[np.float64]

SHARES = (50.0, 60.0, 70.0, 80.0, 90.0)
"""Percent of viewers that schedules are planned for."""

CONSTANTS = (12.0, 16.0, 20.0, 24.0, 28.0, 32.0)
"""QPs and CRFs that hold for a whole reel."""

RIVAL = "constant CRF"
METRICS = ("mean XPSNR", "viewers content in the worst shot")

_SURE = 1e-9
"""Share of viewers nearest to none and to all, so that the normal curve stays finite."""


@dataclass(frozen=True)
class RateCurve:
    """One way of encoding a reel at P settings.

    Attributes
    ----------
    name : str
    bytes : ndarray, shape (P,)
    xpsnr : ndarray, shape (P,)
        Mean over the frames, dB.
    worst : ndarray, shape (P,)
        Percent of viewers who, by the labels, see no further loss in the worst shot.
    """

    name: str
    bytes: Array
    xpsnr: Array
    worst: Array

    def quality(self, metric: str) -> Array:
        """The values on one of `METRICS`; of viewers, standard deviations of the normal curve."""
        if metric == METRICS[0]:
            return self.xpsnr
        return np.asarray(ndtri(np.clip(self.worst / 100, _SURE, 1 - _SURE)))


def rate_curves(reel: Reel, to_crf: ToCrf) -> list[RateCurve]:
    """Of a reel: schedules by QP and by CRF over `SHARES`, constants over `CONSTANTS`.

    Bytes and XPSNR are read off each shot's trial encodes, see `jndcore.schedule.equal.ClipCurves`.
    """
    planned = [whole_qp(reel.predicted, share, reel.sur_sd) for share in SHARES]
    mapped = [to_crf(qp, reel.jnd1, reel.frames) for qp in planned]
    constant = [np.full(len(reel.clips), value) for value in CONSTANTS]
    return [
        _curve("schedule by QP", reel, "qp", planned),
        _curve("schedule by CRF, mapped", reel, "crf", mapped),
        _curve("schedule by CRF, matched", reel, "crf", [reel.crfs(qp) for qp in planned]),
        _curve("constant QP", reel, "qp", constant),
        _curve(RIVAL, reel, "crf", constant),
    ]


def _curve(name: str, reel: Reel, mode: Mode, settings: Sequence[Array]) -> RateCurve:
    rows = []
    for values in settings:
        shots = list(zip(reel.curves, values.tolist(), strict=True))
        kept = reel.shares(values if mode == "qp" else reel.qps(values))
        size = sum(clip.bytes(mode, value) for clip, value in shots)
        rows.append((size, float(np.mean([clip.xpsnr(mode, value) for clip, value in shots])), kept.min()))
    return RateCurve(name, *np.array(rows).T)


def bd_rates(reels: Sequence[Sequence[RateCurve]], metric: str) -> dict[str, Array]:
    """BD-rate of each way against `RIVAL`, percent, for each of R reels; shape (R,), by name.

    NaN for a reel whose curves have no quality in common.

    Parameters
    ----------
    reels : sequence of sequence of RateCurve
        As `rate_curves` gives them.
    metric : str
        One of `METRICS`.
    """
    found: dict[str, list[float]] = {}
    for curves in reels:
        rival = next(curve for curve in curves if curve.name == RIVAL)
        for curve in curves:
            if curve is not rival:
                figures = curve.bytes, curve.quality(metric), rival.bytes, rival.quality(metric)
                found.setdefault(curve.name, []).append(_bd_rate(*figures))
    return {name: np.array(values) for name, values in found.items()}


def _bd_rate(*figures: Array) -> float:
    try:
        return bd_rate(*figures)
    except ValueError:
        return float("nan")
