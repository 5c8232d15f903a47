"""How both parts are optimised: AdamW over one cycle of the rate, and a moving average of the weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

WARM_UP = 0.15
"""Share of the steps in which the rate rises."""


class Descent:
    """Steps down a loss.

    Parameters
    ----------
    model : Module
        Averaged as it learns.
    learning : Module
        Whose parameters are learned; `model` or a module around it.
    steps : int
        How many there will be, at least 7.
    rate : float
        Highest learning rate.
    decay : float
        Weight decay.
    clip : float
        Gradients are shortened to this norm.
    average : float
        Share of itself, 0..1, that the average keeps at each step.

    Attributes
    ----------
    averaged : AveragedModel
        Steadier than the last step's weights. Its ``module`` is the average of `model`, buffers included.
    """

    def __init__(
        self,
        model: nn.Module,
        learning: nn.Module,
        *,
        steps: int,
        rate: float,
        decay: float,
        clip: float,
        average: float,
    ) -> None:
        self._model, self._parameters, self._clip = model, list(learning.parameters()), clip
        mix = get_ema_multi_avg_fn(average)  # type: ignore[no-untyped-call]
        self.averaged = AveragedModel(model, multi_avg_fn=mix, use_buffers=True)
        self._optimiser = torch.optim.AdamW(self._parameters, lr=rate, weight_decay=decay)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, rate, total_steps=steps, pct_start=WARM_UP
        )

    def step(self, loss: Tensor) -> float:
        """One step down `loss`; gives its value."""
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._parameters, self._clip)
        self._optimiser.step()
        self._schedule.step()
        self.averaged.update_parameters(self._model)
        return loss.item()
