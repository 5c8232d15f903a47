"""The command `jnd encode`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from jndcore.commands.stages import shown_stages
from jndcore.schedule import read_schedule
from jndcore.schedule.encoding import encode as encode_by


def encode(
    video: Annotated[
        Path, typer.Argument(metavar="VIDEO", help="The video that was planned.", show_default=False)
    ],
    schedule: Annotated[
        Path, typer.Option(metavar="S.json", help="Its schedule (jnd schedule).", show_default=False)
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="OUT", help="Where to write: .mp4, .mov or .mkv.", show_default=False
        ),
    ],
) -> None:
    """Encode VIDEO by its schedule, each segment at its own QP or CRF.

    Audio and subtitles are copied, time stamps, colours and rotation kept. OUT appears when it is whole.
    """
    planned = read_schedule(schedule)
    steps = encode_by(video, planned, out)
    with shown_stages() as progress:
        for step in steps:
            progress(video.name, step.done / planned.frames)
    for text in step.warnings:
        print(f"jnd: warning: {text}", file=sys.stderr)
    print(out)
