"""What all data sets of JND labels have in common: items with labels, and pictures to go with them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.results.sur import SHARE_OF_LABEL
from jndcore.training.datasets.listing import some

Bgr = NDArray[np.uint8]
"""A picture, shape (H, W, 3), blue first, full range 0..255."""

Triple = tuple[float, float, float]

NOTHING: Triple = (float("nan"), float("nan"), float("nan"))

WORSE = {"x264 QP": 1, "JPEG quality": -1, "BPG QP": 1}
"""Scales of labels, and whether a higher number (1) or a lower one (-1) is the worse picture."""


class Source(Protocol):
    """The pictures of one item."""

    @property
    def video(self) -> Path | None:
        """The file of the whole source, without loss where the set has it so; None for a still."""

    def frames(self, count: int) -> list[Bgr]:
        """`count` frames evenly spread over the item, native size; fewer where there are fewer."""

    def at_jnd(self, level: int, count: int) -> list[Bgr]:
        """The very same frames at the quality of JND `level`, 1 to 3.

        Raises
        ------
        JNDError
            Where the item has no such label, or the pictures cannot be read.
        """


@dataclass(frozen=True)
class Item:
    """One labelled clip or picture.

    Attributes
    ----------
    name : str
        Unique in the set.
    group : str
        Items of one group show the same source and never lie on two sides of a split.
    split : str
        ``"train"``, ``"valid"``, ``"test"``, or ``""`` where the set assigns none.
    jnd : tuple of float
        Points of 75 % SUR of levels 1 to 3 on the set's scale, first seen first; NaN where unlabelled.
    sd : tuple of float
        Spread between observers on the same scale; NaN where unknown.
    source : Source
    """

    name: str
    group: str
    split: str
    jnd: Triple
    sd: Triple
    source: Source


@dataclass(frozen=True)
class Dataset:
    """A set of labelled items.

    Attributes
    ----------
    name : str
    scale : str
        Of the labels: ``"x264 QP"``, ``"JPEG quality"`` or ``"BPG QP"``.
    convention : str
        One sentence: what the label means, and how it was got.
    items : tuple of Item
    """

    name: str
    scale: str
    convention: str
    items: tuple[Item, ...]


def sur75(mean: float, sd: float, worse: int) -> float:
    """Point that 75 % of observers accept, of a normal distribution: `mean` - `worse` * 0.6745 `sd`."""
    return mean - worse * NormalDist().inv_cdf(SHARE_OF_LABEL) * sd


def check_splits(dataset: Dataset) -> None:
    """See that no source lies on two sides of a split.

    Raises
    ------
    JNDError
        Where items of one group have different splits (unassigned counts as one of them).
    """
    splits = defaultdict(set)
    for item in dataset.items:
        splits[item.group].add(item.split)
    torn = [
        f"{group} in {' and '.join(split or 'none' for split in sorted(found))}"
        for group, found in splits.items()
        if len(found) > 1
    ]
    if torn:
        raise JNDError(
            f"{dataset.name}: {len(torn)} sources lie in more than one split ({some(torn)}); "
            "move all frames of a source into one split."
        )


def check_items(dataset: Dataset) -> None:
    """See that there are items, with names of their own and levels in the order in which they are seen.

    Raises
    ------
    JNDError
        Where that does not hold.
    """
    names = [item.name for item in dataset.items]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice or not names:
        raise JNDError(
            f"{dataset.name}: {f'names occur twice ({some(twice)})' if twice else 'holds no items'}; "
            "every item needs a name of its own."
        )
    worse = WORSE[dataset.scale]
    crossed = [item.name for item in dataset.items if any(worse * (b - a) < 0 for a, b in pairwise(item.jnd))]
    if crossed:
        raise JNDError(
            f"{dataset.name}: JND1, JND2 and JND3 are not in the order in which they are seen "
            f"({dataset.scale}) for {some(crossed)}; correct the labels."
        )
