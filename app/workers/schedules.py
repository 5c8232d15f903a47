"""Writing schedules, for a thread: what this imports is heavy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.state.plan import TargetChoice

if TYPE_CHECKING:
    from jndcore.media import VideoInfo
    from jndcore.results import Analysis
    from jndcore.schedule import Schedule
    from jndcore.schedule.writers import VideoFacts, Written


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
