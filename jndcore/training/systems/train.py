"""``jnd train`` for the paper's systems: by cross-validation, or once on the set's own split."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from lightning_fabric import Fabric, seed_everything
from lightning_fabric.loggers.tensorboard import TensorBoardLogger
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.models.paper.system import PaperSystem
from jndcore.results import LEVELS
from jndcore.results.atomic import replacing
from jndcore.training.datasets import Dataset
from jndcore.training.devices import training_device
from jndcore.training.folds import grouped_folds
from jndcore.training.systems.assemble import fit_system
from jndcore.training.systems.config import TrainConfig
from jndcore.training.systems.outcome import write_predictions, write_run, write_weights
from jndcore.training.systems.part import Part
from jndcore.training.systems.pictures import Pictures, gather_pictures

Index = NDArray[np.int64]
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
    """Train as `config` says; a run that was killed goes on where it was when started again.

    Under ``torchrun`` all its processes share the work. Into `out` go ``NAME.oof.csv`` with the held-out
    predictions of all folds, or, without folds, weights with their card and ``NAME.test.csv`` with the
    predictions for the part ``test`` where the set has one; ``NAME.run.json``; ``log/`` for TensorBoard; and
    ``work/``, which holds pictures and autoencoders that other runs into `out` use again.

    Returns
    -------
    list of Path
        The files that hold the results.

    Raises
    ------
    JNDError
        Where labels or files are missing, there are too few groups, or `out` cannot be written.
    """
    began = time.monotonic()
    fabric = _fabric(config, device, out, name)
    dataset = _labelled(dataset, config)
    progress = progress if fabric.is_global_zero else _silent
    work = out / "work"
    needed = [level for level in config.levels if level]
    if fabric.is_global_zero:
        gather_pictures(dataset, config.data.frames, needed, work, progress)
    fabric.barrier()
    pictures = gather_pictures(dataset, config.data.frames, needed, work, progress)
    run = _Run(config, dataset, pictures, out, name, fabric, progress)
    try:
        written = run.cross_validate() if config.data.folds else run.split()
    finally:
        fabric.logger.finalize("")
    if fabric.is_global_zero:
        written.append(write_run(out / f"{name}.run.json", config, dataset, fabric, time.monotonic() - began))
    return written


def _fabric(config: TrainConfig, device: str, out: Path, name: str) -> Fabric:
    try:
        (out / "work").mkdir(parents=True, exist_ok=True)
        logger = TensorBoardLogger(out / "log", name=name, version="")
    except OSError as error:
        raise JNDError(
            f"{out}: the folder cannot be made ({error.strerror}); choose another place."
        ) from error
    fabric = Fabric(
        accelerator=training_device(device).type,
        devices=int(os.environ.get("LOCAL_WORLD_SIZE", "1")),  # torchrun's; alone, one device
        num_nodes=int(os.environ.get("GROUP_WORLD_SIZE", "1")),
        precision="bf16-mixed" if config.precision == "bf16" else "32-true",
        loggers=logger,
    )
    fabric.launch()
    seed_everything(config.seed, verbose=False)
    return fabric


def _labelled(dataset: Dataset, config: TrainConfig) -> Dataset:
    """The set without items that lack a label which `config` needs."""
    needed = [level - 1 for level in config.levels if level]
    items = tuple(item for item in dataset.items if all(np.isfinite(item.jnd[k]) for k in needed))
    if not items:
        raise JNDError(
            f"{dataset.name}: no item has labels of all of levels {list(config.levels)}; set fewer levels."
        )
    return replace(dataset, items=items)


class _Run:
    def __init__(
        self,
        config: TrainConfig,
        dataset: Dataset,
        pictures: Pictures,
        out: Path,
        name: str,
        fabric: Fabric,
        progress: Progress,
    ) -> None:
        self._config, self._dataset, self._pictures = config, dataset, pictures
        self._out, self._name = out, name
        self._fabric, self._progress = fabric, progress
        self._label = np.array([item.jnd for item in dataset.items], dtype=np.float64)

    def cross_validate(self) -> list[Path]:
        """Every item judged by networks that never saw its group."""
        folds, seed = self._config.data.folds, self._config.seed
        groups = [item.group for item in self._dataset.items]
        if len(set(groups)) < folds:
            raise JNDError(f"{self._dataset.name}: {len(set(groups))} groups cannot make {folds} folds.")
        fold = grouped_folds(groups, folds, seed)
        qp = np.full(self._label.shape, np.nan)
        constant = np.full(self._label.shape, np.nan)
        for number in range(folds):
            inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            constant[outside] = np.median(self._label[inside], axis=0)
            qp[outside] = self._fold(number, inside)[outside]
        path = self._out / f"{self._name}.oof.csv"
        if not self._fabric.is_global_zero:
            return []
        write_predictions(path, self._dataset.items, fold, self._label, qp, constant)
        return [path]

    def split(self) -> list[Path]:
        """Learn from ``train``, choose by ``valid``, tell ``test``."""
        split = np.array([item.split for item in self._dataset.items])
        learn, held, test = (np.flatnonzero(split == part) for part in ("train", "valid", "test"))
        if not len(learn) or not len(held):
            raise JNDError(
                f"{self._dataset.name}: names no items for train or for valid; set folds in [data] instead."
            )
        system, qp = self._fit(self._name, learn, held, self._progress)
        if not self._fabric.is_global_zero:
            return []
        written = [write_weights(self._out, self._name, system, self._config, self._dataset)]
        if len(test) and self._config.network != "autoencoder":
            path = self._out / f"{self._name}.test.csv"
            constant = np.tile(np.median(self._label[learn], axis=0), (len(test), 1))
            items = [self._dataset.items[i] for i in test]
            fold = np.zeros(len(test), np.int64)
            write_predictions(path, items, fold, self._label[test], qp[test], constant)
            written.append(path)
        return written

    def _fold(self, number: int, inside: Index) -> Array:
        """QPs of all items by networks that learned from `inside`; from disk where done before."""
        facts = self._config.model_dump_json() + str(sorted(self._pictures.names.items()))
        key = hashlib.sha256(facts.encode() + inside.tobytes()).hexdigest()[:16]
        done = self._out / "work" / f"{self._name}-fold{number}-{key}.npy"
        if not done.is_file():
            groups = [self._dataset.items[i].group for i in inside]
            parts = min(max(2, round(1 / self._config.data.held)), len(set(groups)))
            held = grouped_folds(groups, parts, self._config.seed) == 0
            stage = f"fold {number + 1} of {self._config.data.folds}"

            def progress(what: str, share: float) -> None:
                self._progress(f"{stage}: {what}", share)

            name = f"{self._name}-fold{number}"
            _, qp = self._fit(name, inside[~held], inside[held], progress)
            if self._fabric.is_global_zero:
                with replacing(done) as temporary, open(temporary, "wb") as file:
                    np.save(file, qp)
            self._fabric.barrier()
        return np.load(done)  # type: ignore[no-any-return]

    def _fit(self, name: str, learn: Index, held: Index, progress: Progress) -> tuple[PaperSystem, Array]:
        """A trained system, and its QPs of all items, shape (C, 3): means over an item's frames."""
        part = Part(name, self._pictures.rows(learn), self._pictures.rows(held), self._out / "work")
        system, told = fit_system(self._config, self._pictures, part, self._fabric, progress)
        qp = np.full(self._label.shape, np.nan)
        for column, level in enumerate(system.levels):
            if level in LEVELS:
                sums = np.bincount(self._pictures.item, told[:, column], len(qp))
                qp[:, level - 1] = sums / np.bincount(self._pictures.item, minlength=len(qp))
        return system, qp
