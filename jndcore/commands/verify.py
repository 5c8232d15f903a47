"""The command `jnd verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jndcore.commands.stages import shown_stages
from jndcore.errors import JNDError
from jndcore.schedule import read_schedule
from jndcore.schedule.report_text import report_text
from jndcore.schedule.verify import verify as check

FELL_SHORT = 1
"""Exit code."""


def verify(
    encoded: Annotated[Path, typer.Argument(metavar="OUT", help="An encode.", show_default=False)],
    schedule: Annotated[
        Path, typer.Option(metavar="S.json", help="What it was to follow.", show_default=False)
    ],
    source: Annotated[
        Path | None,
        typer.Option(
            metavar="VIDEO", help="The video that was planned: its frames are compared.", show_default=False
        ),
    ] = None,
    vmaf: Annotated[
        bool, typer.Option("--vmaf", help="Score by VMAF too; needs --source and the extra vmaf.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write all of it, each frame too.", show_default=False),
    ] = None,
) -> None:
    """Prove that an encode follows its schedule; exit code 1 where it falls short.

    Frame types and QPs are read back from the stream. With --source the frames must pair by number and time
    before PSNR, SSIM and XPSNR are measured; they stand beside what was predicted.
    """
    if vmaf and source is None:
        raise JNDError("--vmaf compares with the video that was planned; name it with --source.")
    with shown_stages() as progress:
        found = check(encoded, read_schedule(schedule), source, vmaf=vmaf, progress=progress)
    print(report_text(found))
    if report is not None:  # after the table, which is not to be lost where this cannot be written
        found.write(report)
    if not found.ok:
        raise typer.Exit(FELL_SHORT)
