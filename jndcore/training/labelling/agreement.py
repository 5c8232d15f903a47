"""How far two tables of labels agree on the clips that both hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from jndcore.errors import JNDError
from jndcore.results import LEVELS
from jndcore.training.labels import read_rows

Array = NDArray[np.float64]

COMPARED = (*(f"jnd{level}" for level in LEVELS), "teacher_sur75", "vmaf95")
LEAST = 3
"""Clips: a rank correlation of two is 1 or -1."""


@dataclass(frozen=True)
class Agreement:
    """Two tables' values of one column, QP.

    Attributes
    ----------
    column : str
    clips : int
        That both tables hold.
    rank : float
        Spearman's rank correlation; NaN where all values of one table are equal.
    mean, largest : float
        Absolute difference.
    """

    column: str
    clips: int
    rank: float
    mean: float
    largest: float


def compare_tables(first: Path, second: Path) -> list[Agreement]:
    """Compare the columns of `COMPARED` that both tables have, clip by clip.

    Raises
    ------
    JNDError
        Where a table cannot be read, or they share fewer than three clips.
    """
    mine, yours = ({row["id"]: row for row in read_rows(table, ("id", "jnd1"))} for table in (first, second))
    shared = [name for name in mine if name in yours]
    if len(shared) < LEAST:
        raise JNDError(f"{second}: shares {len(shared)} clips with {first}; {LEAST} are needed to compare.")
    agreed = []
    for column in COMPARED:
        if all(column in table[shared[0]] for table in (mine, yours)):
            a, b = (_values(table, shared, column) for table in (mine, yours))
            agreed.append(_agreement(column, a, b))
    return agreed


def _values(table: dict[str, dict[str, str]], names: list[str], column: str) -> Array:
    try:
        return np.array([float(table[name][column]) for name in names])
    except (TypeError, ValueError) as error:
        raise JNDError(f"column {column} of a label table holds what is no number ({error}).") from error


def _agreement(column: str, a: Array, b: Array) -> Agreement:
    apart = np.abs(a - b)
    level = np.ptp(a) == 0 or np.ptp(b) == 0  # scipy warns of it
    rank = float("nan") if level else float(spearmanr(a, b).statistic)
    return Agreement(column, len(a), rank, float(apart.mean()), float(apart.max()))
