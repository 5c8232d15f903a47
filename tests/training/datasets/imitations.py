"""Tiny imitations of data sets, and readers independent of the code under test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import videos
from numpy.typing import NDArray

Bgr = NDArray[np.uint8]
SIDE = 64


def picture(seed: int) -> Bgr:
    """A smooth picture of 64x64 that no other seed gives."""
    noise = np.random.default_rng(seed).normal(128, 60, (SIDE, SIDE, 3))
    return np.clip(cv2.GaussianBlur(noise, (0, 0), 1.2) * 2 - 128, 0, 255).astype(np.uint8)


def write(path: Path, image: Bgr, quality: int = 95) -> Path:
    """A picture in the format of its suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return path


def read(path: Path) -> Bgr:
    """The reference: OpenCV's own reader."""
    image = cv2.imread(str(path))
    assert image is not None
    return np.asarray(image, np.uint8)


def write_video(path: Path, qp: int, shift: int = 0, frames: int = 10) -> Path:
    """H.264 of 64x64 whose frame i spells ``i + shift`` in black and white along its top."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return videos.encode(
        path,
        options={"qp": str(max(qp, 1)), "preset": "fast"},
        frames=frames,
        size=(SIDE, SIDE),
        picture_of=lambda i: videos.picture(i + shift, size=(SIDE, SIDE)),
    )


def spelled(image: Bgr) -> int:
    """The number along the top of a frame."""
    return sum(int(image[:8, 8 * bit : 8 * bit + 8].mean() > 128) << bit for bit in range(8))


def decoded(path: Path) -> list[Bgr]:
    """The reference: FFmpeg's decoding and conversion."""
    with av.open(str(path)) as container:
        return [np.asarray(f.to_ndarray(format="bgr24"), np.uint8) for f in container.decode(video=0)]


def distance(a: Bgr, b: Bgr) -> float:
    """Mean absolute difference."""
    return float(np.abs(a.astype(float) - b).mean())


def write_lines(path: Path, lines: Sequence[str]) -> Path:
    """A text file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path
