from pathlib import Path

import pytest
import torch

FEATURES = {
    "conv1.weight": (16, 1, 1, 3, 3),
    "conv1.bias": (16,),
    "conv2.weight": (16, 16, 1, 3, 3),
    "conv2.bias": (16,),
}
SHAPES = {
    "conv1_1.conv1.weight": (1, 1, 1, 5, 5),
    "conv1_2.conv1.weight": (1, 1, 1, 5, 5),
    **{f"{part}.{name}": shape for part in ("conv2_1", "conv2_2") for name, shape in FEATURES.items()},
    **{
        f"conv3.conv{i}.{name}": shape
        for i, (wide, narrow) in enumerate(((32, 64), (64, 64), (64, 32), (32, 1)), 1)
        for name, shape in (("weight", (narrow, wide, 3, 3, 3)), ("bias", (narrow,)))
    },
    "fc1.weight": (4, 1),
    "fc1.bias": (4,),
    "fc2.weight": (1, 4),
    "fc2.bias": (1,),
}
"""Of the published state dictionary."""


@pytest.fixture(scope="session")
def weights() -> dict[str, torch.Tensor]:
    """A teacher that learned nothing; what has one channel is positive, so that differences come through."""
    draw = torch.Generator().manual_seed(7)
    state = {}
    for name, shape in SHAPES.items():
        values = torch.randn(shape, generator=draw)
        inputs = torch.Size(shape[1:]).numel() if len(shape) > 1 else 4
        lone = name.startswith(("conv1_", "fc", "conv3.conv4"))
        state[name] = values.abs() / inputs * 1.5 if lone else values * (2 / inputs) ** 0.5
    return state


@pytest.fixture(scope="session")
def teacher_file(weights: dict[str, torch.Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("teacher") / "untrained.pt"
    torch.save({"model_state_dict": weights, "epoch": 3}, path)
    return path
