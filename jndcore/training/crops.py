"""Random pieces of clips: the only changes are where to look and which way round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndcore.media import Planes
from jndcore.models.pictures import with_difference
from jndcore.training.frames import ClipFrames

Bytes = NDArray[np.uint8]

BLOCK = 16
"""Crops for the decoder start on x264's block grid; for the levels, anywhere."""


@dataclass(frozen=True)
class CodedCrop:
    """A square of a frame, of its neighbours, and of an encode of it.

    Attributes
    ----------
    source, target : Planes
        What was encoded, and what came of it.
    beside : tuple of two Planes
        The source before and after.
    qp : int
        Of the encode.
    """

    source: Planes
    beside: tuple[Planes, Planes]
    target: Planes
    qp: int


def shuffled(share: NDArray[np.float64], size: int, draw: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Endless batches of clip indices, in which clip i appears ``share[i]`` times an epoch on average.

    Parameters
    ----------
    share : ndarray, shape (C,)
        1 for every clip makes each epoch a permutation.
    size : int
        Clips a batch.
    """
    queue: list[int] = []
    while True:
        while len(queue) < size:
            times = np.floor(share + draw.random(len(share))).astype(np.int64)
            queue += draw.permutation(np.repeat(np.arange(len(share)), times)).tolist()
        yield np.array(queue[:size])
        del queue[:size]


def picture_batch(clips: list[ClipFrames], height: int, width: int, draw: np.random.Generator) -> Bytes:
    """One piece of each clip, shape (N, 2, height, width); the whole batch on its side half the time."""
    batch = np.stack([picture_crop(clip, height, width, draw) for clip in clips])
    return np.ascontiguousarray(batch.swapaxes(-1, -2)) if draw.random() < 0.5 else batch


def picture_crop(clip: ClipFrames, height: int, width: int, draw: np.random.Generator) -> Bytes:
    """A piece of a random picture, shape (2, height, width), flipped half the time each way.

    Pictures smaller than the piece are mirrored on at their edge.
    """
    picture = clip.pictures[draw.integers(len(clip.pictures))]
    rows, columns = _window(picture.shape[1], height, 1, draw), _window(picture.shape[2], width, 1, draw)
    crop = np.asarray(picture[:, rows, columns])
    lacking = ((0, 0), (0, height - crop.shape[1]), (0, width - crop.shape[2]))
    crop = np.pad(crop, lacking, mode="symmetric")
    for axis in (1, 2):
        crop = np.flip(crop, axis) if draw.random() < 0.5 else crop
    return np.ascontiguousarray(crop)


def blank_picture(height: int, width: int, draw: np.random.Generator) -> Bytes:
    """A picture of nothing, shape (2, height, width): one grey, or noise around it, still or in motion."""
    grey, strength = draw.uniform(16, 235), draw.choice([0.0, draw.uniform(0.5, 60)])
    first, second = (
        np.clip(np.rint(grey + strength * draw.standard_normal((height, width))), 0, 255).astype(np.uint8)
        for _ in range(2)
    )
    return with_difference(first, [second] if draw.random() < 0.5 else [])


def piece_side(clips: list[ClipFrames], most: int) -> int:
    """Side of the largest square, a multiple of `BLOCK` up to `most`, that fits every clip's frames."""
    sides: list[int] = [side // BLOCK * BLOCK for clip in clips for side in clip.y.shape[2:]]
    return min(most, *sides)


def coded_crop(clip: ClipFrames, size: int, draw: np.random.Generator) -> CodedCrop:
    """A square of a random frame and of one of its encodes; `size` is a multiple of `BLOCK`."""
    version, frame = int(draw.integers(1, len(clip.y))), int(draw.integers(clip.y.shape[1]))
    rows = _window(clip.y.shape[2] // BLOCK * BLOCK, size, BLOCK, draw)
    columns = _window(clip.y.shape[3] // BLOCK * BLOCK, size, BLOCK, draw)

    half = tuple(slice(s.start // 2, s.stop // 2) for s in (rows, columns))

    def cut(planes: Planes) -> Planes:
        return Planes(np.array(planes.y[rows, columns]), np.array(planes.u[half]), np.array(planes.v[half]))

    before, after = map(cut, clip.beside(frame))
    return CodedCrop(
        source=cut(clip.version(0, frame)),
        beside=(before, after),
        target=cut(clip.version(version, frame)),
        qp=int(clip.qps[version - 1]),
    )


def _window(length: int, size: int, step: int, draw: np.random.Generator) -> slice:
    start = int(draw.integers(0, max(0, length - size) // step + 1)) * step
    return slice(start, min(start + size, length))
