"""Fitting the decoder: what x264 at a QP leaves of a frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jndcore.models.decoder import PLANES, fold_planes
from jndcore.models.scopenet import ScopeNet
from jndcore.training.averaging import moving_average
from jndcore.training.crops import coded_crop, shuffled
from jndcore.training.frames import ClipFrames


@dataclass(frozen=True)
class DecoderRecipe:
    """How the decoder is fitted."""

    steps: int = 1000
    batch: int = 8
    crop: int = 192
    rate: float = 2e-3
    average: float = 0.99


def fit_decoder(
    model: ScopeNet,
    frames: list[ClipFrames],
    recipe: DecoderRecipe,
    seed: int,
    device: torch.device,
    progress: Callable[[float], None],
) -> list[float]:
    """Train the decoder of `model` in place; its encoder stays as it is.

    Returns
    -------
    list of float
        Loss of each step.
    """
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    model.encoder.requires_grad_(False)
    averaged = moving_average(model.decoder, recipe.average)
    optimiser = torch.optim.AdamW(model.decoder.parameters(), lr=recipe.rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.rate, total_steps=recipe.steps, pct_start=0.15
    )
    batches = shuffled(np.ones(len(frames)), recipe.batch, draw)
    losses = []
    for step in range(recipe.steps):
        crops = [coded_crop(frames[i], recipe.crop, draw) for i in next(batches)]
        source, target = (
            fold_planes(
                *(torch.from_numpy(np.stack(p)[:, None]).to(device).float() for p in zip(*side, strict=True))
            )
            for side in ([crop[0] for crop in crops], [crop[1] for crop in crops])
        )
        luma = torch.from_numpy(np.stack([crop[0][0] for crop in crops])[:, None]).to(device)
        qp = torch.tensor([float(crop[2]) for crop in crops], device=device)
        loss = rebuild_loss(model.residual(source, luma, qp), target - source)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.decoder.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        averaged.update_parameters(model.decoder)
        losses.append(loss.item())
        progress((step + 1) / recipe.steps)
    model.decoder.load_state_dict(averaged.module.state_dict())
    model.encoder.requires_grad_(True)
    return losses


def rebuild_loss(residual: Tensor, truth: Tensor) -> Tensor:
    """Squared error over that of copying the source: 1 for a copy, whatever QP and content.

    Parameters
    ----------
    residual, truth : Tensor, shape (N, 24, h, w)
        Folded, in code values (see `fold_planes`). Luma counts for 3/4, chroma for 1/4.
    """
    ratios = []
    for wrong, given in zip(
        (residual - truth).split_with_sizes(PLANES, dim=1), truth.split_with_sizes(PLANES, dim=1), strict=True
    ):
        # Rounding to whole code values costs 1/12: where x264 leaves little more there is nothing to gain.
        ratios.append(wrong.square().mean((1, 2, 3)) / given.square().mean((1, 2, 3)).clamp(min=0.3))
    return (0.75 * ratios[0] + 0.125 * (ratios[1] + ratios[2])).mean()
