"""What libx264 makes of a clip's frames at a JND, kept on disk by the content that it was made of.

A file of the cache is named ``<key>-<frame>.npz``; the key is SHA-256 over the source's samples, the QP, the
preset, the number of threads and libx264's version, so another clip, label or library never meets an old
frame. Inside is one PNG of the three planes (y, with u and v side by side below), 0.5 MB for a frame of
1280x720. It lies in a zip archive because that has a checksum which is looked at; OpenCV's reader of PNG
shows damaged pictures.

libx264 has one thread, so that pictures are one slice and the same on every machine: with more it would cut
them into a slice for each core, and one key would stand for different frames.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.media import Planes, measure_x264
from jndcore.media.versions import x264_version
from jndcore.results.atomic import replacing

Bytes = NDArray[np.uint8]

PRESET = "medium"
"""The preset that the labels of clips were made with."""

THREADS = 1

RATE = 25
"""Frames a second told to x264; at a constant QP they change nothing in a picture."""

PNG_LEVEL = 6
"""15 % smaller than OpenCV's default in 0.1 s; 9 gains 2 % more in 0.4 s."""


def jnd_planes(
    source: Sequence[Planes], qp: int, numbers: Sequence[int], *, cache: Path | None = None
) -> list[Planes]:
    """Some frames of a clip as x264 leaves them at a constant QP.

    Parameters
    ----------
    source : sequence of Planes
        The whole clip, one size, even each way: its frames depend on each other.
    qp : int
        1 to 51.
    numbers : sequence of int
        Which frames to return.
    cache : Path, optional
        A folder, made where it does not exist. Frames found there are not encoded again, damaged ones are.

    Raises
    ------
    JNDError
        Where libx264 refuses the clip, or the cache cannot be written.
    """
    if cache is None:
        coded = _encode(source, qp)
        return [coded[n] for n in numbers]
    key = content_key(source, qp)
    paths = [cache / f"{key}-{n:05d}.npz" for n in numbers]
    held = [_load(path, source[0].y.shape) for path in paths]
    if any(planes is None for planes in held):
        coded = _encode(source, qp)
        _make(cache)
        for i, n in enumerate(numbers):
            if held[i] is None:
                held[i] = coded[n]
                _store(paths[i], coded[n])
    return [planes for planes in held if planes is not None]


def content_key(source: Sequence[Planes], qp: int) -> str:
    """SHA-256 of all that decides the encode's frames, hexadecimal."""
    height, width = source[0].y.shape
    options = f"-qp {qp} -preset {PRESET} -threads {THREADS}"
    digest = hashlib.sha256(f"{width}x{height} {options} {x264_version()}\n".encode())
    for planes in source:
        for plane in (planes.y, planes.u, planes.v):
            digest.update(np.ascontiguousarray(plane).data)
    return digest.hexdigest()


def _encode(source: Sequence[Planes], qp: int) -> list[Planes]:
    return measure_x264(source, qp, fps=RATE, preset=PRESET, threads=THREADS).planes


def _store(path: Path, planes: Planes) -> None:
    packed = np.vstack([planes.y, np.hstack([planes.u, planes.v])])
    _, png = cv2.imencode(".png", packed, [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL])
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, png=png)


def _load(path: Path, shape: tuple[int, ...]) -> Planes | None:
    """The planes of a picture of `shape` in a file; None where it is missing or damaged."""
    try:
        with open(path, "rb") as file, np.load(file) as archive:
            packed = cv2.imdecode(archive["png"], cv2.IMREAD_GRAYSCALE)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, cv2.error):
        return None
    height, width = shape
    if packed is None or packed.shape != (height + height // 2, width):
        return None
    parts = packed[:height], packed[height:, : width // 2], packed[height:, width // 2 :]
    return Planes(*(np.ascontiguousarray(part, np.uint8) for part in parts))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JNDError(
            f"{folder}: the cache cannot be made ({error.strerror}); choose another place for it."
        ) from error
