"""Fitting the encoder and heads: QPs and their errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from jndcore.models.latent import HIDDEN
from jndcore.models.scopenet import ScopeNet
from jndcore.results import LEVELS
from jndcore.training.crops import blank_picture, coded_crop, picture_batch, piece_side, shuffled
from jndcore.training.descent import Descent
from jndcore.training.fit_decoder import coded_loss
from jndcore.training.frames import ClipFrames

Array = NDArray[np.float64]

REBUILT = 192
"""Side of the pieces that are rebuilt beside the levels, where that is asked for."""

FARTHEST = 4.0
"""Measured columns count up to so many deviations: drawn scenes can lie far out."""


@dataclass(frozen=True)
class LevelRecipe:
    """How the levels are fitted.

    Attributes
    ----------
    average : float
        Share of the old in the moving average of weights that is kept.
    crop : tuple of int
        Height and width of what is seen of a frame: all of the smallest labelled clips.
    made_batch : int
        Made clips beside the labelled ones in each batch, where there are any.
    moving_share : float
        Clips of real motion are few and are what users have: each is shown this often an epoch.
    levels : tuple of int
        Levels learned from.
    motion : bool
        Whether the network sees the difference from a neighbouring frame.
    measured_weight : float
        Weight of the measured columns beside the levels.
    rebuild_weight : float
        Weight of rebuilding frames beside the levels: 0 leaves that to `fit_decoder`, which does not move
        the encoder.
    """

    epochs: int = 50
    batch: int = 8
    rate: float = 2e-3
    decay: float = 5e-2
    average: float = 0.98
    crop: tuple[int, int] = (320, 576)
    moving_share: float = 6.0
    made_batch: int = 8
    levels: tuple[int, ...] = LEVELS
    motion: bool = True
    measured_weight: float = 0.5
    rebuild_weight: float = 0.0


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
    data: LevelData,
    made: LevelData,
    recipe: LevelRecipe,
    seed: int,
    device: torch.device,
    progress: Callable[[float], None],
) -> tuple[ScopeNet, list[float]]:
    """Train encoder and heads; the decoder stays as it starts.

    Parameters
    ----------
    data : LevelData
        The labelled clips: epochs are counted, and levels centred, by them.
    made : LevelData
        Further clips, or none, labelled in the same way (see `jndcore.training.made`).

    Returns
    -------
    model : ScopeNet
        Averaged weights, norms folded, in evaluation mode, on `device`.
    losses : list of float
        Mean loss of each epoch.
    """
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    model = ScopeNet(norm=True, motion=recipe.motion)
    model.centre(data.label.mean(0).tolist(), float(data.label.std(0).mean()))
    lesson = _Lesson(model, data, made, recipe, device)
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
    batches = _batches(data, made, recipe, draw)
    frames = data.frames + made.frames
    side = piece_side(frames, REBUILT)
    losses = []
    for epoch in range(recipe.epochs):
        total = 0.0
        for clips in islice(batches, steps):
            crops = picture_batch([frames[i] for i in clips], *recipe.crop, draw)
            blank = blank_picture(crops.shape[2], crops.shape[3], draw)
            seen = torch.from_numpy(np.concatenate([crops, blank[None]])[:, : 1 + recipe.motion]).to(device)
            loss = lesson(seen, clips, draw.integers(len(data.frames)))
            if recipe.rebuild_weight:
                pieces = [coded_crop(frames[i], side, draw) for i in clips]
                loss = loss + recipe.rebuild_weight * coded_loss(model, pieces, np.zeros(len(clips)), device)
            total += descent.step(loss)
        losses.append(total / steps)
        progress((epoch + 1) / recipe.epochs)
    return _finished(descent.averaged.module), losses


def _batches(
    data: LevelData, made: LevelData, recipe: LevelRecipe, draw: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Endless batches of indices: labelled clips, then made ones, which count on from them."""
    labelled = shuffled(np.where(data.moves, recipe.moving_share, 1.0), recipe.batch, draw)
    if not made.frames:
        yield from labelled
        return
    others = shuffled(np.ones(len(made.frames)), recipe.made_batch, draw)
    for clips, more in zip(labelled, others, strict=True):
        yield np.concatenate([clips, more + len(data.frames)])


class _Lesson(nn.Module):
    """The network, a head that tells the measured columns too, and the loss of both."""

    def __init__(
        self,
        model: ScopeNet,
        data: LevelData,
        made: LevelData,
        recipe: LevelRecipe,
        device: torch.device,
    ) -> None:
        super().__init__()
        self.model = model
        self.recipe = recipe
        self.teller = nn.Linear(HIDDEN, data.measured.shape[1])
        label, measured = (
            np.concatenate(pair) for pair in ((data.label, made.label), (data.measured, made.measured))
        )
        self.truth = torch.from_numpy(label).float().to(device)
        self.measured = torch.from_numpy(_standard(measured, data.measured)).float().to(device)
        self.to(device).train()

    def forward(self, pictures: Tensor, clips: NDArray[np.int64], stray: int) -> Tensor:
        """Loss of the clips' pictures and, last, a blank one, whose truth is any clip's: it tells nothing.

        So the network learns to doubt what it says of pictures without content.
        """
        hidden = self.model.describe(pictures)
        told = F.smooth_l1_loss(self.teller(hidden[:-1]), self.measured[clips])
        answer = (*self.model.answer(hidden), self.truth[np.append(clips, stray)])
        columns = [LEVELS.index(level) for level in self.recipe.levels]
        qp, err, truth = (part[:, columns] for part in answer)
        return level_loss(qp, err, truth) + self.recipe.measured_weight * told


def level_loss(qp: Tensor, err: Tensor, truth: Tensor) -> Tensor:
    """Smooth absolute error of the QPs, plus how badly `err` describes it; all of shape (N, 3).

    The second term is the negative log-likelihood of a Laplace distribution whose standard deviation is
    `err`. It sees the QPs as given, so that a wish for small errors does not bend them.
    """
    off = (qp.detach() - truth).abs()
    likelihood = err.log() + off * 2**0.5 / err
    return F.smooth_l1_loss(qp, truth, beta=3.0) + 0.1 * likelihood.mean()


def _standard(columns: Array, of: Array) -> Array:
    """Columns in deviations of `of` from its mean, where that varies; within `FARTHEST`."""
    spread = of.std(0)
    return np.asarray(((columns - of.mean(0)) / np.where(spread > 0, spread, 1.0)).clip(-FARTHEST, FARTHEST))


def _finished(model: nn.Module) -> ScopeNet:
    assert isinstance(model, ScopeNet)
    model.eval().fold_norms()
    return model
