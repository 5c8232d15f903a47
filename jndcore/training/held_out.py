"""Files of held-out predictions, a row a clip: what training writes and ``jnd evaluate`` reads."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jndcore.results import LEVELS
from jndcore.results.atomic import replacing

HELD_OUT = ".oof.csv"
"""End of the name of such a file, where each clip was held out of one fold."""

TEST = ".test.csv"
"""End of the name where a set's own part for tests was held out."""


class Named(Protocol):
    """A clip or an item of a data set."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def group(self) -> str: ...  # noqa: D102


def write_held_out(
    path: Path,
    clips: Sequence[Named],
    fold: NDArray[np.int64],
    figures: Mapping[str, NDArray[np.float64]],
) -> None:
    """Write one row a clip: its name, group and fold, and each figure for levels 1 to 3.

    Parameters
    ----------
    fold : ndarray, shape (C,)
        The fold that each clip was held out of.
    figures : mapping of str to ndarray, shape (C, 3)
        ``label`` and ``qp``, and whatever else is known; NaN becomes an empty cell.
    """
    columns = [f"{name}{level}" for name in figures for level in LEVELS]
    with replacing(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "group", "fold", *columns])
        for i, clip in enumerate(clips):
            cells = [value for figure in figures.values() for value in figure[i]]
            row = ["" if np.isnan(value) else f"{value:.3f}" for value in cells]
            table.writerow([clip.name, clip.group, int(fold[i]), *row])
