"""The processes and the device of a run: Lightning Fabric, as torchrun or a single start asks for."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import torch
from lightning_fabric import Fabric, seed_everything
from lightning_fabric.loggers.tensorboard import TensorBoardLogger
from lightning_fabric.strategies.ddp import DDPStrategy

from jndcore.results.atomic import make_folder
from jndcore.training.devices import training_device
from jndcore.training.systems.config import TrainConfig

PATIENCE = timedelta(days=2)
"""The first process makes the pictures while the others wait, longer than torch's half hour."""


def launch(config: TrainConfig, device: str, log: Path, name: str) -> Fabric:
    """A Fabric that logs for TensorBoard to ``log/name``.

    On a GPU cuDNN's algorithms are those that give the same result each time.

    Raises
    ------
    JNDError
        Where the device is not there, or `log` cannot be made.
    """
    torch.backends.cudnn.deterministic = True
    logger = TensorBoardLogger(log, name=name, version="")
    make_folder(Path(logger.log_dir))  # at once, so that a place that cannot be written is told now
    local = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))  # torchrun's; alone, one device
    nodes = int(os.environ.get("GROUP_WORLD_SIZE", "1"))
    fabric = Fabric(
        accelerator=training_device(device).type,
        devices=local,
        num_nodes=nodes,
        strategy=DDPStrategy(timeout=PATIENCE) if local * nodes > 1 else "auto",
        precision="bf16-mixed" if config.precision == "bf16" else "32-true",
        loggers=logger,
    )
    fabric.launch()
    seed_everything(config.seed, verbose=False)
    return fabric
