"""The proof of an encode against the schedule, and the check that is under way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from psygnal import SignalGroupDescriptor

if TYPE_CHECKING:
    from jndcore.schedule import Schedule
    from jndcore.schedule.report import Report, SegmentReport

Score = Literal["xpsnr", "psnr", "ssim", "vmaf", "bits"]


@dataclass(frozen=True, eq=False)
class Checked:
    """One encode, checked.

    Attributes
    ----------
    encoded : Path
    schedule : Schedule
        What it was checked against, for the encoder that was chosen.
    report : Report
    values : dict of Score to ndarray of float64, shape (F,)
        What is known of each frame; bits are in thousands. Empty where the frames do not pair.
    worst : dict of Score to ndarray of int, shape (W,)
        Frames to look at, the worst first, see `app.worst_frames`; bits are no score and have none.
    off_plan : ndarray of bool, shape (F,)
        Whether a frame has another QP than planned.
    """

    encoded: Path
    schedule: Schedule
    report: Report
    values: dict[Score, NDArray[np.float64]]
    worst: dict[Score, NDArray[np.intp]]
    off_plan: NDArray[np.bool_]

    def is_of(self, schedule: Schedule | None, encoder: str) -> bool:
        """Whether an encoder gets from `schedule` what it got from the one that was checked against."""
        if schedule is None or encoder != self.schedule.encoder:
            return False
        return _orders(schedule) == _orders(self.schedule)

    def segment_at(self, frame: int) -> SegmentReport | None:
        """What was found in the segment that `frame` lies in."""
        return next((s for s in self.report.segments if s.start <= frame < s.stop), None)


@dataclass
class Proof:
    """One proof at a time, and one check.

    Attributes
    ----------
    checked : Checked or None
        The last check of an encode of the open video.
    score : str
        Which one is plotted.
    checking : Path or None
        The encode that is being checked; None while there is none.
    stage : str
        What the check does.
    done : float
        Share of the stage, 0..1.
    made : Path or None
        What was encoded last of the open video, in this window.
    offered : bool
        Whether `made` was not checked yet.
    vmaf : bool
        Whether checks measure VMAF too, which takes about as long again as all the rest.
    can_vmaf : bool
        Whether the program that does so is installed.
    """

    checked: Checked | None = None
    score: Score = "xpsnr"
    checking: Path | None = None
    stage: str = ""
    done: float = 0.0
    made: Path | None = None
    offered: bool = False
    vmaf: bool = False
    can_vmaf: bool = False
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()


def _orders(schedule: Schedule) -> tuple[object, ...]:
    return schedule.mode, [(segment.start, segment.stop, segment.value) for segment in schedule.segments]
