"""What the paper's systems cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from jndcore.models.base import FrameModel
from jndcore.models.cost import count_gflops
from jndcore.models.paper.autoencoder import HEIGHT, WIDTH
from jndcore.models.paper.system import PaperSystem
from jndcore.models.registry import create_model


def parameters_of(system: PaperSystem) -> tuple[int, int]:
    """Learned numbers: of the system itself, and of the autoencoders beside it that only rebuild frames."""
    beside = sum(parameter.numel() for parameter in system.reconstruction.parameters())
    return sum(parameter.numel() for parameter in system.parameters()) - beside, beside


def system_gflops(network: str, build: Mapping[str, Any]) -> tuple[float, float]:
    """Multiplications and additions of one picture, 1e9: its QPs, and a frame shown (0 where none is).

    Nothing is computed: the network is built of shapes without weights.
    """
    with torch.device("meta"):
        model = create_model(network, **build)
        picture = torch.zeros(1, 3, HEIGHT, WIDTH, dtype=torch.uint8)
    assert isinstance(model, FrameModel)
    levels = count_gflops(lambda: model.predict(picture))
    shown = count_gflops(lambda: [model.show(picture, level) for level in model.shown[:1]])
    return round(levels, 3), round(shown, 3)
