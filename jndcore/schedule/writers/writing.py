"""Writing a schedule for a target, and what keeps it from being written."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from jndcore.errors import JNDError
from jndcore.results.atomic import replacing
from jndcore.schedule.files import schedule_json
from jndcore.schedule.schedule import Schedule
from jndcore.schedule.writers.colours import depth_notes
from jndcore.schedule.writers.table import REFUSED, TARGETS
from jndcore.schedule.writers.target import Target, VideoFacts, Written


def make(name: str, schedule: Schedule, facts: VideoFacts) -> Written:
    """The files and the command of a target, not yet written.

    Raises
    ------
    JNDError
        Where there is no such target, or it would not follow this schedule.
    """
    target = find_target(name)
    check_follows(target, schedule)
    if facts.pts is not None and len(facts.pts) != schedule.frames:
        raise JNDError(
            f"{facts.path}: it has {len(facts.pts)} frames and the schedule {schedule.frames}; analyse and "
            "plan this video."
        )
    made = target.write(schedule, facts)
    if made.command:
        made = replace(made, notes=(*made.notes, *depth_notes(facts), *_versions(schedule)))
    if made.command and (schedule.video.width % 2 or schedule.video.height % 2):
        size = f"{schedule.video.width}x{schedule.video.height}"
        raise JNDError(
            f"{name}: {schedule.video.name} is {size}, and 4:2:0 takes even sizes; crop or scale it first "
            "and analyse that, or encode it in JNDScope (jnd encode) where it is 4:4:4."
        )
    return made


def _versions(schedule: Schedule) -> tuple[str, ...]:
    """A note where programs of other versions make something else of the same value."""
    if schedule.encoder != "libsvtav1":
        return ()
    return (
        "SVT-AV1's CRFs mean another quality from version to version: 1.4.1 lay 0.2 dB of XPSNR from the 4.2 "
        "of jnd encode on real motion, 2 dB on noise; jnd verify --source measures.",
    )


def check_follows(target: Target, schedule: Schedule) -> None:
    """JNDError where a target would not follow a schedule of this encoder, mode and frame rate."""
    name = target.name
    if schedule.encoder not in target.encoders:
        raise JNDError(
            f"{name}: the schedule is for {schedule.encoder}, this target for "
            f"{' or '.join(target.encoders)}; plan for that one (jnd schedule --encoder)."
        )
    if schedule.mode not in target.modes:
        raise JNDError(
            f"{name}: it would not follow CRFs from segment to segment; choose ffmpeg or av1an, or plan QPs."
        )
    if target.by_number and schedule.variable_frame_rate:
        raise JNDError(
            f"{name}: {schedule.video.name} has a variable frame rate, and this target counts frames at a "
            "constant one; choose ffmpeg, or encode in JNDScope (jnd encode): both keep its time stamps."
        )


def find_target(name: str) -> Target:
    """The target of this name; JNDError where there is none, or only one that QPs must not be copied to."""
    if name in REFUSED:
        raise JNDError(f"{name}: {REFUSED[name]}.")
    if name not in TARGETS:
        raise JNDError(f"{name}: no such target; there are {', '.join(TARGETS)}.")
    return TARGETS[name]


def write(schedule: Schedule, name: str, facts: VideoFacts, folder: Path) -> tuple[list[Path], Written]:
    """Write a target's files, and the schedule beside them, into `folder`, which is made if need be.

    Returns
    -------
    list of Path
        The files.
    Written
        Their text, with the command and the notes.

    Raises
    ------
    JNDError
        As `make`, and where the folder cannot be written.
    """
    made = make(name, schedule, facts)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise JNDError(
            f"{folder}: this folder cannot be made ({error.strerror}); choose another place."
        ) from error
    files = made.files | {"schedule.json": schedule_json(schedule)}
    with ExitStack() as places:  # all texts are on the disk before the first takes its place
        for file, text in files.items():
            place = places.enter_context(replacing(folder / file))
            place.write_text(text, encoding="utf-8", newline="\n")
    return [folder / file for file in files], made
