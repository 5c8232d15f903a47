"""Cutting a 4:2:0 picture into tiles whose rebuilt insides join without a seam."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TILE = 960
"""Side of a tile without its margin, luma pixels: bounds the memory that one pass takes."""

Plane = NDArray[np.uint8] | NDArray[np.float32]


@dataclass(frozen=True)
class Tile:
    """A part of a luma picture of `height` x `width`.

    `top, left, bottom, right` bound the part to keep, `margin` is how far the network looks beyond it.
    All are multiples of the network's step but where they are the picture's own edge.
    """

    height: int
    width: int
    top: int
    left: int
    bottom: int
    right: int
    margin: int

    def source(self, plane: Plane) -> Plane:
        """The tile and its margin in `plane`: luma, or chroma at half size."""
        k = self._scale(plane)
        top, left = max(self.top - self.margin, 0), max(self.left - self.margin, 0)
        bottom, right = min(self.bottom + self.margin, self.height), min(self.right + self.margin, self.width)
        return plane[top // k : -(-bottom // k), left // k : -(-right // k)]

    def paste(self, rebuilt: Plane, target: Plane) -> None:
        """Copy the inside of `rebuilt`, which has the shape of `source`, into the whole plane `target`."""
        k = self._scale(target)
        down, across = (
            (self.top - max(self.top - self.margin, 0)) // k,
            (self.left - max(self.left - self.margin, 0)) // k,
        )
        inside = target[self.top // k : -(-self.bottom // k), self.left // k : -(-self.right // k)]
        inside[:] = rebuilt[down : down + inside.shape[0], across : across + inside.shape[1]]

    def _scale(self, plane: Plane) -> int:
        return 1 if plane.shape == (self.height, self.width) else 2


def tiles(height: int, width: int, *, margin: int, step: int, side: int = TILE) -> Iterator[Tile]:
    """Tiles that cover a luma picture of `height` x `width` once.

    Parameters
    ----------
    margin : int
        The network's receptive field beyond a pixel, luma pixels; rounded up to a multiple of `step`.
    step : int
        Tile origins are multiples of this (the network's stride), at least 2 for chroma's sake.
    side : int
        Length of a tile without margins, rounded down to a multiple of `step`.
    """
    margin = -(-margin // step) * step
    side = max(side // step, 1) * step
    for top in range(0, height, side):
        for left in range(0, width, side):
            bottom, right = min(top + side, height), min(left + side, width)
            yield Tile(height, width, top, left, bottom, right, margin)
