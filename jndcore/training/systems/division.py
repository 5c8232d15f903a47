"""Who learns, who chooses the best epoch, who is only judged; no source is ever on two sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.training.datasets import Dataset
from jndcore.training.folds import grouped_folds

Index = NDArray[np.int64]


class Division(NamedTuple):
    """Items of a set by number: to learn from, to choose the best epoch by, to judge by."""

    learn: Index
    held: Index
    judged: Index


def by_folds(dataset: Dataset, folds: int, held: float, seed: int) -> Iterator[Division]:
    """One division for each fold, whose items are judged.

    Raises
    ------
    JNDError
        Where there are too few sources.
    """
    fold = fold_of_items(dataset, folds, seed)
    for number in range(folds):
        inside = np.flatnonzero(fold != number)
        chosen = _held(dataset, inside, held, seed)
        yield Division(inside[~chosen], inside[chosen], np.flatnonzero(fold == number))


def fold_of_items(dataset: Dataset, folds: int, seed: int) -> Index:
    """The fold of each item, shape (C,); see `by_folds`."""
    groups = [item.group for item in dataset.items]
    if len(set(groups)) < max(folds, 3):
        raise JNDError(
            f"{dataset.name}: {len(set(groups))} sources cannot make {folds} folds, with one more to choose "
            "the best epoch by; set fewer folds, or label more sources."
        )
    return grouped_folds(groups, folds, seed)


def by_split(dataset: Dataset, held: float, seed: int) -> Division:
    """The set's own ``train``, ``valid`` and ``test``; of a set that names none, all but a share learn.

    Raises
    ------
    JNDError
        Where the set names parts, but nothing to learn from or to choose by.
    """
    split = np.array([item.split for item in dataset.items])
    if not any(split):
        every = np.arange(len(split))
        chosen = _held(dataset, every, held, seed)
        return Division(every[~chosen], every[chosen], every[:0])
    parts = Division(*(np.flatnonzero(split == part) for part in ("train", "valid", "test")))
    if not len(parts.learn) or not len(parts.held):
        raise JNDError(f"{dataset.name}: names parts, but no items with labels for train or for valid.")
    return parts


def _held(dataset: Dataset, inside: Index, share: float, seed: int) -> NDArray[np.bool_]:
    groups = [dataset.items[i].group for i in inside]
    count = len(set(groups))
    if count < 2:
        raise JNDError(f"{dataset.name}: one source cannot both teach and judge; label more sources.")
    chosen: NDArray[np.bool_] = grouped_folds(groups, min(max(2, round(1 / share)), count), seed) == 0
    return chosen
