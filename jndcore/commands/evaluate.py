"""The command `jnd evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jndcore.commands.stages import shown_stages


def evaluate(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...",
            help="Held-out predictions NAME.oof.csv or NAME.test.csv, or folders of them and of training "
            "configurations.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Where evaluation.json, evaluation.md and encodes.csv go.",
            show_default=False,
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the data set trained on; NAME.run.json tells its kind.",
            show_default="what encodes.csv holds",
        ),
    ] = None,
    rendered: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Labelled clips: folder of the ID.mkv.",
            show_default="that of --data",
        ),
    ] = None,
    speed: Annotated[
        bool, typer.Option("--speed", help="Measure frames a second of all networks now.")
    ] = False,
) -> None:
    """Judge trained networks on clips that they did not see, in one table with what they must beat.

    Beside each stand a constant guess and a line through one trial encode, fitted on the same folds.
    With --data x264 encodes the clips once; later encodes.csv is enough. Without both, and for stills and
    labels in another scale than x264's QP, figures that rest on encodes are left out.
    """
    from jndcore.training.evaluation import evaluate as judge  # torch: not before it is needed
    from jndcore.training.evaluation import markdown

    with shown_stages() as progress:
        report = judge(runs, out, data=data, rendered=rendered, speed=speed, progress=progress)
    print(markdown(report), end="")
