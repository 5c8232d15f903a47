"""Where to train."""

from __future__ import annotations

import torch

from jndcore.errors import JNDError


def training_device(name: str) -> torch.device:
    """The device of that name; ``auto`` is a GPU of CUDA where there is one, else the CPU.

    Raises
    ------
    JNDError
        Where there is no such device.
    """
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = "cuda" if there["cuda"] else "cpu"
    if not there.get(name, False):
        raise JNDError(
            f"{name}: no such device here; choose auto or one of {', '.join(k for k in there if there[k])}."
        )
    return torch.device(name)
