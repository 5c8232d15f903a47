"""Which frames of an encode have the QP that their schedule plans."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndcore.media import ReadBack
from jndcore.schedule.report import OffPlan
from jndcore.schedule.schedule import QP_OFFSETS, Schedule


def added(types: NDArray[np.str_]) -> NDArray[np.float64]:
    """What each frame's type adds to the planned QP, shape (F,); NaN where the type is not known."""
    return np.array([QP_OFFSETS.get(kind, np.nan) for kind in types.tolist()], dtype=np.float64)


def off_plan(found: ReadBack, schedule: Schedule) -> list[OffPlan]:
    """Frames with a macroblock or slice of another QP than planned.

    Frames in which none can be read are not among them, and a CRF schedule has none.

    Parameters
    ----------
    found : ReadBack
        Of as many frames as `schedule`.
    schedule : Schedule
    """
    if schedule.mode == "crf":
        return []
    planned = schedule.values() + added(found.types)
    wrong = (found.qp_min != planned) | (found.qp_max != planned)
    return [
        OffPlan(
            n,
            str(found.types[n]),
            int(planned[n]) if np.isfinite(planned[n]) else None,
            float(found.qp_min[n]),
            float(found.qp_max[n]),
        )
        for n in np.flatnonzero(wrong & np.isfinite(found.qp)).tolist()
    ]


def reasons(found: ReadBack, schedule: Schedule, off: list[OffPlan]) -> list[str]:
    """Why QPs are not as planned, or not proved to be."""
    if schedule.mode == "crf":
        return []
    if not np.isfinite(found.qp).any():
        return [f"QPs of {found.codec} cannot be read back, so they are not proved"]
    said = []
    if off:
        said.append(f"{len(off)} of {len(found)} frames are off plan, the first is frame {off[0].frame}")
    if not found.uniform:
        said.append("blocks may have other QPs than their slice: adaptive quantisation or cutree is on")
    return said


def remarks(found: ReadBack) -> list[str]:
    """What is odd about the QPs."""
    unread = int(np.isnan(found.qp).sum())
    if 0 < unread < len(found):
        return [f"{unread} frames hold raw samples alone and have no QP."]
    return []
