"""``jnd train``: from labelled clips to weights with their card."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.models.card import ModelCard
from jndcore.models.scopenet import ScopeNet
from jndcore.models.weights import save_weights
from jndcore.results.atomic import make_folder
from jndcore.training.cards import describe_run, write_card
from jndcore.training.crossval import cross_validate
from jndcore.training.devices import training_device
from jndcore.training.figures import err_factor, err_factors
from jndcore.training.fit_decoder import DecoderRecipe, fit_decoder
from jndcore.training.fit_levels import LevelRecipe, fit_levels
from jndcore.training.folds import grouped_folds
from jndcore.training.held_out import HELD_OUT, write_held_out
from jndcore.training.labels import read_clips
from jndcore.training.material import Material, gather

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out, beside the clips."""

    levels: LevelRecipe = field(default_factory=LevelRecipe)
    decoder: DecoderRecipe = field(default_factory=DecoderRecipe)
    folds: int = 5
    seed: int = 0


def train(
    clips: Path,
    rendered: Path,
    out: Path,
    *,
    made: Path | None = None,
    recipe: Recipe | None = None,
    device: str = "auto",
    progress: Progress = lambda stage, share: None,
) -> ModelCard:
    """Cross-validate, then fit `scopenet` on all clips, and write weights, card and held-out predictions.

    Written into `out`: ``scopenet.clipsN.safetensors``, ``.json`` (the card) and ``.oof.csv``, N being the
    number of clips, made ones too.

    Parameters
    ----------
    clips : Path
        Folder of label tables (see `read_clips`).
    rendered : Path
        Folder of the clips' files, ``<id>.mkv``.
    out : Path
        A folder; made where it does not exist.
    made : Path, optional
        Folder of further clips, ``ID.mkv``, with their label table ``clips.csv`` (`jnd make-clips`,
        `jnd label`). They are learned from where their group is not held out, and never judged by.
    recipe : Recipe, optional
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``. The same seed gives the same result on one CPU
        with one number of threads.
    progress : callable
        Told the stage and the share of it done, 0..1.

    Raises
    ------
    JNDError
        Where labels or clips are missing or damaged, there are too few groups, the device is not there,
        or `out` cannot be written.
    """
    recipe = recipe or Recipe()
    where = training_device(device)
    known = read_clips(clips, rendered)
    groups = len({clip.group for clip in known})
    if groups < recipe.folds:
        raise JNDError(
            f"{clips}: {groups} groups of clips cannot make {recipe.folds} folds; label more sources."
        )
    more = read_clips(made, made) if made else []
    make_folder(out)
    with tempfile.TemporaryDirectory(prefix="jnd-train-") as scratch:
        material = gather(known, more, Path(scratch), recipe.seed, progress)
        return _fit_and_write(clips, material, out, recipe, where, progress)


def _fit_and_write(
    folder: Path,
    material: Material,
    out: Path,
    recipe: Recipe,
    device: torch.device,
    progress: Progress,
) -> ModelCard:
    known, label = material.known, material.data.label

    def fit(chosen: NDArray[np.int64], number: int) -> ScopeNet:
        stage = f"fold {number + 1} of {recipe.folds}" if number < recipe.folds else "all clips"
        part, more = material.inside(chosen)
        seed = recipe.seed + number
        model, _ = fit_levels(
            part, more, recipe.levels, seed, device, lambda p: progress(f"{stage}: levels", p)
        )
        frames = part.frames + more.frames
        fit_decoder(model, frames, recipe.decoder, seed, device, lambda p: progress(f"{stage}: decoder", p))
        return model

    fold = grouped_folds(material.groups, recipe.folds, recipe.seed)
    held = cross_validate(fold, label, material.data.frames, fit, device)
    factor = err_factor(held.qp, label, held.err)
    held.err[:] = held.err * err_factors(held.qp, label, held.err, fold)
    model = fit(np.arange(len(known)), recipe.folds).cpu()
    model.err_scale.copy_(torch.from_numpy(factor))
    name = f"scopenet.clips{len(known) + len(material.made)}"
    sha256 = save_weights(model, out / f"{name}.safetensors")
    card = describe_run(folder, material, model, sha256, held, factor, recipe)
    figures = {"label": label, "qp": held.qp, "err": held.err, "constant": held.constant}
    shown = {"source_psnr": held.source_psnr, "rebuilt_psnr": held.rebuilt_psnr}
    write_held_out(out / f"{name}{HELD_OUT}", known, held.fold, figures | shown)
    write_card(card, out / f"{name}.json")
    return card
