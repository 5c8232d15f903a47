"""What a schedule saves over one constant QP or CRF, on reels of shots whose labels are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndcore.results import QP_MAX, QP_MIN, qp_at_share
from jndcore.schedule.reel import Reel
from jndcore.schedule.schedule import Mode

Array = NDArray[np.float64]
ToCrf = Callable[[Array, Array, Array], Array]
"""CRFs of N shots by their QPs, predicted JND1 and frames; see `jndcore.schedule.crf_map.CrfMap.crf`."""

_ROUNDING = 1e-6
"""QP, as in planning: a level may lie a hair below the integer that it is meant to be."""


@dataclass(frozen=True)
class Choice:
    """QPs or CRFs for the shots of a reel, shape (N,). Constant QPs may lie between integers."""

    name: str
    mode: Mode
    values: Array


@dataclass(frozen=True)
class Spent:
    """What a choice costs and keeps.

    Attributes
    ----------
    name : str
        Of the choice.
    mode : "qp" or "crf"
    values : tuple of float
        Of each shot.
    bytes : float
        Of all shots.
    worst : float
        Percent of viewers who, by the labels, see no further loss in the worst shot; at a CRF, in the shot at
        the QP of the same XPSNR.
    short : int
        Shots in which fewer than the share that was asked for see none.
    """

    name: str
    mode: Mode
    values: tuple[float, ...]
    bytes: float
    worst: float
    short: int


def choices(reel: Reel, share: float, to_crf: ToCrf) -> list[Choice]:
    """The QPs and CRFs that are compared, the schedule first.

    ``schedule``: each shot at what `jndcore.schedule.plan` gives it, the highest whole QP that by the
    prediction `share` percent accept. ``guard``: all shots at the lowest of these, as one would who knows the
    predictions and wants one QP. ``equal``: the constant QP that by the labels leaves as many viewers of the
    worst shot content as the schedule does. ``perfect`` and ``perfect guard``: the first two, were the labels
    predicted. ``crf schedule``, ``crf exact``: each shot at the CRF of the schedule's QP, by `to_crf` and by
    its own trial encodes. ``crf guard``, ``crf equal``: the constant CRFs, chosen as the constant QPs are.
    """
    planned, known = (whole_qp(values, share, reel.sur_sd) for values in (reel.predicted, reel.label))
    mapped = to_crf(planned, reel.jnd1, reel.frames)
    least = _kept_by_all(reel, reel.shares(planned).min() / 100)

    def constant(value: float) -> Array:
        return np.full(len(reel.clips), value)

    return [
        Choice("schedule", "qp", planned),
        Choice("guard", "qp", constant(planned.min())),
        Choice("equal", "qp", constant(float(np.clip(least.min(), QP_MIN, QP_MAX)))),
        Choice("perfect", "qp", known),
        Choice("perfect guard", "qp", constant(known.min())),
        Choice("crf schedule", "crf", mapped),
        Choice("crf exact", "crf", reel.crfs(planned)),
        Choice("crf guard", "crf", constant(mapped.min())),
        Choice("crf equal", "crf", constant(reel.crfs(least).min())),
    ]


def whole_qp(jnd: Array, share: float, sur_sd: Array) -> Array:
    """The highest whole QP, 8..47, that `share` percent of viewers accept; shape (N,)."""
    wanted = np.floor(qp_at_share(share / 100, jnd, sur_sd) + _ROUNDING)
    return np.asarray(np.clip(wanted, QP_MIN, QP_MAX))


def _kept_by_all(reel: Reel, share: float) -> Array:
    """The QP of each shot, between integers, at which by the labels the share 0..1 of viewers is content."""
    return np.asarray(qp_at_share(share, reel.label, reel.sur_sd))


def spend(choice: Choice, reel: Reel, share: float) -> Spent:
    """Bits and viewers of a choice, read off the shots' trial encodes.

    Parameters
    ----------
    choice : Choice
    reel : Reel
    share : float
        Percent of viewers asked for.
    """
    shots = zip(reel.curves, choice.values.tolist(), strict=True)
    total = sum(shot.bytes(choice.mode, value) for shot, value in shots)
    kept = reel.shares(choice.values if choice.mode == "qp" else reel.qps(choice.values))
    short = int((kept < share - 1e-6).sum())
    return Spent(choice.name, choice.mode, tuple(choice.values.tolist()), total, float(kept.min()), short)


def saved(spent: Spent, other: Spent) -> float:
    """Percent of `other`'s bits that `spent` does without; negative where it costs more."""
    return 100 * (1 - spent.bytes / other.bytes)
