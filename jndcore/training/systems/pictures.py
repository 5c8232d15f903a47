"""The pictures of a data set as the paper's systems take them, made once and kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.models.paper.autoencoder import HEIGHT, WIDTH
from jndcore.models.paper.system import as_picture
from jndcore.results.atomic import replacing
from jndcore.training.datasets import Dataset, Item, Source

Bytes = NDArray[np.uint8]
Progress = Callable[[str, float], None]
SHAPE = (3, HEIGHT, WIDTH)


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
        BGR, mapped from disk: 0 the source, 1 to 3 the frames at that JND level, all 0 for items that
        nothing is learned from.
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
    dataset: Dataset,
    frames: int,
    levels: Sequence[int],
    learned: NDArray[np.bool_],
    folder: Path,
    progress: Progress,
) -> Pictures:
    """Decode, encode and scale what is not in `folder` yet.

    Parameters
    ----------
    frames : int
        Of each item, at most.
    levels : sequence of int
        Levels whose JND frames are needed.
    learned : ndarray, shape (C,)
        The items whose JND frames are needed.
    folder : Path
        0.7 MB for each picture and version.

    Raises
    ------
    JNDError
        Where an item cannot be read, or `folder` is full or cannot be written.
    """
    names = {level: _name(dataset, frames, level, learned) for level in (0, *levels)}
    versions = {}
    try:
        for level, name in names.items():
            path = folder / f"pictures-{name}.u8"
            if not path.is_file():
                made = _jnd_frames(dataset, frames, level, learned) if level else _sources(dataset, frames)
                stage = f"frames at JND{level}" if level else "source frames"
                _write(path, made, len(dataset.items), lambda p, stage=stage: progress(stage, p))  # type: ignore[misc]
            versions[level] = np.memmap(path, np.uint8, "r").reshape(-1, *SHAPE)
        counts = json.loads((folder / f"pictures-{names[0]}.json").read_text())
    except OSError as error:
        raise JNDError(
            f"{folder}: training pictures cannot be kept there ({error.strerror or error}); "
            "free some space or choose another place."
        ) from error
    label = np.array([item.jnd for item in dataset.items], dtype=np.float64)
    item = np.repeat(np.arange(len(dataset.items)), counts)
    return Pictures(item, label[item], versions, names)


def _name(dataset: Dataset, frames: int, level: int, learned: NDArray[np.bool_]) -> str:
    """Differs wherever the pictures would, but not with the way that a path is typed."""
    facts = [(item.name, item.jnd, list(_stamps(item.source))) for item in dataset.items]
    wanted = learned.tolist() if level else []
    digest = hashlib.sha256(json.dumps([dataset.name, frames, facts, wanted]).encode()).hexdigest()
    return f"{digest[:16]}-{level}"


def _stamps(source: Source) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of the files that a source names, so that a file made anew is read anew."""
    for value in vars(source).values():
        for path in value if isinstance(value, tuple) else (value,):
            if isinstance(path, Path) and path.is_file():
                yield path.name, path.stat().st_size, path.stat().st_mtime_ns


def _sources(dataset: Dataset, frames: int) -> Iterator[list[Bytes]]:
    def read(item: Item) -> list[Bytes]:
        return [as_picture(bgr) for bgr in item.source.frames(frames)]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(read, dataset.items)


def _jnd_frames(
    dataset: Dataset, frames: int, level: int, learned: NDArray[np.bool_]
) -> Iterator[list[Bytes]]:
    def read(item: Item, wanted: bool) -> list[Bytes]:
        if wanted:
            return [as_picture(bgr) for bgr in item.source.at_jnd(level, frames)]
        return [np.zeros(SHAPE, np.uint8) for _ in item.source.frames(frames)]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(read, dataset.items, learned.tolist())


def _write(path: Path, made: Iterator[list[Bytes]], total: int, progress: Callable[[float], None]) -> None:
    """Item by item, so that memory does not grow with the set; then how many pictures each item has."""
    counts: list[int] = []
    with replacing(path) as temporary:
        with open(temporary, "wb") as file:
            for pictures in made:
                for picture in pictures:
                    file.write(picture.tobytes())
                counts.append(len(pictures))
                progress(len(counts) / total)
        with replacing(path.with_suffix(".json")) as beside:
            beside.write_text(json.dumps(counts))
