"""A picture as three planes of samples, as encoders take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import av
import cv2
import numpy as np
from av.video.plane import VideoPlane
from numpy.typing import NDArray

S = TypeVar("S", np.uint8, np.uint16)


@dataclass(frozen=True)
class Planes:
    """An 8-bit 4:2:0 picture in limited ("TV") range.

    Attributes
    ----------
    y : ndarray of uint8, shape (H, W)
        Luma, 16 black to 235 white.
    u, v : ndarray of uint8, shape (ceil(H / 2), ceil(W / 2))
        Chroma, 128 without colour.
    """

    y: NDArray[np.uint8]
    u: NDArray[np.uint8]
    v: NDArray[np.uint8]

    def __post_init__(self) -> None:
        height, width = self.y.shape
        half = ((height + 1) // 2, (width + 1) // 2)
        if self.u.shape != half or self.v.shape != half:
            raise ValueError(
                f"a {width}x{height} picture has chroma of {half}, not {self.u.shape}, {self.v.shape}"
            )


def samples(plane: VideoPlane, dtype: type[S]) -> NDArray[S]:
    """The samples of one plane with one component, shape (height, width), without a copy.

    FFmpeg pads lines, and stores some pictures bottom line first (negative line size).
    """
    line = abs(plane.line_size) // np.dtype(dtype).itemsize
    rows = np.frombuffer(memoryview(plane), dtype).reshape(plane.height, line)[:, : plane.width]
    return rows if plane.line_size > 0 else rows[::-1]


def to_limited(
    plane: NDArray[np.uint8] | NDArray[np.uint16], bits: int, *, full: bool, chroma: bool
) -> NDArray[np.uint8]:
    """8-bit limited range of `plane`, in memory of its own; a plain copy where it is that already.

    Parameters
    ----------
    plane : ndarray of uint8 or uint16
        Samples of `bits` bits.
    full : bool
        The samples use the full range (0 to ``2**bits - 1``), not the limited one.
    chroma : bool
        Centred on the middle of the range rather than starting at black.
    """
    if bits == 8 and not full:
        return plane.astype(np.uint8, order="C")
    if not full:
        scale, offset = 2.0 ** (8 - bits), 0.0
    elif chroma:
        scale = 224 / (2**bits - 1)
        offset = 128 - scale * 2 ** (bits - 1)
    else:
        scale, offset = 219 / (2**bits - 1), 16.0
    return cv2.convertScaleAbs(np.ascontiguousarray(plane), alpha=scale, beta=offset).astype(
        np.uint8, copy=False
    )


def to_av(planes: Planes) -> av.VideoFrame:
    """A new PyAV frame in yuv420p with these samples."""
    height, width = planes.y.shape
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, values in zip(frame.planes, (planes.y, planes.u, planes.v), strict=True):
        samples(plane, np.uint8)[:] = values
    return frame


def from_bgr(picture: NDArray[np.uint8]) -> Planes:
    """B'G'R' of full range, shape (H, W, 3), as FFmpeg's scaler turns it into 4:2:0 (BT.601)."""
    return from_av(av.VideoFrame.from_ndarray(picture, "bgr24").reformat(format="yuv420p"))


def from_av(frame: av.VideoFrame) -> Planes:
    """A copy of a yuv420p frame's samples."""
    y, u, v = (samples(plane, np.uint8).copy() for plane in frame.planes)
    return Planes(y, u, v)
