"""Reels: shots with known labels and known trial encodes, which play one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndcore.results import sur
from jndcore.schedule.equal import ClipCurves
from jndcore.schedule.schedule import CRF_MAX

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Reel:
    """Shots of equal length.

    Attributes
    ----------
    clips : tuple of str
        Names of the N shots.
    predicted, label : ndarray, shape (N,)
        QP at 75 % SUR: as predicted by a network that did not see the clip, and as labelled.
    sur_sd : ndarray, shape (N,)
        Spread between observers, QP.
    jnd1 : ndarray, shape (N,)
        The predicted QP of level 1, whatever the level of `predicted`.
    curves : tuple of ClipCurves
        What trial encodes of the shots show.
    """

    clips: tuple[str, ...]
    predicted: Array
    label: Array
    sur_sd: Array
    jnd1: Array
    curves: tuple[ClipCurves, ...]

    @property
    def frames(self) -> Array:
        """Of each shot; shape (N,)."""
        return np.array([shot.frames for shot in self.curves], np.float64)

    def shares(self, qp: Array) -> Array:
        """Percent of viewers who, by the labels, see no further loss in each shot; shape (N,)."""
        return 100 * sur(qp, self.label, self.sur_sd)

    def qps(self, crf: Array) -> Array:
        """QPs of the same XPSNR as these CRFs, shot by shot; shape (N,)."""
        return np.array([clip.qp_of(at) for clip, at in zip(self.curves, crf.tolist(), strict=True)])

    def crfs(self, qp: Array) -> Array:
        """CRFs of the same XPSNR as these QPs, in tenths; shape (N,)."""
        found = [clip.crf_of(at) for clip, at in zip(self.curves, qp.tolist(), strict=True)]
        return np.asarray(np.clip(np.round(found, 1), 1.0, CRF_MAX))


def draw(clips: Sequence[str], shots: int, count: int, seed: int) -> list[list[int]]:
    """Reels without a shot in common: `count` lists of `shots` indices into `clips`, by lot.

    Raises
    ------
    ValueError
        Where there are too few clips.
    """
    if shots < 1 or count < 1 or shots * count > len(clips):
        raise ValueError(f"{len(clips)} clips do not make {count} reels of {shots} shots")
    order = np.random.default_rng(seed).permutation(len(clips))[: shots * count]
    return order.reshape(count, shots).tolist()
