"""The command `jnd train`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from platformdirs import user_cache_path

from jndcore.commands.stages import shown_stages
from jndcore.errors import JNDError

if TYPE_CHECKING:  # it imports torch
    from jndcore.training.systems.config import TrainConfig


def train(
    config: Annotated[
        Path,
        typer.Argument(
            metavar="CONFIG",
            help="What to train, and how: a TOML file (docs/training.md).",
            show_default=False,
        ),
    ],
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of the data set and its labels.", show_default=False)
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", help="Where the results go.", show_default=False),
    ],
    rendered: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="For labelled clips: folder of their files, ID.mkv.", show_default="as --data"
        ),
    ] = None,
    made: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="For scopenet: more clips to learn from, ID.mkv and clips.csv (docs/labelling.md).",
            show_default="none",
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
) -> None:
    """Train a network on labelled clips or frames, judged by cross-validation or on the set's own split.

    A run that was stopped goes on where it was when it is started again. With several GPUs, start it by
    torchrun --no-python --nproc-per-node=gpu jnd train ...
    """
    from jndcore.training.systems.config import read_config  # torch: not before it is needed

    settings = read_config(config)
    with shown_stages() as progress:
        if settings.network == "scopenet":
            from jndcore.training import Recipe
            from jndcore.training import train as train_default

            recipe = Recipe(folds=settings.data.folds, seed=settings.seed)
            card = train_default(
                data, rendered or data, out, made=made, recipe=recipe, device=device, progress=progress
            )
            written = [out / card.weights]
        else:
            if made is not None:
                raise JNDError(f"{config}: made clips are for scopenet alone; leave --made out.")
            written = _train_system(settings, config.stem, data, rendered, out, device, progress)
    for path in written:
        print(path)


def _train_system(
    settings: TrainConfig,
    name: str,
    data: Path,
    rendered: Path | None,
    out: Path,
    device: str,
    progress: Callable[[str, float], None],
) -> list[Path]:
    try:
        from jndcore.training.systems.train import train_system
    except ModuleNotFoundError as error:
        raise JNDError(
            f"{error.name}: training the paper's systems needs it; pip install 'jndscope[train]'."
        ) from error
    from jndcore.training.datasets import open_dataset

    dataset = open_dataset(
        settings.data.kind,
        data,
        rendered=rendered,
        resolution=settings.data.resolution,
        codec=settings.data.codec,
        cache=user_cache_path("jndscope", appauthor=False) / "jnd-frames",
    )
    return train_system(settings, dataset, out, name, device=device, progress=progress)
