"""What training reads of every clip, decoded once and kept on disk: a few frames, and x264's versions."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.media import Planes, Reader, encode_x264, open_video
from jndcore.models.pictures import fit_luma, with_difference
from jndcore.results import QP_MAX, QP_MIN
from jndcore.training.labels import Clip

PICTURES = 5
"""Frames of a clip that the levels are learned and judged on; neighbours are all but equal."""

LEAST_SIDE = 64
"""Four macroblocks: smaller pictures teach the decoder nothing but their edge."""

ENCODED = 12
TARGETS = (4, 9)
"""Frames that x264 sees, and those of them that the decoder learns from: a P and a B frame, mostly."""

BESIDE = (-1, 1)
"""Neighbours of a target, among which it is rehearsed."""

STRAY_QPS = (10, 40)
"""Range of the QP, beside the label's three, that keeps the decoder from tying QP to content."""

Bytes = NDArray[np.uint8]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class ClipFrames:
    """Frames of one clip, mapped from disk.

    Attributes
    ----------
    pictures : ndarray of uint8, shape (F, 2, h, w)
        Frames as `scopenet` looks at them: luma, and its difference from the nearer neighbour.
    qps : ndarray of int64, shape (Q,)
        QPs of the encodes: levels 1, 2, 3, then a stray one.
    y : ndarray of uint8, shape (1 + Q, T, H, W)
        Luma of T frames: the source, then the encodes in the order of `qps`.
    u, v : ndarray of uint8, shape (1 + Q, T, ceil(H / 2), ceil(W / 2))
    beside_y, beside_u, beside_v : ndarray of uint8, shape (2, T, ...)
        Of the source, the frames before and after each of the T.
    """

    pictures: Bytes
    qps: NDArray[np.int64]
    y: Bytes
    u: Bytes
    v: Bytes
    beside_y: Bytes
    beside_u: Bytes
    beside_v: Bytes

    def version(self, which: int, frame: int) -> Planes:
        """Frame `frame` of the T, of the source (0) or of an encode; read from disk where it is looked at."""
        return Planes(self.y[which, frame], self.u[which, frame], self.v[which, frame])

    def beside(self, frame: int) -> tuple[Planes, Planes]:
        """The source before and after frame `frame` of the T; read from disk where it is looked at."""
        before, after = (
            Planes(self.beside_y[i, frame], self.beside_u[i, frame], self.beside_v[i, frame])
            for i in range(len(BESIDE))
        )
        return before, after


def cache_frames(clips: list[Clip], folder: Path, seed: int, progress: Progress) -> list[ClipFrames]:
    """Decode, encode and keep in `folder` what training needs; about 24 MB for a clip of 1280x720.

    Raises
    ------
    JNDError
        Where a clip cannot be read or is too short or small, or `folder` is full.
    """
    draw = np.random.default_rng(seed)
    stray = draw.integers(STRAY_QPS[0], STRAY_QPS[1] + 1, len(clips))
    jobs = [
        (clip, np.array([*np.clip(np.rint(clip.jnd), QP_MIN, QP_MAX), qp], np.int64), folder)
        for clip, qp in zip(clips, stray, strict=True)
    ]
    frames = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, one in enumerate(pool.map(lambda job: _cache(*job), jobs), 1):
            frames.append(one)
            progress("reading and encoding the clips", done / len(clips))
    return frames


def _cache(clip: Clip, qps: NDArray[np.int64], folder: Path) -> ClipFrames:
    with open_video(clip.path) as reader:
        fps = reader.info.fps or 25
        pictures = _pictures(reader)
        head = [frame.planes() for frame in islice(reader.frames(), ENCODED)]
    height, width = head[0].y.shape
    if min(height, width) < LEAST_SIDE:
        raise JNDError(
            f"{clip.path}: is {width}x{height}; a labelled clip needs {LEAST_SIDE} pixels each way."
        )
    if len(head) < ENCODED:
        raise JNDError(f"{clip.path}: has {len(head)} frames; a labelled clip needs {ENCODED} at least.")
    versions = [head, *(encode_x264(head, int(qp), fps=fps) for qp in qps)]
    planes = {
        name: np.stack([[getattr(version[t], name) for t in TARGETS] for version in versions])
        for name in "yuv"
    } | {
        f"beside_{name}": np.stack([[getattr(head[t + by], name) for t in TARGETS] for by in BESIDE])
        for name in "yuv"
    }
    stored = {name: _store(folder / f"{clip.name}.{name}.npy", array) for name, array in planes.items()}
    return ClipFrames(_store(folder / f"{clip.name}.npy", pictures), qps, **stored)


def _pictures(reader: Reader) -> Bytes:
    """Frames spread over the clip, each with its difference from a neighbour."""
    chosen = np.linspace(0, len(reader) - 1, PICTURES + 2).round().astype(int)[1:-1].tolist()
    beside = {number + by for number in chosen for by in (-1, 0, 1)}
    luma = {frame.number: fit_luma(frame.luma()) for frame in reader.frames() if frame.number in beside}
    return np.stack(
        [with_difference(luma[n], [luma[m] for m in (n - 1, n + 1) if m in luma]) for n in chosen]
    )


def _store(path: Path, array: Bytes) -> Bytes:
    try:
        np.save(path, array)
    except OSError as error:
        raise JNDError(
            f"{path.parent}: training data cannot be kept there ({error.strerror or error}); "
            "free some space, or name a larger folder in TMPDIR."
        ) from error
    mapped: Bytes = np.load(path, mmap_mode="r")
    return mapped
