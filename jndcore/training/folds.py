"""Cross-validation that keeps clips of one group together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def grouped_folds(groups: Sequence[str], folds: int, seed: int) -> NDArray[np.int64]:
    """A fold for every clip, such that no group lies in two.

    The largest groups are dealt out first, each to the fold that has fewest clips; equal groups go in
    random order.

    Parameters
    ----------
    groups : sequence of str
        The group of each clip.
    folds : int
        At least 2.
    seed : int

    Returns
    -------
    ndarray of int64, shape (C,)
        0 to ``folds - 1``.

    Raises
    ------
    ValueError
        Where there are fewer groups than folds.
    """
    names, member, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    if not 2 <= folds <= len(names):
        raise ValueError(f"{len(names)} groups of clips cannot make {folds} folds")
    shuffled = np.random.default_rng(seed).permutation(len(names))
    fold_of_group = np.empty(len(names), np.int64)
    load = np.zeros(folds, np.int64)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of_group[group] = np.argmin(load)
        load[fold_of_group[group]] += sizes[group]
    return fold_of_group[member]
