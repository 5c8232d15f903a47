"""What each part of the recipe is worth: the levels, cross-validated with and without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from jndcore.models.card import Interval
from jndcore.results import LEVELS
from jndcore.training.crossval import predict_clip
from jndcore.training.evaluation.baselines import constant_guess
from jndcore.training.figures import Array, bootstrap
from jndcore.training.fit_levels import LevelRecipe, fit_levels
from jndcore.training.material import Material

NONE = np.empty(0, np.int64)
"""No clips."""


@dataclass(frozen=True)
class Variant:
    """The recipe, but for one thing.

    Attributes
    ----------
    made : bool
        Whether made clips are learned from.
    """

    name: str
    recipe: LevelRecipe
    made: bool = True


@dataclass(frozen=True)
class Worth:
    """How a variant fares, level by level; NaN where it does not learn a level.

    Attributes
    ----------
    ratio : tuple of Interval
        Error over that of the constant guess.
    difference : tuple of Interval
        Error less that of the first variant, clip by clip, QP: above 0, what was changed helps.
    """

    name: str
    ratio: tuple[Interval, ...]
    difference: tuple[Interval, ...]


def variants(recipe: LevelRecipe) -> list[Variant]:
    """The recipe itself, then each with one thing changed."""
    return [
        Variant("the recipe", recipe),
        Variant("JND1 alone", replace(recipe, levels=(1,))),
        Variant("with reconstruction as a task", replace(recipe, rebuild_weight=0.5)),
        Variant("one frame, no difference", replace(recipe, motion=False)),
        Variant("no made clips", recipe, made=False),
        Variant("levels only, no measured columns", replace(recipe, measured_weight=0.0)),
    ]


def ablate(
    tried: list[Variant],
    material: Material,
    fold: NDArray[np.int64],
    seed: int,
    device: torch.device,
    progress: Callable[[str, float], None],
) -> Iterator[Worth]:
    """Cross-validate each variant over the same folds of the labelled clips."""
    label = material.data.label
    guess = np.abs(constant_guess(label, fold) - label)
    first: Array | None = None
    for variant in tried:
        said = np.empty_like(label)
        for number in range(int(fold.max()) + 1):
            inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            part, more = material.inside(inside)
            made = more if variant.made else more.take(NONE)
            told = partial(progress, f"{variant.name}, fold {number + 1}")
            model, _ = fit_levels(part, made, variant.recipe, seed + number, device, told)
            for clip in outside:
                said[clip] = predict_clip(model, material.data.frames[clip], device).qp[0]
        error = np.abs(said - label)
        first = error if first is None else first
        yield _worth(variant, error, guess, first, seed)


def _worth(variant: Variant, error: Array, guess: Array, first: Array, seed: int) -> Worth:
    unknown = Interval(value=np.nan, low=np.nan, high=np.nan)
    ratios, differences = [], []
    for k, level in enumerate(LEVELS):
        learned = level in variant.recipe.levels
        pair = np.stack([error[:, k], guess[:, k]], 1)
        ratios.append(bootstrap(pair, seed, lambda mean: mean[..., 0] / mean[..., 1]) if learned else unknown)
        differences.append(bootstrap(error[:, k] - first[:, k], seed) if learned else unknown)
    return Worth(variant.name, tuple(ratios), tuple(differences))
