"""The command `jnd schedule`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, cast

import typer

from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.results import VideoIdentity, read_analysis
from jndcore.schedule import Schedule, is_schedule, plan, read_schedule, write_schedule
from jndcore.schedule.files import check_schedule_name
from jndcore.schedule.schedule import Encoder, Level
from jndcore.schedule.writers import TARGETS, Target, VideoFacts, find_target, write

_FORMATS = ", ".join(TARGETS)


def schedule(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="ANALYSIS",
            help="An analysis; or a schedule, to write it for an encoder.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="OUT",
            help="Where to write: S.json; with --format a folder.",
            show_default=False,
        ),
    ],
    level: Annotated[
        int | None, typer.Option(min=1, max=3, help="JND that viewers are not to notice.", show_default="1")
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", help="Of viewers, 50 to 95.", show_default="75"),
    ] = None,
    max_step: Annotated[
        int | None,
        typer.Option(min=1, metavar="QP", help="Largest step from segment to segment.", show_default="any"),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Plan although the analysis has gaps, or is extrapolated.")
    ] = False,
    encoder: Annotated[
        str | None, typer.Option(help="libx264 or libx265.", show_default="the format's, else libx264")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="The encoder's preset.", show_default="medium")] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help=f"Write for an encoder: {_FORMATS}.", show_default=False
        ),
    ] = None,
    video: Annotated[
        Path | None,
        typer.Option(
            metavar="VIDEO", help="The video, for the command; ffmpeg needs it.", show_default="its name"
        ),
    ] = None,
    types: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="For x264-qpfile: a letter I i P B b for each frame.", show_default=False
        ),
    ] = None,
) -> None:
    """Plan a QP for each shot of an analysed video, and write it for an encoder.

    The share is of viewers who see no loss beyond the level before; the schedule tells the share who see no
    loss at all too. With --format the encoder's files go to a folder and its command is printed.
    """
    chosen = find_target(target) if target is not None else None
    if chosen is None:
        check_schedule_name(out)
    options = (level, share, max_step, force or None, encoder, preset)
    planned = _planned(source, chosen, *options)
    for text in planned.warnings:
        _say(f"warning: {text}")
    if chosen is None:
        write_schedule(planned, out)
        print(out)
    else:
        _write_for(chosen, planned, _facts(planned, video, types), out)


def _planned(
    source: Path,
    target: Target | None,
    level: int | None,
    share: float | None,
    max_step: int | None,
    force: bool | None,
    encoder: str | None,
    preset: str | None,
) -> Schedule:
    if is_schedule(source):
        if any(option is not None for option in (level, share, max_step, force, encoder, preset)):
            raise JNDError(f"{source}: it is planned already; leave out the options of planning.")
        return read_schedule(source)
    encoder = encoder or (target.encoders[0] if target else "libx264")
    if encoder not in ("libx264", "libx265"):
        raise JNDError(f"{encoder}: a plan is for libx264 or libx265.")
    preset = preset or "medium"
    if not preset.isalnum():
        raise JNDError(f"{preset!r}: name a preset of the encoder, such as medium.")
    return plan(
        read_analysis(source),
        level=cast(Level, level or 1),
        share=75.0 if share is None else share,
        max_step=max_step,
        force=bool(force),
        encoder=cast(Encoder, encoder),
        preset=preset,
    )


def _facts(planned: Schedule, video: Path | None, types: Path | None) -> VideoFacts:
    frame_types = None
    if types is not None:
        try:
            frame_types = "".join(types.read_text(encoding="ascii").split())
        except (OSError, ValueError) as error:
            raise JNDError(f"{types}: no readable text of frame types ({error}).") from error
    if video is None:
        return VideoFacts(Path(planned.video.name), frame_types=frame_types)
    with open_video(video) as reader:
        _check_identity(reader.info.identity, planned.video, video)
        if len(reader) != planned.frames:  # what the index promised, decoding may correct
            for _ in reader.frames():
                pass
        return VideoFacts(video.resolve(), reader.index.pts, frame_types)


def _check_identity(found: VideoIdentity, planned: VideoIdentity, video: Path) -> None:
    if (found.size, found.head_sha256) != (planned.size, planned.head_sha256):
        raise JNDError(
            f"{video}: not the video that was analysed ({planned.name}, {planned.size:,} bytes); analyse and "
            "plan this one."
        )


def _write_for(target: Target, planned: Schedule, facts: VideoFacts, folder: Path) -> None:
    files, made = write(planned, target.name, facts, folder)
    if not facts.path.is_absolute():
        _say(f"the command expects {facts.path} in {folder}; --video names another place.")
    for text in (
        f"{target.title}: {target.status} ({target.basis}); {target.scale}.",
        target.note,
        *made.notes,
    ):
        if text:
            _say(text)
    for path in files:
        print(path)
    if made.command:
        print(f"\ncd {folder}\n{made.command}")


def _say(text: str) -> None:
    print(f"jnd: {text}", file=sys.stderr)
