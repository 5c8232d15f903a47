"""What a training run leaves behind: predictions, what it was, weights with their card."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray

from jndcore import __version__
from jndcore.models.card import ModelCard
from jndcore.models.paper.autoencoder import HEIGHT, WIDTH
from jndcore.models.paper.cost import system_gflops
from jndcore.models.paper.system import PaperSystem
from jndcore.models.weights import save_weights
from jndcore.results import LEVELS
from jndcore.results.atomic import replacing
from jndcore.training.datasets import Dataset, Item
from jndcore.training.systems.config import TrainConfig

Array = NDArray[np.float64]


def write_predictions(
    path: Path, items: Sequence[Item], fold: NDArray[np.int64], label: Array, qp: Array, constant: Array
) -> None:
    """Held-out predictions, a row an item, in the columns that ``jnd evaluate`` reads.

    Parameters
    ----------
    fold : ndarray, shape (C,)
    label, qp, constant : ndarray, shape (C, 3)
        NaN (an empty cell) where there is no label or the system tells no such level.
    """
    figures = {"label": label, "qp": qp, "constant": constant}
    columns = [f"{name}{level}" for name in figures for level in LEVELS]
    with replacing(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "group", "fold", *columns])
        for i, item in enumerate(items):
            cells = [value for figure in figures.values() for value in figure[i]]
            row = ["" if np.isnan(value) else f"{value:.3f}" for value in cells]
            table.writerow([item.name, item.group, int(fold[i]), *row])


def write_run(path: Path, config: TrainConfig, dataset: Dataset, fabric: Fabric, seconds: float) -> Path:
    """What the run was: network, settings, data, device, and how long this start of it took."""
    facts = {
        "network": config.network,
        "title": config.title or config.network,
        "settings": config.model_dump(mode="json"),
        "data": dataset.name,
        "items": len(dataset.items),
        "labels": dataset.convention,
        "device": _device_name(fabric),
        "processes": fabric.world_size,
        "seconds": round(seconds, 1),
        "made": f"JNDScope {__version__}, torch {torch.__version__}, {datetime.now(UTC):%Y-%m-%d}",
    }
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return path


def write_weights(out: Path, tag: str, system: PaperSystem, config: TrainConfig, dataset: Dataset) -> Path:
    """Weights and card of a system; the card last, since it names the weights' hash."""
    path = out / f"{config.network}.{tag}.safetensors"
    sha256 = save_weights(system, path)
    stage = config.head if config.network != "autoencoder" else config.backbone
    build = {"levels": system.levels} if not config.network.startswith("MJ") else {}
    if len(system.reconstruction):
        build["reconstruction"] = system.levels
    gflops, rebuild_gflops = system_gflops(config.network, build)
    card = ModelCard(
        network=config.network,
        tag=tag,
        build=build,
        levels=() if config.network == "autoencoder" else system.levels,
        title=config.title or f"{config.network}, trained on {dataset.name}",
        licence="as the data allow that it was trained on",
        weights=path.name,
        sha256=sha256,
        parameters=sum(p.numel() for p in system.parameters()),
        gflops=gflops,
        rebuild_gflops=rebuild_gflops,
        input=f"BGR, 0..255, of the frame scaled to {WIDTH}x{HEIGHT} (bilinear)",
        labels=f"{dataset.scale}: {dataset.convention}",
        data=f"{dataset.name}, {len(dataset.items)} items",
        not_for=("anything that its labels were not made for",),
        training=(
            f"JNDScope {__version__}, torch {torch.__version__}, {datetime.now(UTC):%Y-%m-%d}, "
            f"seed {config.seed}, {stage.epochs} epochs at {stage.rate:g}"
        ),
    )
    with replacing(out / f"{config.network}.{tag}.json") as temporary:
        temporary.write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return path


def _device_name(fabric: Fabric) -> str:
    if fabric.device.type == "cuda":
        return torch.cuda.get_device_name(fabric.device)
    return f"{fabric.device.type}, {torch.get_num_threads()} threads"
