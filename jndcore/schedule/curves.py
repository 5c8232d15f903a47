"""The labelled clips' own curves: what x264 makes of each at QP 18, 21 .. 45, from the label tables."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError

Array = NDArray[np.float64]

QPS = np.arange(18, 46, 3)
TABLES = ("clips.csv", "real_clips.csv")
FRAMES, FPS, WIDTH, HEIGHT = 24, 30.0, 1280.0, 720.0
"""Of all clips; and of those whose table does not say."""


@dataclass(frozen=True)
class Curves:
    """Of C clips at the QPs of `QPS`; the tables' README tells how they were measured.

    Attributes
    ----------
    psnr, vmaf, log_rate : ndarray, shape (C, 10)
        Luma PSNR, dB; VMAF v0.6.1; log2 of bits a second, scaled to 1280x720 by area.
    teacher_sur75, vmaf95 : ndarray, shape (C,)
        QPs at which the teacher's share of viewers crosses 75 % and VMAF crosses 95: what the first level's
        label is made of, 0.6 and 0.28 of it.
    scale : ndarray, shape (C,)
        What turns bytes of a clip into bits a second at 1280x720.
    """

    psnr: Array
    vmaf: Array
    log_rate: Array
    teacher_sur75: Array
    vmaf95: Array
    scale: Array

    def at(self, values: Array, qp: Array) -> Array:
        """`values` of each clip at its own QP, linear within 18 to 45 and constant beyond."""
        return np.array([np.interp(q, QPS, row) for q, row in zip(qp, values, strict=True)])


def read_curves(folder: Path, clips: Sequence[str]) -> Curves:
    """The curves of these clips, in this order.

    Raises
    ------
    JNDError
        Where the tables cannot be read, or lack a clip or a column.
    """
    rows: dict[str, dict[str, str]] = {}
    try:
        for table in (folder / name for name in TABLES if (folder / name).is_file()):
            with open(table, newline="", encoding="utf-8") as file:
                rows |= {row["id"]: row for row in csv.DictReader(file)}
        mine = [rows[clip] for clip in clips]
        psnr, vmaf, size = (_curve(mine, name) for name in ("psnr", "vmaf", "bytes"))
        area, fps = (_column(mine, *one) for one in (("width", WIDTH), ("fps", FPS)))
        area = area * _column(mine, "height", HEIGHT)
        scale = 8 / FRAMES * fps * WIDTH * HEIGHT / area
        rate = np.log2(size * scale[:, None])
        return Curves(psnr, vmaf, rate, _column(mine, "teacher_sur75"), _column(mine, "vmaf95"), scale)
    except (OSError, KeyError, ValueError, csv.Error) as error:
        raise JNDError(
            f"{folder}: holds no curves of all clips in {' or '.join(TABLES)} ({error}); name the folder "
            "of the labelled clips' tables."
        ) from error


def _curve(rows: list[dict[str, str]], name: str) -> Array:
    return np.array([[float(row[f"{name}{qp}"]) for qp in QPS] for row in rows])


def _column(rows: list[dict[str, str]], name: str, missing: float | None = None) -> Array:
    return np.array([float(row[name] if missing is None else row.get(name) or missing) for row in rows])
