"""What a pass through a network costs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode


def count_gflops(run: Callable[[], object]) -> float:
    """Multiplications and additions, 1e9, of the convolutions and dense layers that `run` calls."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        run()
    return float(counter.get_total_flops()) / 1e9
