"""The CRF at which an encoder gives a wanted quality, by few trials: each is an encode."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np

MOST = 7
"""Trials at most; two to four are usual."""


@dataclass(frozen=True)
class Scale:
    """CRFs of an encoder, as far as a search must know them.

    Attributes
    ----------
    step : float
        Between two CRFs that are tried. Of 1 and more, the highest CRF is sought whose quality is not lower
        than wanted; of less, one that comes within `close` of it.
    lowest, highest : float
    fall : float
        Quality that one CRF costs, roughly, for the first step; from then on the trials tell.
    close : float
        Quality that need not be told apart.
    """

    step: float
    lowest: float
    highest: float
    fall: float
    close: float


@dataclass(frozen=True)
class Match:
    """What a search finds.

    Attributes
    ----------
    crf : float
    error : float
        Its quality less the wanted.
    trials : int
    at_end : bool
        It is an end of the scale, and beyond would be nearer.
    """

    crf: float
    error: float
    trials: int
    at_end: bool


def find_crf(quality: Callable[[float], float], wanted: float, start: float, scale: Scale) -> Match:
    """Search for the CRF at which `quality`, which encodes and measures, equals `wanted`; see `searching`."""
    search = searching(wanted, start, scale)
    crf = next(search)
    while True:
        try:
            crf = search.send(quality(crf))
        except StopIteration as end:
            match: Match = end.value
            return match


def searching(wanted: float, start: float, scale: Scale) -> Generator[float, float, Match]:
    """Yield a CRF to try, take its quality, and so on; return what was found.

    Parameters
    ----------
    wanted : float
        A quality, which falls with the CRF.
    start : float
        The CRF to try first.
    scale : Scale
    """
    first, last = round(scale.lowest / scale.step), round(scale.highest / scale.step)
    known: dict[int, float] = {}  # errors by CRF in steps
    due = start / scale.step
    for _ in range(MOST):
        tried = int(np.clip(round(due), first, last))
        if tried in known:
            break
        known[tried] = (yield tried * scale.step) - wanted
        if scale.step < 1 and abs(known[tried]) <= scale.close:
            break
        due = _next(known, scale)
    best = _best(known, scale)
    error = known[best]
    beyond = (best == last and error > scale.close) or (best == first and error < -scale.close)
    return Match(round(best * scale.step, 6), error, len(known), beyond)


def _next(known: dict[int, float], scale: Scale) -> float:
    """Where to look next, in steps; one that is known where nothing is left to be found."""
    good = [k for k, error in known.items() if error >= 0]
    bad = [k for k, error in known.items() if error < 0]
    if good and bad:
        a, b = max(good), min(bad)
        if b <= a + 1:
            return a
        crossing = a + (b - a) * known[a] / (known[a] - known[b])
        return float(np.clip(round(crossing), a + 1, b - 1))
    nearest = max(good) if good else min(bad)
    move = known[nearest] / (_fall(known, scale) * scale.step)
    return nearest + (max(move, 1) if good else min(move, -1))


def _fall(known: dict[int, float], scale: Scale) -> float:
    """Quality that one CRF costs, for going beyond all trials: as between the two nearest, within reason."""
    if len(known) < 2:
        return scale.fall
    a, b = sorted(known, key=lambda k: abs(known[k]))[:2]
    found = (known[a] - known[b]) / ((b - a) * scale.step)
    return float(np.clip(found, scale.fall / 3, scale.fall * 3))


def _best(known: dict[int, float], scale: Scale) -> int:
    if scale.step < 1:
        return min(known, key=lambda k: abs(known[k]))
    good = [k for k, error in known.items() if error >= 0]
    return max(good) if good else min(known)
