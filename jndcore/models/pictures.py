"""Pictures as the networks' labels know them: 1280x720 at most, and what changes from one to the next."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

LONG_SIDE, SHORT_SIDE = 1280, 720
"""The largest size that labels exist for; bigger pictures are shrunk to fit, smaller ones left alone."""

LEAST_SIDE = 64
"""Two positions of the coarsest latent: smaller pictures are padded by their own edge."""

DIFFERENCE_GAIN = 4
"""Differences between neighbouring frames are mostly a few code values; beyond 32 all mean motion."""

UNCHANGED = 128
"""A difference of none."""


def fit_luma(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma that fits inside 1280x720 (or 720x1280), shrunk by area averaging where need be.

    Parameters
    ----------
    luma : ndarray of uint8, shape (H, W)

    Returns
    -------
    ndarray of uint8, shape (h, w), contiguous
    """
    height, width = luma.shape
    scale = min(1.0, LONG_SIDE / max(height, width), SHORT_SIDE / min(height, width))
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        luma = cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        height, width = luma.shape
    below, right = max(0, LEAST_SIDE - height), max(0, LEAST_SIDE - width)
    if below or right:
        luma = np.pad(luma, ((0, below), (0, right)), mode="edge")
    return np.ascontiguousarray(luma)


def with_difference(luma: NDArray[np.uint8], neighbours: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Luma, and its difference from the nearer neighbour.

    The nearer one lies in the same shot, so a cut is no motion.

    Parameters
    ----------
    luma : ndarray of uint8, shape (h, w)
    neighbours : sequence of ndarray
        Luma of the frames before and after, as far as there are any; without one the picture is still.

    Returns
    -------
    ndarray of uint8, shape (2, h, w)
        The difference is `DIFFERENCE_GAIN` times as large, around `UNCHANGED`.
    """
    thin = np.ascontiguousarray(luma[::4, ::4])
    nearest = min(neighbours or [luma], key=lambda other: cv2.norm(thin, other[::4, ::4], cv2.NORM_L1))
    both = np.empty((2, *luma.shape), np.uint8)
    both[0] = luma
    cv2.addWeighted(luma, DIFFERENCE_GAIN, nearest, -DIFFERENCE_GAIN, UNCHANGED, dst=both[1])
    return both
