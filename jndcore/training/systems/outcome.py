"""What a training run leaves behind beside its predictions: what it was, and weights with their card."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import torch
from lightning_fabric import Fabric

from jndcore import __version__
from jndcore.models import load_card
from jndcore.models.card import ModelCard
from jndcore.models.paper.autoencoder import HEIGHT, WIDTH
from jndcore.models.paper.cost import parameters_of, system_gflops
from jndcore.models.paper.system import PaperSystem
from jndcore.models.weights import save_weights
from jndcore.results.atomic import replacing
from jndcore.training.datasets import Dataset
from jndcore.training.systems.assemble import shape
from jndcore.training.systems.config import TrainConfig


def write_run(
    path: Path, config: TrainConfig, dataset: Dataset, left_out: int, fabric: Fabric, seconds: float
) -> Path:
    """What the run was: network, settings, data, device, and how long it took.

    Parameters
    ----------
    left_out : int
        Items that lack a label which the network needs.
    seconds : float
        Of all folds; of a fold that was stopped, from its last start on.
    """
    facts = {
        "network": config.network,
        "title": config.title or config.network,
        "settings": config.model_dump(mode="json"),
        "build": shape(config),
        "data": dataset.name,
        "items": len(dataset.items),
        "left_out": left_out,
        "scale": dataset.scale,
        "labels": dataset.convention,
        "autoencoder_sha256": load_card(config.backbone.model).sha256 if config.backbone.model else "",
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
    build = shape(config)
    gflops, rebuild_gflops = system_gflops(config.network, build)
    parameters, rebuild_parameters = parameters_of(system)
    card = ModelCard(
        network=config.network,
        tag=tag,
        build=build,
        levels=() if config.network == "autoencoder" else system.levels,
        title=config.title or f"{config.network}, trained on {dataset.name}",
        licence="as the data allow that it was trained on",
        weights=path.name,
        sha256=sha256,
        parameters=parameters,
        rebuild_parameters=rebuild_parameters,
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
