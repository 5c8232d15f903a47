"""Jobs on schedules, for a thread: what they import is heavy, and a long video takes a while to plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from app.state.mapped import Mapped
from app.state.plan import Planned, PlanOptions, TargetChoice
from jndcore.errors import JNDError

if TYPE_CHECKING:
    from jndcore.media import VideoInfo
    from jndcore.results import Analysis
    from jndcore.schedule import Level, Schedule
    from jndcore.schedule.writers import VideoFacts, Written

FORCED = "planned all the same: "
"""How a schedule's warnings begin that tell what it was planned in spite of."""


@dataclass(frozen=True)
class Outcome:
    """What planning came to; `planned` is None where the doubts need the user's consent first."""

    planned: Planned | None
    doubts: tuple[str, ...]


def plan_schedule(analysis: Analysis, options: PlanOptions) -> Outcome:
    """Plan; where there are doubts they are told, whether they are overruled or not. Raises JNDError.

    CRFs are those of the quality of the QPs that are planned, by a map that was fitted to encodes.
    """
    from jndcore.schedule import plan

    def planned(force: bool) -> Schedule:
        return plan(
            analysis,
            level=cast("Level", options.level),
            share=options.share,
            max_step=options.max_step,
            force=force,
        )

    try:
        sure = planned(False)
    except JNDError:
        forced = planned(True)  # raises again where it is not doubts that forbid
    else:
        return Outcome(_steered(options, sure), ())
    doubts = tuple(
        text.removeprefix(FORCED).removesuffix(".") for text in forced.warnings if text.startswith(FORCED)
    )
    return Outcome(_steered(options, forced) if options.force else None, doubts)


def _steered(options: PlanOptions, schedule: Schedule) -> Planned:
    """The plan in the values that the encoder is to be steered by."""
    if options.mode == "qp":
        return Planned(options, schedule)
    from jndcore.schedule.crf_map import by_map

    made = by_map(schedule)
    return Planned(options, made, mapped=Mapped(schedule, made))


def for_target(schedule: Schedule, target: TargetChoice) -> Schedule:
    """The schedule for the encoder that the target drives, and its preset: the QPs are the same for all."""
    return replace(schedule, encoder=target.encoder, preset=target.preset)


def prepare(schedule: Schedule, target: TargetChoice, facts: VideoFacts) -> Written:
    """The target's files and its command. Raises JNDError where it would not follow the schedule."""
    from jndcore.schedule.writers import make

    return make(target.name, for_target(schedule, target), facts)


def write_files(schedule: Schedule, target: TargetChoice, facts: VideoFacts, folder: Path) -> None:
    """Write the target's files, and the schedule beside them, into `folder`. Raises JNDError."""
    from jndcore.schedule.writers import write

    write(for_target(schedule, target), target.name, facts, folder)


def facts_of(path: Path, analysis: Analysis, info: VideoInfo | None) -> VideoFacts:
    """What a writer must know of the video; its time stamps where all frames were analysed."""
    from jndcore.schedule.writers import VideoFacts

    whole = len(analysis) == analysis.video.frames
    return VideoFacts(path, analysis.pts if whole else None, info=info)
