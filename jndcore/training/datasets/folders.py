"""Folders of pictures as the authors of the paper's models lay them out.

``train/``, ``valid/`` and ``test/`` hold pictures and ``JND-Levels.txt`` (three columns, a row for each
picture); ``jnd1train/`` to ``jnd3valid/`` hold the same pictures at JND quality. Row n belongs to the n-th
picture in natural order of the names (``img2`` before ``img10``), never in the order of the directory.
Source: README of the authors' repositories sanaznami/MTJND and its successor, GitHub. It names neither the
scale nor the convention: the scale is read off the labels, which rise for QPs and fall for JPEG qualities.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

from jndcore.errors import JNDError
from jndcore.results import LEVELS
from jndcore.training.datasets.base import NOTHING, Dataset, Item, Triple
from jndcore.training.datasets.groups import frame_groups
from jndcore.training.datasets.listing import natural_key, read_text, refuse, relative, some
from jndcore.training.datasets.stills import SUFFIXES, Still

SPLITS = ("train", "valid", "test")
TABLE = "JND-Levels.txt"
COLUMNS = re.compile(r"[\s,;]+")

CONVENTION = (
    "Three JND levels of each picture as its JND-Levels.txt states them, taken for points of 75 % SUR, "
    "which the layout itself does not say."
)


def open_folders(root: Path) -> Dataset:
    """All pictures of the layout, those of ``test/`` without labels where it has no table.

    The authors' layout has no ``jnd1test/`` to ``jnd3test/``; where these are missing, pictures of ``test/``
    have no version at JND quality, with labels or without.

    Raises
    ------
    JNDError
        Where there are no such folders, a table has another number of rows than there are pictures, or
        pictures lack their JND versions.
    """
    splits = [split for split in SPLITS if (root / split).is_dir()]
    if not splits:
        raise JNDError(f"{root}: has no folder train, valid or test; name the folder that holds them.")
    coded = _coded(root, splits)
    pictures = [(split, path) for split in splits for path in _pictures(root / split)]
    labels = [label for split in splits for label in _labels(root / split)]
    groups = frame_groups(pictures)
    items = []
    for (split, path), jnd, group in zip(pictures, labels, groups, strict=True):
        one, two, three = (coded.get((level, split, path.stem)) for level in LEVELS)
        labelled = math.isfinite(jnd[0])
        folders = tuple(f"jnd{level}{split}" for level in LEVELS) if labelled else ()
        still = Still(path, (one, two, three), folders)
        items.append(Item(f"{split}/{path.stem}", group, split, jnd, NOTHING, still))
    return Dataset(root.name, _scale(root, items), CONVENTION, tuple(items))


def _pictures(folder: Path) -> list[Path]:
    """Pictures in natural order; the order of a directory is no order."""
    found = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    ]
    return sorted(found, key=lambda path: natural_key(path.name))


def _labels(folder: Path) -> list[Triple]:
    """A label for each picture of a split."""
    pictures, table = _pictures(folder), folder / TABLE
    if not table.is_file():  # of test/; the others were seen to be there
        return [NOTHING] * len(pictures)
    rows = [row for row in map(str.strip, read_text(table).splitlines()) if row]
    if len(rows) != len(pictures):
        raise JNDError(
            f"{table}: has {len(rows)} rows for {len(pictures)} pictures; give it one row for each picture, "
            "in natural order of the names."
        )
    return [_row(table, line, row) for line, row in enumerate(rows, 1)]


def _row(table: Path, line: int, row: str) -> Triple:
    try:
        one, two, three = map(float, COLUMNS.split(row))
    except ValueError as error:
        raise JNDError(f"{table}: row {line} is not three numbers ({row!r}); correct it.") from error
    if not all(map(math.isfinite, (one, two, three))):
        raise JNDError(f"{table}: row {line} holds no finite numbers ({row!r}); correct it.")
    return one, two, three


def _coded(root: Path, splits: list[str]) -> dict[tuple[int, str, str], Path]:
    """Pictures at JND quality, by level, split and stem; all that is missing, tables too, in one `refuse`."""
    found: dict[tuple[int, str, str], Path] = {}
    missing: list[str] = []
    misnamed: list[str] = []
    for split in splits:
        pictures = _pictures(root / split)
        stems = {path.stem for path in pictures}
        misnamed += _twice(root, pictures)
        if split != "test" and not (root / split / TABLE).is_file():
            missing.append(f"{split}/{TABLE}")
        for level in LEVELS:
            folder = root / f"jnd{level}{split}"
            if not folder.is_dir():
                missing += [] if split == "test" else [f"{folder.name}/"]
                continue
            paths = _pictures(folder)
            found |= {(level, split, path.stem): path for path in paths}
            there = {path.stem for path in paths}
            missing += [f"{folder.name}/{path.name}" for path in pictures if path.stem not in there]
            misnamed += relative((path for path in paths if path.stem not in stems), root)
            misnamed += _twice(root, paths)
    refuse(
        root,
        missing,
        misnamed,
        "give each split a table, and each picture one version in each JND folder, under its own name",
    )
    return found


def _twice(root: Path, paths: list[Path]) -> Iterator[str]:
    """Pictures that differ from another of the folder by their suffix only."""
    seen = set()
    for path in paths:
        if path.stem in seen:
            yield path.relative_to(root).as_posix()
        seen.add(path.stem)


def _scale(root: Path, items: list[Item]) -> str:
    """QPs rise from level to level, JPEG qualities fall."""
    rising = [item.name for item in items if item.jnd[0] < item.jnd[1] or item.jnd[1] < item.jnd[2]]
    falling = [item.name for item in items if item.jnd[0] > item.jnd[1] or item.jnd[1] > item.jnd[2]]
    if rising and falling:
        fewer = min(rising, falling, key=len)
        raise JNDError(
            f"{root}: JND levels rise in {len(rising)} pictures and fall in {len(falling)} ({some(fewer)}); "
            "QPs must rise and JPEG qualities fall from JND1 to JND3, so correct the labels."
        )
    return "JPEG quality" if falling else "x264 QP"
