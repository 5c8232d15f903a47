"""The command `jnd schedule`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from jndcore.commands.planning import Wanted
from jndcore.commands.planning import planned as planned_by
from jndcore.errors import JNDError
from jndcore.media import open_video, read_back
from jndcore.media.pairing import settle
from jndcore.schedule import Schedule, write_schedule
from jndcore.schedule.encoding import check_is_of
from jndcore.schedule.files import check_schedule_name
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
    mode: Annotated[
        str | None,
        typer.Option(
            metavar="qp|crf",
            help="Plan QPs, or the CRFs that give each shot the quality of its QP: by a fitted map (libx264 "
            "with preset medium alone), or with --refine by trial encodes.",
            show_default="qp",
        ),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            help="libx264, libx265; libsvtav1 with --mode crf.", show_default="the format's, else libx264"
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="The encoder's preset.", show_default="medium; of libsvtav1 8")
    ] = None,
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
    refine: Annotated[
        bool,
        typer.Option(
            "--refine",
            help="Correct each shot's prediction by a probe encode; needs --video. With --mode crf: find "
            "each CRF by trial encodes, of predictions corrected where a correction is fitted for them.",
        ),
    ] = False,
    vmaf: Annotated[
        bool,
        typer.Option(
            "--vmaf",
            help="Match CRFs by VMAF instead of XPSNR; with --mode crf --refine, and the extra vmaf.",
        ),
    ] = False,
    types: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="For x264-qpfile: an encode by x264, or a .txt with a letter I i P B b for each frame.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Plan a QP or a CRF for each shot of an analysed video, and write it for an encoder.

    The share is of viewers who see no loss beyond the level before; the schedule tells the share who see no
    loss at all too. With --format the encoder's files go to a folder and its command is printed.
    """
    chosen = find_target(target) if target is not None else None
    if chosen is None:
        check_schedule_name(out)
        if (video and not refine) or types:
            raise JNDError(
                "--video and --types say how an encoder's files are written; name it with --format."
            )
    elif types and chosen.name != "x264-qpfile":
        raise JNDError(f"{chosen.name}: it does not take frame types; leave out --types.")
    if refine and video is None:
        raise JNDError("--refine encodes frames of the video that was analysed; name it with --video.")
    probed = video if refine else None
    wanted = Wanted(level, share, max_step, force or None, mode, encoder, preset, probed, vmaf or None)
    planned = planned_by(source, chosen, wanted)
    for text in planned.warnings:
        _say(f"warning: {text}")
    if chosen is None:
        write_schedule(planned, out)
        print(out)
    else:
        _write_for(chosen, planned, _facts(planned, video, types), out)


def _facts(planned: Schedule, video: Path | None, types: Path | None) -> VideoFacts:
    frame_types = None if types is None else _frame_types(types)
    if video is None:
        return VideoFacts(Path(planned.video.name), frame_types=frame_types)
    with open_video(video) as reader:
        check_is_of(reader.info.identity, planned, video)
        settle(reader, planned.frames)
        return VideoFacts(video.resolve(), reader.index.pts, frame_types, reader.info)


def _frame_types(file: Path) -> str:
    """A letter for each frame: from a text file, or read back from an encode."""
    if file.suffix.lower() != ".txt":
        found = read_back(file)
        idr = found.key | (found.types != "I")
        return "".join(
            kind if alone else "i" for kind, alone in zip(found.types.tolist(), idr.tolist(), strict=True)
        )
    try:
        return "".join(file.read_text(encoding="ascii").split())
    except (OSError, ValueError) as error:
        raise JNDError(f"{file}: no readable text of frame types ({error}); name an encode.") from error


def _write_for(target: Target, planned: Schedule, facts: VideoFacts, folder: Path) -> None:
    files, made = write(planned, target.name, facts, folder)
    if made.command and not facts.path.is_absolute():
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
        print(f"\ncd {shlex.quote(str(folder))}\n{made.command}")


def _say(text: str) -> None:
    print(f"jnd: {text}", file=sys.stderr)
