"""What a schedule's values are called, and where their scale ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jndcore.schedule import Mode

NAMES: dict[Mode, str] = {"qp": "QP", "crf": "CRF"}

LOWEST_CRF, HIGHEST_CRF = 1.0, 51.0
"""What can be set by hand: CRF 0 is lossless, and nobody needs what lies between."""

DRAGGED: dict[Mode, float] = {"qp": 1.0, "crf": 0.5}
"""Steps in which the line in the plot is dragged."""


def ends(mode: Mode) -> tuple[float, float]:
    """Lowest and highest value that can be set by hand."""
    if mode == "crf":
        return LOWEST_CRF, HIGHEST_CRF
    from jndcore.results import QP_MAX, QP_MIN  # too slow before the first paint

    return QP_MIN, QP_MAX


def span(values: Iterable[float], mode: Mode) -> str:
    """Values in words: ``QP 24``, ``CRF 19.5 to 23``."""
    known = list(values)
    low, high = min(known), max(known)
    return f"{NAMES[mode]} {low:g}" if low == high else f"{NAMES[mode]} {low:g} to {high:g}"


def settled(value: float, mode: Mode) -> int | float:
    """The value of the scale nearest to `value`: a whole QP, or a CRF of at most two decimals."""
    low, high = ends(mode)
    within = min(max(value, low), high)
    return round(within) if mode == "qp" else round(within, 2)
