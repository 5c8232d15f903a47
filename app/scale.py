"""What a schedule's values are called, and where their scale ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jndcore.schedule import Encoder, Mode, Schedule

NAMES: dict[Mode, str] = {"qp": "QP", "crf": "CRF"}

LOWEST_CRF = 1.0
"""What can be set by hand: CRF 0 is lossless, and nobody needs what lies between."""

HIGHEST_CRF: dict[Encoder, float] = {"libx264": 51.0, "libx265": 51.0, "libsvtav1": 63.0}


def ends(schedule: Schedule) -> tuple[float, float]:
    """Lowest and highest value that can be set by hand."""
    if schedule.mode == "crf":
        return LOWEST_CRF, HIGHEST_CRF[schedule.encoder]
    from jndcore.results import QP_MAX, QP_MIN  # too slow before the first paint

    return QP_MIN, QP_MAX


def span(values: Iterable[float], mode: Mode) -> str:
    """Values in words: ``QP 24``, ``CRF 19.5 to 23``."""
    known = list(values)
    low, high = min(known), max(known)
    return f"{NAMES[mode]} {low:g}" if low == high else f"{NAMES[mode]} {low:g} to {high:g}"


def whole(schedule: Schedule) -> bool:
    """Whether the scale has whole numbers alone: QPs, and the CRFs of AV1."""
    return schedule.mode == "qp" or schedule.encoder == "libsvtav1"


def dragged(schedule: Schedule) -> float:
    """Steps in which the line in the plot is dragged."""
    return 1.0 if whole(schedule) else 0.5


def settled(value: float, schedule: Schedule) -> int | float:
    """The value of the scale nearest to `value`: a whole number, or a CRF of at most two decimals."""
    low, high = ends(schedule)
    within = min(max(value, low), high)
    return round(within) if whole(schedule) else round(within, 2)
