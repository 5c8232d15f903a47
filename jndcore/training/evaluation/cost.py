"""What an answer costs: parameters, operations, pictures a second of a network's way to its QPs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jndcore.models.base import JNDModel
from jndcore.models.cost import count_gflops
from jndcore.predict.devices import DeviceInfo, choose_device
from jndcore.training.evaluation.records import Cost, Speed

HEIGHT, WIDTH = 720, 1280

BATCH, LARGE_BATCH = 4, 1
LARGE = 100.0
"""GFLOP a picture above which pictures come one at a time."""

GPU_BATCH = 32

TURNS = 5

TURN = 0.5
"""Seconds that a turn takes at least: a single batch after another network's would find its caches cold."""

PLANES = {1: "luma", 2: "luma and motion", 3: "colour"}
"""What a network's input is called, by its number of planes."""


class Noise:
    """A picture of noise, 1280x720, as a frame of a reader offers it."""

    def luma(self) -> NDArray[np.uint8]:
        """8-bit limited range, shape (720, 1280)."""
        return np.random.default_rng(0).integers(16, 236, (HEIGHT, WIDTH), np.uint8)

    def rgb(self) -> NDArray[np.uint8]:
        """Full range, shape (720, 1280, 3)."""
        return np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def cost_input(model: JNDModel, batch: int = 1) -> Tensor:
    """A batch of one 1280x720 picture as `model` takes it, uint8, shape (batch, D, h, w): its own input."""
    picture = torch.from_numpy(model.alone(Noise()))
    return picture.expand(batch, *picture.shape).contiguous()


@torch.inference_mode()
def measure_cost(model: JNDModel) -> Cost:
    """Parameters, and operations of `JNDModel.predict` on one picture; a multiply-add counts as two."""
    picture = cost_input(model)
    height, width = picture.shape[-2:]
    return Cost(
        parameters=sum(p.numel() for p in model.parameters()),
        gflops=round(count_gflops(lambda: model.predict(picture)), 3),
        input=f"{width}x{height}, {PLANES[picture.shape[1]]}",
    )


@torch.inference_mode()
def measure_speeds(
    models: Mapping[str, JNDModel], gflops: Mapping[str, float], device: DeviceInfo | None = None
) -> dict[str, Speed]:
    """Pictures a second of each network on a device, float32: the median of some turns.

    The networks take turns, so that all meet the same machine. Reading and scaling frames does not count.

    Parameters
    ----------
    models : mapping of str to JNDModel
        They are left on the device.
    gflops : mapping of str to float
        Of one picture: above `LARGE` pictures come one at a time.
    device : DeviceInfo, optional
        This machine's CPU; on others the batches are larger.
    """
    device = device or choose_device("cpu")
    batch = BATCH if device.name == "cpu" else GPU_BATCH
    batches = {name: LARGE_BATCH if gflops[name] > LARGE else batch for name in models}
    inputs = {name: cost_input(model, batches[name]).to(device.name) for name, model in models.items()}
    rates: dict[str, list[float]] = {name: [] for name in models}
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):  # float32 on a GPU too
        for turn in range(1 + TURNS):
            for name, model in models.items():
                rate = _pictures_a_second(model.to(device.name), inputs[name])
                if turn:  # the first builds the kernels
                    rates[name].append(rate)
    return {
        name: Speed(frames_a_second=round(median(found), 2), batch=batches[name], machine=device.label)
        for name, found in rates.items()
    }


def _pictures_a_second(model: JNDModel, batch: Tensor) -> float:
    """Of one batch after the other, for `TURN` seconds at least."""
    began, done, taken = time.perf_counter(), 0, 0.0
    while not done or taken < TURN:
        model.predict(batch)[0].cpu()  # waits for a GPU
        done += len(batch)
        taken = time.perf_counter() - began
    return done / taken
