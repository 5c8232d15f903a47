"""What x264 makes of a frame where it stands, on the average: the encoder in the loop of a rebuilt frame."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndcore.media.encode import measure_x264
from jndcore.media.errors import MediaError
from jndcore.media.planes import Planes

KEY_OFFSET = 3
"""A lone frame is a key frame, which x264 encodes 3 below ``--qp`` (--ipratio 1.4); raised by as much it has
the QP of a P frame."""

QUICK = "b-adapt=0:scenecut=0:subme=6"
"""x264's medium, but without a search for frame types, so that a picture between its neighbours is always a
B frame, and without rate-distortion in B frames: 15 % less time, and no less alike (see `rehearse`)."""

PIXELS_AT_A_TIME = 4 * 3840 * 2160
"""Bounds the memory of encodes that run side by side to about 1 GB."""

MOST_SIDE = 16384
"""Samples each way that x264 takes."""

LEAST_SIDE = 16
"""Samples each way of what is encoded, one macroblock; smaller pictures are continued at their edge."""

Mean = NDArray[np.float32]


@dataclass(frozen=True)
class Rehearsal:
    """The mean of several encodes of one picture.

    Attributes
    ----------
    y : ndarray of float32, shape (H, W)
    u, v : ndarray of float32, shape (ceil(H / 2), ceil(W / 2))
        In code values, as those of `Planes`.
    """

    y: Mean
    u: Mean
    v: Mean


def rehearse(
    picture: Planes, beside: Sequence[Planes], qp: float, *, between: Callable[[], None] = lambda: None
) -> Rehearsal:
    """The mean of what libx264 makes of a picture around a QP, in six encodes that see it differently.

    A single encode tells little of another one that began elsewhere or has another QP: what two of them lose
    is alike only in part. The mean of a few keeps that part. So the picture is encoded as a key frame, and
    between its neighbours in either direction, at QPs up to 3 from the one asked for: a predicted QP is off
    by 1.6 on the average, and B frames have about 2 more than ``--qp`` says. Found on 40 labelled clips at
    predicted QPs (docs/model.md): these six foresee as much as eight that x264 would choose frame types for.

    Parameters
    ----------
    picture : Planes
        Of any size.
    beside : sequence of Planes
        The frames before and after. Where there is but one, it stands for both; without any, the picture
        counts as still.
    qp : float
        x264 P-frame scale. Encodes are made within 1 to 51.
    between : callable
        Called before each encode, in any thread; what it raises ends the work.

    Returns
    -------
    Rehearsal
        The same on every machine: x264 works with one thread, several encodes at a time.

    Raises
    ------
    MediaError
        Where the picture is larger than x264 takes, 16384 samples each way.
    """
    height, width = picture.y.shape
    if max(height, width) > MOST_SIDE:
        raise MediaError(
            f"A frame of {width}x{height} cannot be rebuilt: x264 takes {MOST_SIDE} samples each way; scale "
            "the video."
        )
    here = _even(picture)
    before, after = (_even(other) for other in [*(beside[:1] or [picture]), *(beside[-1:] or [picture])])
    encodes = [
        ([here], KEY_OFFSET - 1),
        *(([before, here, after], offset) for offset in (-3, 0, 3)),
        *(([after, here, before], offset) for offset in (0, 2)),
    ]

    def encoded(frames: list[Planes], offset: int) -> Planes:
        between()
        told = int(np.clip(round(qp + offset), 1, 51))
        return measure_x264(frames, told, fps=25, x264=QUICK).planes[len(frames) // 2]

    with ThreadPoolExecutor(_workers(here)) as pool:
        made = pool.map(encoded, *zip(*encodes, strict=True))
        sums = [np.zeros(plane.shape, np.float32) for plane in (here.y, here.u, here.v)]
        for one in made:
            for total, plane in zip(sums, (one.y, one.u, one.v), strict=True):
                total += plane
    y, u, v = (
        total[: of.shape[0], : of.shape[1]] / np.float32(len(encodes))
        for total, of in zip(sums, (picture.y, picture.u, picture.v), strict=True)
    )
    return Rehearsal(y, u, v)


def _workers(picture: Planes) -> int:
    """How many encodes at a time: one of three 4K frames takes 0.3 GB."""
    return min(os.cpu_count() or 1, max(PIXELS_AT_A_TIME // picture.y.size, 1))


def _even(picture: Planes) -> Planes:
    """The picture, continued at its right and lower edge to a size that x264 takes."""
    height, width = (max(side + side % 2, LEAST_SIDE) for side in picture.y.shape)

    def continued(plane: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
        return np.pad(plane, ((0, rows - plane.shape[0]), (0, columns - plane.shape[1])), mode="edge")

    if (height, width) == picture.y.shape:
        return picture
    chroma = (height // 2, width // 2)
    return Planes(
        continued(picture.y, height, width), *(continued(c, *chroma) for c in (picture.u, picture.v))
    )
