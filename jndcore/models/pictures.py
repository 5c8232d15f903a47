"""Pictures as the networks' labels know them: 1280x720 at most."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

LONG_SIDE, SHORT_SIDE = 1280, 720
"""The largest size that labels exist for; bigger pictures are shrunk to fit, smaller ones left alone."""

LEAST_SIDE = 64
"""Two positions of the coarsest latent: smaller pictures are padded by their own edge."""


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
