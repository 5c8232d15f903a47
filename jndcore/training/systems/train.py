"""``jnd train`` for the paper's systems: by cross-validation for predictions, or once for weights."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from lightning_fabric import Fabric
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.models.paper.system import PaperSystem
from jndcore.results import LEVELS
from jndcore.results.atomic import make_folder, replacing
from jndcore.training.datasets import Dataset
from jndcore.training.held_out import HELD_OUT, TEST, write_held_out
from jndcore.training.systems.assemble import fit_system
from jndcore.training.systems.backbones import stored_autoencoders
from jndcore.training.systems.config import TrainConfig
from jndcore.training.systems.division import Division, by_folds, by_split, fold_of_items
from jndcore.training.systems.outcome import write_run, write_weights
from jndcore.training.systems.part import Part
from jndcore.training.systems.pictures import Pictures, gather_pictures
from jndcore.training.systems.processes import launch

Array = NDArray[np.float64]
Progress = Callable[[str, float], None]


def _silent(stage: str, share: float) -> None:
    """Progress for nobody."""


def train_system(
    config: TrainConfig,
    dataset: Dataset,
    out: Path,
    name: str,
    *,
    device: str = "auto",
    progress: Progress = _silent,
) -> list[Path]:
    """Train as `config` says; a run that was stopped goes on where it was when started again.

    Under ``torchrun`` all its processes share the work. Into `out` go ``NAME.oof.csv`` with the held-out
    predictions of all folds, or, without folds, weights with their card and ``NAME.test.csv`` with the
    predictions for the part ``test`` where the set has one; ``NAME.run.json``; ``log/`` for TensorBoard; and
    ``work/``, which holds pictures and autoencoders that other runs into `out` use again.

    Returns
    -------
    list of Path
        The files that hold the results; none but in the first process.

    Raises
    ------
    JNDError
        Where labels or files are missing, there are too few sources, or `out` cannot be written.
    """
    make_folder(out / "work")
    fabric = launch(config, device, out / "log", name)
    labelled = _labelled(dataset, config)
    progress = progress if fabric.is_global_zero else _silent
    seed, held = config.seed, config.data.held
    divisions = list(by_folds(labelled, config.data.folds, held, seed)) if config.data.folds else []
    once = None if divisions else by_split(labelled, held, seed)
    needed = _needed(config)
    learned = np.ones(len(labelled.items), bool)
    if once is not None:
        learned = np.isin(np.arange(len(learned)), np.concatenate([once.learn, once.held]))
    work = out / "work"
    if fabric.is_global_zero:
        gather_pictures(labelled, config.data.frames, needed, learned, work, progress)
    fabric.barrier()
    pictures = gather_pictures(labelled, config.data.frames, needed, learned, work, progress)
    run = _Run(config, labelled, pictures, out, name, fabric, progress)
    try:
        written, seconds = run.cross_validate(divisions) if once is None else run.once(once)
    finally:
        fabric.logger.finalize("")
    if not fabric.is_global_zero:
        return []
    left_out = len(dataset.items) - len(labelled.items)
    return [*written, write_run(out / f"{name}.run.json", config, labelled, left_out, fabric, seconds)]


def _labelled(dataset: Dataset, config: TrainConfig) -> Dataset:
    """The set without items that lack a label which `config` needs."""
    needed = [level - 1 for level in config.levels if level]
    items = tuple(item for item in dataset.items if all(np.isfinite(item.jnd[k]) for k in needed))
    if not items:
        raise JNDError(
            f"{dataset.name}: no item has labels of all of levels {list(config.levels)}; set fewer levels."
        )
    return replace(dataset, items=items)


def _needed(config: TrainConfig) -> list[int]:
    """Levels whose JND frames are learned from; none where stored autoencoders have learned them already."""
    stored = config.backbone.model
    if not stored:
        return [level for level in config.levels if level]
    end_to_end = config.network.startswith("E2E")
    stored_autoencoders(stored, [0] if end_to_end else list(config.levels))  # told before any work is done
    return list(config.levels) if end_to_end else []


@dataclass(frozen=True)
class _Run:
    config: TrainConfig
    dataset: Dataset
    pictures: Pictures
    out: Path
    name: str
    fabric: Fabric
    progress: Progress

    @property
    def label(self) -> Array:
        """QPs, shape (C, 3)."""
        return np.array([item.jnd for item in self.dataset.items], dtype=np.float64)

    def cross_validate(self, divisions: list[Division]) -> tuple[list[Path], float]:
        """Every item judged by networks that never saw its group; and the seconds that took."""
        qp, constant = np.full(self.label.shape, np.nan), np.full(self.label.shape, np.nan)
        total = 0.0
        for number, division in enumerate(divisions):
            inside = np.concatenate([division.learn, division.held])
            constant[division.judged] = np.median(self.label[inside], axis=0)
            told, seconds = self.fold(number, division)
            qp[division.judged] = told[division.judged]
            total += seconds
        fold = fold_of_items(self.dataset, len(divisions), self.config.seed)
        path = self.out / f"{self.name}{HELD_OUT}"
        if self.fabric.is_global_zero:
            figures = {"label": self.label, "qp": qp, "constant": constant}
            write_held_out(path, self.dataset.items, fold, figures)
        return [path], total

    def once(self, division: Division) -> tuple[list[Path], float]:
        """Weights, and predictions for the set's own test items."""
        began = time.monotonic()
        part = self.part(self.name, division)
        system, qp = self.fit(part, self.progress)
        judged, path = division.judged, self.out / f"{self.name}{TEST}"
        written = []
        if self.fabric.is_global_zero:
            written.append(write_weights(self.out, self.name, system, self.config, self.dataset))
            if len(judged) and self.config.network != "autoencoder":
                middle = np.median(self.label[division.learn], axis=0)
                figures = {"label": self.label[judged], "qp": qp[judged]}
                figures["constant"] = np.tile(middle, (len(judged), 1))
                items = [self.dataset.items[i] for i in judged]
                write_held_out(path, items, np.zeros(len(judged), np.int64), figures)
                written.append(path)
        return written, time.monotonic() - began

    def fold(self, number: int, division: Division) -> tuple[Array, float]:
        """QPs of all items by networks that learned from one division; from disk where done before."""
        began = time.monotonic()
        part = self.part(f"{self.name}-fold{number}", division)
        facts = [self.config.model_dump(exclude={"title"}), self.pictures.names]
        done = part.file("told", facts).with_suffix(".json")
        if not done.is_file():
            stage = f"fold {number + 1} of {self.config.data.folds}"
            _, qp = self.fit(part, lambda what, share: self.progress(f"{stage}: {what}", share))
            if self.fabric.is_global_zero:
                with replacing(done) as temporary:
                    temporary.write_text(json.dumps({"qp": qp.tolist(), "seconds": time.monotonic() - began}))
                for path in part.work.glob(f"{part.name}-*.safetensors"):
                    path.unlink()
            self.fabric.barrier()
        told = json.loads(done.read_text())
        return np.array(told["qp"], dtype=np.float64), told["seconds"]

    def part(self, name: str, division: Division) -> Part:
        """The pictures of a division."""
        learn, held = self.pictures.rows(division.learn), self.pictures.rows(division.held)
        return Part(name, learn, held, self.out / "work")

    def fit(self, part: Part, progress: Progress) -> tuple[PaperSystem, Array]:
        """A trained system, and its QPs of all items, shape (C, 3): means over an item's frames."""
        system, told = fit_system(self.config, self.pictures, part, self.fabric, progress)
        qp = np.full(self.label.shape, np.nan)
        for column, level in enumerate(system.levels):
            if level in LEVELS:
                sums = np.bincount(self.pictures.item, told[:, column], len(qp))
                qp[:, level - 1] = sums / np.bincount(self.pictures.item, minlength=len(qp))
        return system, qp
