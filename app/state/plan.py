"""The QP schedule that is being planned from the current model's analysis."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from psygnal import SignalGroupDescriptor

from app.state.mapped import Mapped

if TYPE_CHECKING:
    from jndcore.schedule import Encoder, Mode, Schedule, Segment
    from jndcore.schedule.writers import Written


@dataclass(frozen=True)
class PlanOptions:
    """What a plan is to keep to.

    Attributes
    ----------
    level : int
        JND level that viewers are not to notice, 1..3.
    share : float
        Percent of viewers, 50..95.
    max_step : int or None
        Largest difference between neighbouring segments, QP.
    force : bool
        The user has read the doubts and wants a plan all the same.
    mode : "qp" or "crf"
        What the encoder is steered by. CRFs are made of the QPs that are planned.
    refine : bool
        Trial encodes correct the levels, and find the CRFs for the encoder and preset of the target.
    """

    level: int = 1
    share: float = 75.0
    max_step: int | None = None
    force: bool = False
    mode: Mode = "qp"
    refine: bool = False

    @property
    def matched(self) -> bool:
        """Whether CRFs are found by trial encodes: those are of one encoder and preset."""
        return self.refine and self.mode == "crf"


class TargetChoice(NamedTuple):
    """A writer by its name, which of its encoders is meant, and how thoroughly that is to work."""

    name: str
    encoder: Encoder
    preset: str = "medium"


FIRST_TARGET = TargetChoice("x264", "libx264")


@dataclass(frozen=True)
class Planned:
    """A schedule with what it was planned by; one step of undo goes from one to another.

    Attributes
    ----------
    options : PlanOptions
    schedule : Schedule
    by_hand : bool
        Whether it was edited.
    mapped : Mapped or None
        Where its values come from, if they are CRFs.
    target : TargetChoice or None
        What its CRFs were matched for, if they were.
    """

    options: PlanOptions
    schedule: Schedule
    by_hand: bool = False
    mapped: Mapped | None = None
    target: TargetChoice | None = None

    def fits(self, target: TargetChoice) -> bool:
        """Whether its values are for what the target drives: AV1 takes no QPs, and CRFs are one encoder's."""
        from jndcore.schedule.schedule import MODES  # there is a schedule, so this was imported

        made = self.schedule
        if made.mode == "qp":
            return "qp" in MODES[target.encoder]
        return (made.encoder, made.preset) == (target.encoder, target.preset)

    def qp_at(self, frame: int) -> float:
        """The QP of `frame`; in a schedule of CRFs the one of equal quality."""
        value = self.schedule.at(frame).value
        return value if self.mapped is None else self.mapped.qp_at(frame, value)

    def parts(self, segment: Segment) -> Iterator[tuple[int, int, float]]:
        """Start, stop and QP of a segment, or of the parts in which its CRF equals different QPs."""
        if self.mapped is None:
            yield segment.start, segment.stop, segment.value
        else:
            yield from self.mapped.parts(segment)


@dataclass
class Plan:
    """The schedule, where it stands, and what the chosen target would get of it.

    Attributes
    ----------
    shown : bool
        Whether the schedule is on screen; nothing is planned before.
    options : PlanOptions
        As chosen; `planned` follows a little later.
    planned : Planned or None
    planning : bool
        Whether a plan is under way.
    stage : str
        What the plan under way encodes for; empty while it encodes nothing.
    done : float
        The share of that stage that is done, 0..1.
    doubts : tuple of str
        What stands against planning at all, and needs the user's consent.
    trouble : str
        Why nothing can be planned, where that is so.
    target : TargetChoice
    written : Written or None
        The target's files and command for `planned`, not yet on the disk.
    refusal : str
        Why the target does not take `planned`.
    undo, redo : str
        What there is to undo and to redo; empty for nothing.
    """

    shown: bool = False
    options: PlanOptions = PlanOptions()
    planned: Planned | None = None
    planning: bool = False
    stage: str = ""
    done: float = 0.0
    doubts: tuple[str, ...] = ()
    trouble: str = ""
    target: TargetChoice = FIRST_TARGET
    written: Written | None = None
    refusal: str = ""
    undo: str = ""
    redo: str = ""
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    @property
    def schedule(self) -> Schedule | None:
        """The schedule as it stands."""
        return self.planned.schedule if self.planned else None

    @property
    def fits(self) -> bool:
        """Whether the schedule that stands is for what the chosen target drives."""
        return self.planned is not None and self.planned.fits(self.target)

    def adopt(self, planned: Planned) -> None:
        """Let a schedule stand, with the options that it was planned by, and a target that it is for."""
        self.planned = planned
        self.options = planned.options
        if planned.target is not None and not planned.fits(self.target):
            self.target = planned.target

    def index_at(self, frame: int) -> int:
        """Number of the segment that `frame` lies in; the nearest one outside, -1 without a schedule."""
        if self.planned is None:
            return -1
        segments = self.planned.schedule.segments
        return max(bisect_right(segments, frame, key=lambda segment: segment.start) - 1, 0)
