"""The command `jnd ablate`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jndcore.commands.stages import shown_stages

if TYPE_CHECKING:  # it imports torch
    from jndcore.models.card import Interval
    from jndcore.training.ablation import Worth


def ablate(
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of the labelled clips' tables.", show_default=False)
    ],
    made: Annotated[
        Path, typer.Option(metavar="DIR", help="Made clips and their clips.csv.", show_default=False)
    ],
    rendered: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the clips' files.", show_default="as --data")
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Of each fit; the recipe has 50.")] = 20,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
) -> None:
    """What each part of the default network's recipe is worth: five folds with it, and without it.

    Prints a table; nothing is kept.
    """
    from dataclasses import replace

    from jndcore.training.ablation import ablate as run
    from jndcore.training.ablation import variants
    from jndcore.training.devices import training_device
    from jndcore.training.folds import grouped_folds
    from jndcore.training.labels import read_clips
    from jndcore.training.material import gather
    from jndcore.training.run import Recipe

    recipe, where = Recipe(), training_device(device)
    known, more = read_clips(data, rendered or data), read_clips(made, made)
    with shown_stages() as progress, tempfile.TemporaryDirectory(prefix="jnd-ablate-") as scratch:
        material = gather(known, more, Path(scratch), recipe.seed, progress)
        fold = grouped_folds(material.groups, recipe.folds, recipe.seed)
        tried = variants(replace(recipe.levels, epochs=epochs))
        print("| variant | " + " | ".join(f"JND{k}: ratio, difference in QP" for k in (1, 2, 3)) + " |")
        print("|---|---|---|---|")
        for worth in run(tried, material, fold, recipe.seed, where, progress):
            print(_row(worth), flush=True)


def _row(worth: Worth) -> str:
    cells = [_cell(ratio, more) for ratio, more in zip(worth.ratio, worth.difference, strict=True)]
    return f"| {worth.name} | {' | '.join(cells)} |"


def _cell(ratio: Interval, more: Interval) -> str:
    if ratio.value != ratio.value:  # NaN: not learned
        return ""
    return f"{ratio.value:.3f}, {more.value:+.2f} ({more.low:+.2f} to {more.high:+.2f})"
