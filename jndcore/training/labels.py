"""Labelled clips: tables of JND QPs, and the rendered files that belong to them."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.results import LABEL_AREA, LEVELS
from jndcore.results.atomic import replacing

TABLES = ("clips.csv", "real_clips.csv")
MEASURED = (
    "teacher_sur75",
    "vmaf95",
    *(f"{what}{qp}" for what in ("teacher", "vmaf", "psnr", "bytes") for qp in (24, 30, 36)),
)
"""Columns that some tables have: what encodes of the clip measured. Harder facts than the labels made of
them, so learning to tell these too steadies the encoder."""

COLUMNS = ("id", "group", *(f"jnd{level}" for level in LEVELS))


@dataclass(frozen=True)
class Clip:
    """One labelled clip.

    Attributes
    ----------
    name : str
        Its `id` in the table, and the stem of its file.
    group : str
        Clips of one group show the same source and never lie in two folds.
    jnd : tuple of float
        QPs of levels 1 to 3 at 75 % SUR, rising.
    moves : bool
        Real motion, not a still under a camera move (a row that names no still).
    path : Path
        The rendered file.
    measured : tuple of float
        The columns `MEASURED`, bytes as their logarithm to base 2; empty where the table lacks one.
    """

    name: str
    group: str
    jnd: tuple[float, ...]
    moves: bool
    path: Path
    measured: tuple[float, ...] = ()


def read_clips(folder: Path, rendered: Path) -> list[Clip]:
    """All labelled clips of a folder, in the tables' order.

    Parameters
    ----------
    folder : Path
        Holds ``clips.csv``, ``real_clips.csv`` or both, with columns id, group, jnd1, jnd2 and jnd3.
    rendered : Path
        Holds ``<id>.mkv`` for each row.

    Raises
    ------
    JNDError
        Where there is no table, a table lacks a column or holds a bad value, or clips have no file.
    """
    tables = [folder / name for name in TABLES if (folder / name).is_file()]
    if not tables:
        raise JNDError(f"{folder}: holds no {' or '.join(TABLES)}; name the folder of the labelled clips.")
    clips = [clip for table in tables for clip in _table_clips(table, rendered)]
    missing = [clip.path.name for clip in clips if not clip.path.is_file()]
    if missing:
        raise JNDError(
            f"{rendered}: {len(missing)} of {len(clips)} clips are missing ({', '.join(missing)}); "
            "render them under these names first."
        )
    return clips


def labels(clips: list[Clip]) -> NDArray[np.float64]:
    """QPs, shape (C, 3)."""
    return np.array([clip.jnd for clip in clips], dtype=np.float64)


def measured(clips: list[Clip], area: NDArray[np.int64]) -> NDArray[np.float64]:
    """The columns `MEASURED`, shape (C, M), bytes as of 1280x720; the labels where a clip lacks them.

    Parameters
    ----------
    area : ndarray of int64, shape (C,)
        Luma pixels of a frame of each clip.
    """
    if not all(clip.measured for clip in clips):
        return labels(clips)
    columns = np.array([clip.measured for clip in clips], np.float64)
    is_bytes = np.array([column.startswith("bytes") for column in MEASURED])
    return np.asarray(columns + is_bytes * np.log2(LABEL_AREA / area)[:, None])


def tables_sha256(folder: Path) -> str:
    """One hash over the folder's label tables, hexadecimal: which tells label sets apart."""
    digest = hashlib.sha256()
    for name in TABLES:
        if (folder / name).is_file():
            digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def read_rows(table: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a CSV table.

    Raises
    ------
    JNDError
        Where it cannot be read, has no rows, or lacks one of the columns.
    """
    try:
        with open(table, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise JNDError(f"{table}: cannot be read as a CSV table ({error}); check the file.") from error
    lacking = [column for column in columns if rows and column not in rows[0]]
    if lacking or not rows:
        raise JNDError(f"{table}: has no {', '.join(lacking) or 'rows'}; it needs {', '.join(columns)}.")
    return rows


def write_rows(table: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write a CSV table, whole or not at all; the first row, of at least one, names the columns.

    Raises
    ------
    JNDError
        Where it cannot be written.
    """
    with replacing(table) as path, open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _table_clips(table: Path, rendered: Path) -> list[Clip]:
    return [_clip(row, table, rendered) for row in read_rows(table, COLUMNS)]


def _clip(row: dict[str, str], table: Path, rendered: Path) -> Clip:
    try:
        jnd = tuple(float(row[f"jnd{level}"]) for level in LEVELS)
        measured = _measured(row)
    except (TypeError, ValueError) as error:
        raise JNDError(f"{table}: row {row['id']} holds a figure that is no number; correct it.") from error
    if not all(math.isfinite(qp) for qp in jnd) or list(jnd) != sorted(jnd):
        raise JNDError(f"{table}: the QPs of row {row['id']} are not jnd1 <= jnd2 <= jnd3; correct them.")
    return Clip(row["id"], row["group"], jnd, not row.get("still"), rendered / f"{row['id']}.mkv", measured)


def _measured(row: dict[str, str]) -> tuple[float, ...]:
    if any(not row.get(column) for column in MEASURED):
        return ()
    return tuple(
        math.log2(float(row[column])) if column.startswith("bytes") else float(row[column])
        for column in MEASURED
    )
