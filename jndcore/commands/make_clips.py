"""The command `jnd make-clips`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from jndcore.commands.stages import shown_stages


def make_clips(
    clips: Annotated[
        Path,
        typer.Argument(
            metavar="CLIPS", help="Folder of clips.csv and the stills that it names.", show_default=False
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="OUT", help="Folder of the new clips.", show_default=False),
    ],
    videos: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of videos to cut pieces from.", show_default="none"),
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=1, metavar="N", help="Clips of each still; of each video 12 times as many.")
    ] = 1,
    seed: Annotated[int, typer.Option(min=0, metavar="S", help="Of all that is random.")] = 0,
) -> None:
    """Make clips to label and to train on: stills and drawn scenes in motion, and pieces of videos.

    Each is 24 frames of 640x352, ID.mkv (FFV1); made.csv names their groups. The same command gives the
    same clips.
    """
    from jndcore.training.made.make import make_clips as make  # torch, by the room: not before it is needed
    from jndcore.training.made.sources import list_sources

    sources = list_sources(clips, videos, _say)
    with shown_stages() as progress:
        table = make(sources, rounds * len(sources), out, seed, lambda done: progress("making clips", done))
    print(table)


def _say(text: str) -> None:
    print(f"jnd: {text}", file=sys.stderr)
