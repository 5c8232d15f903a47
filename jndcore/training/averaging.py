"""Moving average of weights: steadier than the last step's, for one network's cost."""

from __future__ import annotations

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def moving_average(model: nn.Module, share: float) -> AveragedModel:
    """A copy of `model` that keeps `share` of itself, 0..1, at each `update_parameters`; buffers too."""
    average = get_ema_multi_avg_fn(share)  # type: ignore[no-untyped-call]
    return AveragedModel(model, multi_avg_fn=average, use_buffers=True)
