"""Writing the card of freshly trained weights."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from jndcore import __version__
from jndcore.models.card import Evaluation, LevelFigures, ModelCard, RebuildFigures
from jndcore.models.cost import count_gflops
from jndcore.models.library import weights_folder
from jndcore.models.scopenet import ScopeNet
from jndcore.results import LEVELS
from jndcore.results.atomic import replacing
from jndcore.training.crossval import HeldOut
from jndcore.training.evaluation.cost import measure_cost
from jndcore.training.figures import Array, bootstrap, level_figures
from jndcore.training.labels import Clip, labels, tables_sha256

if TYPE_CHECKING:
    from jndcore.training.material import Material
    from jndcore.training.run import Recipe

UNKNOWN_LABELS = {
    "title": "scopenet, trained on labels of your own",
    "licence": "as the clips and labels allow",
    "data": "A folder of labelled clips that JNDScope does not know; ask whoever made it.",
    "not_for": ["anything that its labels were not made for"],
}


def describe_run(
    folder: Path,
    material: Material,
    model: ScopeNet,
    sha256: str,
    held: HeldOut,
    factor: Array,
    recipe: Recipe,
) -> ModelCard:
    """The card of one training run.

    Parameters
    ----------
    folder : Path
        Of the label tables; decides which description of the data belongs on the card.
    material : Material
        The figures are of its labelled clips.
    model : ScopeNet
        The network fitted on all clips.
    held : HeldOut
        Held-out predictions, with `err` calibrated.
    factor : ndarray, shape (3,)
        That calibrated it.
    """
    known, made = material.known, material.made
    tag = f"clips{len(known) + len(made)}"
    cost = measure_cost(model)
    return ModelCard(
        network="scopenet",
        tag=tag,
        build={"motion": model.motion},
        weights=f"scopenet.{tag}.safetensors",
        sha256=sha256,
        parameters=cost.parameters,
        gflops=cost.gflops,
        rebuild_gflops=round(_rebuild_gflops(model), 2),
        input=(
            "8-bit limited-range luma of one frame, and its change from the nearer of its neighbours, at its "
            "own size and without black bars; above 1280x720 shrunk to fit, by area. Seen as VideoSet's "
            "observers saw 720p"
        ),
        training=(
            f"JNDScope {__version__}, torch {torch.__version__}, {datetime.now(UTC):%Y-%m-%d}, "
            f"seed {recipe.seed}, {recipe.levels.epochs} epochs for the levels, "
            f"{recipe.decoder.steps} steps for the decoder, which corrects the mean of six short encodes by "
            f"x264 (their cost comes to that of a rebuilt frame); {len(made)} made clips beside the labelled "
            "ones"
        ),
        err_scale=tuple(factor.tolist()),
        evaluation=evaluate(known, held, recipe),
        **provenance(folder),
    )


def evaluate(clips: list[Clip], held: HeldOut, recipe: Recipe) -> Evaluation:
    """Figures of the held-out predictions; intervals by bootstrap over clips."""
    label, seed = labels(clips), recipe.seed
    moves = np.array([clip.moves for clip in clips])
    figures = level_figures(held.qp, held.constant, label, held.err, seed)
    gain = held.rebuilt_psnr - held.source_psnr
    return Evaluation(
        clips=len(clips),
        groups=len({clip.group for clip in clips}),
        folds=recipe.folds,
        levels=tuple(figures),
        real_motion=tuple(_of_real_motion(held, label, moves, seed)),
        rebuild=tuple(
            RebuildFigures(
                level=level, source_psnr=held.source_psnr[:, k].mean(), gain=bootstrap(gain[:, k], seed)
            )
            for k, level in enumerate(LEVELS)
        ),
    )


def _of_real_motion(held: HeldOut, label: Array, moves: NDArray[np.bool_], seed: int) -> list[LevelFigures]:
    """Figures of the clips of real motion alone; none where there are none."""
    if not moves.any():
        return []
    return level_figures(held.qp[moves], held.constant[moves], label[moves], held.err[moves], seed)


def provenance(folder: Path) -> dict[str, Any]:
    """What is known of the label tables in `folder`: data, licences, attribution, what not to do.

    Label sets that JNDScope knows are described in TOML files beside the weights, by the tables' hash.
    """
    digest = tables_sha256(folder)
    for file in weights_folder().iterdir():
        if file.name.endswith(".toml"):
            about = tomllib.loads(file.read_text(encoding="utf-8"))
            if about.pop("tables_sha256") == digest:
                return about
    return UNKNOWN_LABELS


def _rebuild_gflops(model: ScopeNet) -> float:
    """Of one rebuilt frame of 1280x720, but for its rehearsal."""
    luma = torch.zeros(1, 1, 720, 1280, dtype=torch.uint8)
    chroma = torch.zeros(1, 1, 360, 640, dtype=torch.uint8)
    source, rehearsed = (luma, chroma, chroma), (luma.float(), chroma.float(), chroma.float())
    return count_gflops(lambda: model.rebuild(source, rehearsed, torch.tensor([30.0])))


def write_card(card: ModelCard, path: Path) -> None:
    """Write the card as JSON, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
