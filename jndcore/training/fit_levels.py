"""Fitting the encoder and heads: QPs and their errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from jndcore.models.latent import HIDDEN
from jndcore.models.scopenet import ScopeNet
from jndcore.training.crops import luma_batch, shuffled
from jndcore.training.descent import Descent
from jndcore.training.frames import ClipFrames

Array = NDArray[np.float64]

MEASURED_WEIGHT = 0.5
"""Weight of the measured columns beside the levels."""


@dataclass(frozen=True)
class LevelRecipe:
    """How the levels are fitted.

    Attributes
    ----------
    average : float
        Share of the old in the moving average of weights that is kept.
    crop : tuple of int
        Height and width of what is seen of a frame: all of the smallest labelled clips.
    moving_share : float
        Clips of real motion are few and are what users have: each is shown this often an epoch.
    """

    epochs: int = 25
    batch: int = 8
    rate: float = 2e-3
    decay: float = 5e-2
    average: float = 0.98
    crop: tuple[int, int] = (320, 576)
    moving_share: float = 6.0


@dataclass(frozen=True)
class LevelData:
    """What the levels are learned from: C clips.

    Attributes
    ----------
    frames : list of ClipFrames
    label : ndarray, shape (C, 3)
    moves : ndarray of bool, shape (C,)
        Which clips are real motion.
    measured : ndarray, shape (C, M)
        What encodes of the clips measured, to be told as well.
    """

    frames: list[ClipFrames]
    label: Array
    moves: NDArray[np.bool_]
    measured: Array

    def take(self, clips: NDArray[np.int64]) -> LevelData:
        """The clips that an index names."""
        frames = [self.frames[i] for i in clips]
        return LevelData(frames, self.label[clips], self.moves[clips], self.measured[clips])


def fit_levels(
    data: LevelData, recipe: LevelRecipe, seed: int, device: torch.device, progress: Callable[[float], None]
) -> tuple[ScopeNet, list[float]]:
    """Train encoder and heads; the decoder stays as it starts.

    Returns
    -------
    model : ScopeNet
        Averaged weights, norms folded, in evaluation mode, on `device`.
    losses : list of float
        Mean loss of each epoch.
    """
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    model = ScopeNet(norm=True)
    model.centre(data.label.mean(0).tolist(), float(data.label.std(0).mean()))
    lesson = _Lesson(model, data, device)
    steps = -(-len(data.frames) // recipe.batch)
    descent = Descent(
        model,
        lesson,
        steps=steps * recipe.epochs,
        rate=recipe.rate,
        decay=recipe.decay,
        clip=5.0,
        average=recipe.average,
    )
    batches = shuffled(np.where(data.moves, recipe.moving_share, 1.0), recipe.batch, draw)
    losses = []
    for epoch in range(recipe.epochs):
        total = 0.0
        for clips in islice(batches, steps):
            crops = luma_batch([data.frames[i] for i in clips], *recipe.crop, draw)
            total += descent.step(lesson(torch.from_numpy(crops).to(device), clips))
        losses.append(total / steps)
        progress((epoch + 1) / recipe.epochs)
    return _finished(descent.averaged.module), losses


class _Lesson(nn.Module):
    """The network, a head that tells the measured columns too, and the loss of both."""

    def __init__(self, model: ScopeNet, data: LevelData, device: torch.device) -> None:
        super().__init__()
        self.model = model
        self.teller = nn.Linear(HIDDEN, data.measured.shape[1])
        self.truth = torch.from_numpy(data.label).float().to(device)
        self.measured = torch.from_numpy(_standard(data.measured)).float().to(device)
        self.to(device).train()

    def forward(self, crops: Tensor, clips: NDArray[np.int64]) -> Tensor:
        hidden = self.model.describe(crops)
        told = F.smooth_l1_loss(self.teller(hidden), self.measured[clips])
        return level_loss(*self.model.answer(hidden), self.truth[clips]) + MEASURED_WEIGHT * told


def level_loss(qp: Tensor, err: Tensor, truth: Tensor) -> Tensor:
    """Smooth absolute error of the QPs, plus how badly `err` describes it; all of shape (N, 3).

    The second term is the negative log-likelihood of a Laplace distribution whose standard deviation is
    `err`. It sees the QPs as given, so that a wish for small errors does not bend them.
    """
    off = (qp.detach() - truth).abs()
    likelihood = err.log() + off * 2**0.5 / err
    return F.smooth_l1_loss(qp, truth, beta=3.0) + 0.1 * likelihood.mean()


def _standard(columns: Array) -> Array:
    """Columns with mean 0 and deviation 1; a constant column becomes 0."""
    spread = columns.std(0)
    return np.asarray((columns - columns.mean(0)) / np.where(spread > 0, spread, 1.0))


def _finished(model: nn.Module) -> ScopeNet:
    assert isinstance(model, ScopeNet)
    model.eval().fold_norms()
    return model
