"""The pictures of a data set as the paper's systems take them, made once and kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.models.paper.autoencoder import HEIGHT, WIDTH
from jndcore.results.atomic import replacing
from jndcore.training.datasets import Dataset, Item, Source

Bytes = NDArray[np.uint8]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Pictures:
    """Frames of all items of a set.

    Attributes
    ----------
    item : ndarray of int64, shape (P,)
        The item that each picture belongs to, rising.
    label : ndarray of float64, shape (P, 3)
        That item's QPs; NaN where unknown.
    versions : dict of int to ndarray of uint8, shape (P, 3, 352, 640)
        BGR, mapped from disk: 0 the source, 1 to 3 the frames at that JND level.
    names : dict of int to str
        One for each version; differs wherever its pictures would.
    """

    item: NDArray[np.int64]
    label: NDArray[np.float64]
    versions: dict[int, Bytes]
    names: dict[int, str]

    def rows(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """The pictures of these items."""
        return np.flatnonzero(np.isin(self.item, items)).astype(np.int64)


def gather_pictures(
    dataset: Dataset, frames: int, levels: Sequence[int], folder: Path, progress: Progress
) -> Pictures:
    """Decode, encode and scale what is not in `folder` yet.

    Parameters
    ----------
    frames : int
        Of each item, at most.
    levels : sequence of int
        Levels whose JND frames are needed.
    folder : Path
        Made where it does not exist; about 0.7 MB for a picture and version.

    Raises
    ------
    JNDError
        Where an item cannot be read, or `folder` is full or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {level: _name(dataset, frames, level) for level in (0, *levels)}
        versions = {}
        for level, name in names.items():
            path = folder / f"{name}.npy"
            if not path.is_file():
                _make(dataset.items, frames, level, path, progress)
            versions[level] = np.load(path, mmap_mode="r")
        counts = np.load(folder / f"{names[0]}.counts.npy")
    except OSError as error:
        raise JNDError(
            f"{folder}: training pictures cannot be kept there ({error.strerror or error}); "
            "free some space or choose another place."
        ) from error
    label = np.array([item.jnd for item in dataset.items], dtype=np.float64)
    item = np.repeat(np.arange(len(dataset.items)), counts)
    return Pictures(item, label[item], versions, names)


def _name(dataset: Dataset, frames: int, level: int) -> str:
    """Differs wherever the pictures would."""
    facts = [(item.name, item.jnd, repr(item.source), _stamps(item.source)) for item in dataset.items]
    digest = hashlib.sha256(json.dumps([dataset.name, frames, facts]).encode()).hexdigest()
    return f"{digest[:16]}.{level}"


def _stamps(source: Source) -> list[tuple[int, int]]:
    """Size and time of the files that a source names, so that a file made anew is read anew."""
    paths = [value for value in vars(source).values() if isinstance(value, Path) and value.is_file()]
    return [(path.stat().st_size, path.stat().st_mtime_ns) for path in paths]


def _make(items: Sequence[Item], frames: int, level: int, path: Path, progress: Progress) -> None:
    stage = f"frames at JND{level}" if level else "source frames"
    parts: list[Bytes] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for part in pool.map(lambda item: _pictures(item, frames, level), items):
            parts.append(part)
            progress(stage, len(parts) / len(items))
    if level == 0:
        with replacing(path.with_suffix(".counts.npy")) as temporary, open(temporary, "wb") as file:
            np.save(file, np.array([len(part) for part in parts]))
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.save(file, np.concatenate(parts))


def _pictures(item: Item, frames: int, level: int) -> Bytes:
    found = item.source.at_jnd(level, frames) if level else item.source.frames(frames)
    return np.stack([scale(bgr) for bgr in found])


def scale(bgr: Bytes) -> Bytes:
    """As `PaperSystem.prepare`: shape (H, W, 3) to (3, 352, 640), bilinear."""
    small = cv2.resize(bgr, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    return small.transpose(2, 0, 1).astype(np.uint8, copy=False)
