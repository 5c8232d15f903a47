"""Fitting the decoder: what x264 at a QP leaves of a frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jndcore.media import Planes, Rehearsal, rehearse
from jndcore.models.decoder import PLANES, fold_planes
from jndcore.models.scopenet import ScopeNet
from jndcore.training.crops import CodedCrop, coded_crop, piece_side, shuffled
from jndcore.training.descent import Descent
from jndcore.training.frames import ClipFrames


@dataclass(frozen=True)
class DecoderRecipe:
    """How the decoder is fitted.

    Attributes
    ----------
    crop : int
        Side of the pieces, in pixels, a multiple of 16; less where a clip is smaller.
    doubt : float
        The QP given is off by so much (standard deviation): frames are shown at predicted QPs, and what is
        learned is the best answer in view of that. About the error of held-out JND1.
    """

    steps: int = 700
    batch: int = 8
    crop: int = 192
    rate: float = 5e-4
    average: float = 0.99
    doubt: float = 2.0


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
    descent = Descent(
        model.decoder,
        model.decoder,
        steps=recipe.steps,
        rate=recipe.rate,
        decay=1e-4,
        clip=1.0,
        average=recipe.average,
    )
    batches = shuffled(np.ones(len(frames)), recipe.batch, draw)
    size = piece_side(frames, recipe.crop)
    losses = []
    for step, clips in enumerate(islice(batches, recipe.steps), 1):
        crops = [coded_crop(frames[i], size, draw) for i in clips]
        off = recipe.doubt * draw.standard_normal(len(crops))
        losses.append(descent.step(coded_loss(model, crops, off, device)))
        progress(step / recipe.steps)
    model.decoder.load_state_dict(descent.averaged.module.state_dict())
    model.encoder.requires_grad_(True)
    return losses


def coded_loss(
    model: ScopeNet,
    crops: list[CodedCrop],
    off: NDArray[np.float64],
    device: torch.device,
) -> Tensor:
    """`rebuild_loss` of a batch of pieces and their encodes, rehearsed at and told QPs that are `off`."""
    told = np.array([crop.qp for crop in crops]) + off
    rehearsals = [rehearse(crop.source, crop.beside, qp) for crop, qp in zip(crops, told, strict=True)]
    luma = torch.from_numpy(np.stack([crop.source.y for crop in crops])[:, None]).to(device)
    folded, rehearsed, target = (
        _folded(batch, device)
        for batch in ([crop.source for crop in crops], rehearsals, [crop.target for crop in crops])
    )
    qp = torch.from_numpy(told).float().to(device)
    return rebuild_loss(model.residual(folded, rehearsed - folded, luma, qp), target - folded)


def _folded(pictures: Sequence[Planes | Rehearsal], device: torch.device) -> Tensor:
    """`fold_planes` of N pictures."""
    y, u, v = (
        torch.from_numpy(np.stack([getattr(picture, name) for picture in pictures])[:, None]).to(device)
        for name in "yuv"
    )
    return fold_planes(y.float(), u.float(), v.float())


def rebuild_loss(residual: Tensor, truth: Tensor) -> Tensor:
    """Squared error over that of copying the source: 1 for a copy, less where x264 changes all but nothing.

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
