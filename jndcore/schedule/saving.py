"""What a schedule saves over one constant QP, on reels of shots whose labels are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndcore.results import QP_MAX, QP_MIN, qp_at_share, sur

Array = NDArray[np.float64]
Size = Callable[[str, int], int]
"""Bytes of a clip encoded at a whole QP."""

_ROUNDING = 1e-6
"""QP, as in planning: a level may lie a hair below the integer that it is meant to be."""


@dataclass(frozen=True)
class Reel:
    """Shots of equal weight that play one after the other.

    Attributes
    ----------
    clips : tuple of str
        Names of the N shots.
    predicted, label : ndarray, shape (N,)
        QP at 75 % SUR: as predicted by a network that did not see the clip, and as labelled.
    sur_sd : ndarray, shape (N,)
        Spread between observers, QP.
    """

    clips: tuple[str, ...]
    predicted: Array
    label: Array
    sur_sd: Array

    def shares(self, qp: Array) -> Array:
        """Percent of viewers who, by the labels, see no further loss in each shot; shape (N,)."""
        return 100 * sur(qp, self.label, self.sur_sd)


@dataclass(frozen=True)
class Choice:
    """QPs for the shots of a reel, shape (N,). Constant ones may lie between integers; see `spend`."""

    name: str
    qp: Array


@dataclass(frozen=True)
class Spent:
    """What a choice costs and keeps.

    Attributes
    ----------
    name : str
        Of the choice.
    qp : tuple of float
        Of each shot.
    bytes : float
        Of all shots.
    worst : float
        Percent of viewers who, by the labels, see no further loss in the worst shot.
    short : int
        Shots in which fewer than the share that was asked for see none.
    """

    name: str
    qp: tuple[float, ...]
    bytes: float
    worst: float
    short: int


def draw(clips: Sequence[str], shots: int, count: int, seed: int) -> list[list[int]]:
    """Reels without a shot in common: `count` lists of `shots` indices into `clips`, by lot.

    Raises
    ------
    ValueError
        Where there are too few clips.
    """
    if shots < 1 or count < 1 or shots * count > len(clips):
        raise ValueError(f"{len(clips)} clips do not make {count} reels of {shots} shots")
    order = np.random.default_rng(seed).permutation(len(clips))[: shots * count]
    return order.reshape(count, shots).tolist()


def choices(reel: Reel, share: float) -> list[Choice]:
    """The QPs that are compared, the schedule first.

    ``schedule``: each shot at what `jndcore.schedule.plan` gives it, the highest whole QP that by the
    prediction `share` percent accept. ``guard``: all shots at the lowest of these, as one would who knows the
    predictions and wants one QP. ``equal``: the constant QP that by the labels leaves as many viewers of the
    worst shot content as the schedule does. ``perfect`` and ``perfect guard``: the first two, were the labels
    predicted.
    """
    planned, known = (whole_qp(values, share, reel.sur_sd) for values in (reel.predicted, reel.label))
    return [
        Choice("schedule", planned),
        Choice("guard", np.full_like(planned, planned.min())),
        Choice("equal", np.full_like(planned, _equal_worst(reel, planned))),
        Choice("perfect", known),
        Choice("perfect guard", np.full_like(known, known.min())),
    ]


def whole_qp(jnd: Array, share: float, sur_sd: Array) -> Array:
    """The highest whole QP, 8..47, that `share` percent of viewers accept; shape (N,)."""
    wanted = np.floor(qp_at_share(share / 100, jnd, sur_sd) + _ROUNDING)
    return np.asarray(np.clip(wanted, QP_MIN, QP_MAX))


def _equal_worst(reel: Reel, qp: Array) -> float:
    """The constant QP, between integers, at which the worst share is that at `qp`; within 8..47."""
    worst = reel.shares(qp).min() / 100
    return float(np.clip(qp_at_share(worst, reel.label, reel.sur_sd).min(), QP_MIN, QP_MAX))


def wanted(choice: Choice, reel: Reel) -> dict[str, set[int]]:
    """The encodes that `spend` needs: whole QPs by clip."""
    return {
        clip: {int(np.floor(qp)), int(np.ceil(qp))} for clip, qp in zip(reel.clips, choice.qp, strict=True)
    }


def spend(choice: Choice, reel: Reel, share: float, size: Size) -> Spent:
    """Bits and viewers of a choice.

    Bytes between two whole QPs are interpolated in their logarithm, so that a constant QP which is to equal a
    schedule is not moved by up to 1 QP, some 12 % of the bits, to be whole.

    Parameters
    ----------
    choice : Choice
    reel : Reel
    share : float
        Percent of viewers asked for.
    size : callable
        See `Size`.
    """
    total = 0.0
    for clip, qp in zip(reel.clips, choice.qp.tolist(), strict=True):
        low = int(np.floor(qp))
        part = qp - low
        total += size(clip, low) ** (1 - part) * (size(clip, low + 1) ** part if part else 1.0)
    kept = reel.shares(choice.qp)
    short = int((kept < share - 1e-6).sum())
    return Spent(choice.name, tuple(choice.qp.tolist()), total, float(kept.min()), short)


def saved(spent: Spent, other: Spent) -> float:
    """Percent of `other`'s bits that `spent` does without; negative where it costs more."""
    return 100 * (1 - spent.bytes / other.bytes)
