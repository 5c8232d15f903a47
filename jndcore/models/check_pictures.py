"""Made pictures of noise and structure, on which two ways of computing a model are compared."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jndcore.models.base import JNDModel

SIZES = ((360, 640), (273, 497))
"""One of an encoder's sizes, and one that no block divides."""


def check_pictures(model: JNDModel) -> list[NDArray[np.uint8]]:
    """Pictures as `JNDModel.predict` takes them, a batch for each of `SIZES`.

    Noise, a dull gradient with grain, stripes and blocks; each has the one before it as neighbour.

    Returns
    -------
    list of ndarray of uint8, shape (4, D, h, w)
    """
    batches = []
    for size in SIZES:
        prepared = [model.prepare(_Made(frame)) for frame in _frames(*size)]
        before = [prepared[-1:], *([one] for one in prepared[:-1])]
        pairs = zip(prepared, before, strict=True)
        batches.append(np.stack([model.beside(one, other) for one, other in pairs]))
    return batches


class _Made:
    """A frame of R'G'B' as models look at it."""

    def __init__(self, rgb: NDArray[np.uint8]) -> None:
        self._rgb = rgb

    def luma(self) -> NDArray[np.uint8]:
        """Its green in limited range."""
        return (16 + self._rgb[..., 1] * (219 / 255)).astype(np.uint8)

    def rgb(self) -> NDArray[np.uint8]:
        """As given."""
        return self._rgb


def _frames(height: int, width: int) -> Iterator[NDArray[np.uint8]]:
    draw = np.random.default_rng(0)
    rows, columns = np.mgrid[:height, :width]
    noise = draw.normal(size=(height, width, 3))
    blocks = np.kron(draw.uniform(60, 200, (height // 16 + 1, width // 16 + 1)), np.ones((16, 16)))
    plain = (
        128 + 40 * noise[..., 0],
        90 + 60 * columns / width + 2 * noise[..., 1],
        128 + 50 * np.sin(rows / 9 + columns / 31),
        blocks[:height, :width] + 6 * noise[..., 2],
    )
    for luma in plain:
        yield np.clip(luma[..., None] + 10 * noise, 0, 255).astype(np.uint8)
