"""``jnd label``: a table of labels for a folder of clips."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Event

import torch

from jndcore.errors import JNDError
from jndcore.media import VIDEO_SUFFIXES
from jndcore.results import LEVELS
from jndcore.training.labelling.sweep import Sweep, sweep_clip
from jndcore.training.labelling.teacher import Teacher
from jndcore.training.labelling.unfinished import Unfinished
from jndcore.training.labels import read_rows, write_rows
from jndcore.training.made.make import TABLE

SHOWN = 10
"""Missing clips that are named."""

MADE_HERE = re.compile(r"jnd\d|teacher_sur75|vmaf95|(teacher|vmaf|psnr|bytes)\d+")
"""Columns that labelling makes: an older table's are left behind."""


def list_clips(folder: Path, table: Path | None = None) -> list[dict[str, str]]:
    """What is known of the clips of a folder before they are labelled: a row for each.

    Parameters
    ----------
    table : Path, optional
        Names the clips by a column ``id``; its other columns, but for labels, are kept. Else the table of
        `jnd make-clips`, where there is one. Without any, every video of the folder is a clip.

    Returns
    -------
    list of dict
        With ``id`` and ``group``; a clip without a group is one of its own.

    Raises
    ------
    JNDError
        Where there are no clips, two have one id, or the table cannot be read.
    """
    if table is None and (folder / TABLE).is_file():
        table = folder / TABLE
    if table is not None:
        rows = [_bare(row) for row in read_rows(table, ("id",))]
    else:
        rows = [
            {"id": path.stem} for path in sorted(folder.glob("*")) if path.suffix.lower() in VIDEO_SUFFIXES
        ]
    if not rows:
        raise JNDError(f"{folder}: holds no clips to label; name a folder of short videos.")
    name, times = Counter(row["id"] for row in rows).most_common(1)[0]
    if times > 1:
        raise JNDError(f"{table or folder}: {times} clips are called {name}; rename all but one.")
    return [row | {"group": row.get("group") or row["id"]} for row in rows]


def label_clips(
    folder: Path,
    rows: list[dict[str, str]],
    teacher: Teacher,
    qps: tuple[int, ...],
    out: Path,
    progress: Callable[[float], None],
) -> None:
    """Sweep the clips, as many at once as there are cores, and write the table of labels.

    Columns: those of `rows`, then jnd1 to jnd3, teacher_sur75, vmaf95, and teacher, vmaf, psnr and bytes at
    each QP. What is found of a clip is kept at once (`Unfinished`): a sweep that is stopped goes on.

    Parameters
    ----------
    folder : Path
        Holds a video called by its id for each row, ``ID.mkv`` or of another of `VIDEO_SUFFIXES`.
    rows : list of dict
        See `list_clips`.
    progress : callable
        Given the share of the clips done, 0 to 1.

    Raises
    ------
    JNDError
        Where a clip is missing or cannot be labelled, or the table not be written.
    """
    paths = _find(folder, [row["id"] for row in rows])
    kept = Unfinished(out, paths, teacher, qps)
    labels = {path: kept.find(path) for path in paths}
    ended = Event()

    def sweep(path: Path) -> Sweep:
        return sweep_clip(path, teacher, qps, check)

    def check() -> None:
        if ended.is_set():
            raise CancelledError

    with ThreadPoolExecutor(os.cpu_count(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
        jobs = {pool.submit(sweep, path): path for path, columns in labels.items() if columns is None}
        try:
            for left, job in enumerate(as_completed(jobs), 1 - len(jobs)):
                path = jobs[job]
                labels[path] = columns = _columns(job.result())
                kept.keep(path, columns)
                progress(1 + left / len(paths))
        except BaseException:
            ended.set()  # else the pool waits for the clips under way
            pool.shutdown(cancel_futures=True)
            raise
    found = [labels[path] for path in paths]
    write_rows(out, [row | columns for row, columns in zip(rows, found, strict=True) if columns])
    kept.remove()


def _bare(row: dict[str, str]) -> dict[str, str]:
    """Without labels, and without cells that stand under no heading."""
    return {name: cell for name, cell in row.items() if name and not MADE_HERE.fullmatch(name)}


def _find(folder: Path, names: list[str]) -> list[Path]:
    paths = []
    for name in names:
        there = (folder / f"{name}{suffix}" for suffix in VIDEO_SUFFIXES)
        paths.append(next((path for path in there if path.is_file()), None))
    missing = [name for name, path in zip(names, paths, strict=True) if path is None]
    if missing:
        some = ", ".join(missing[:SHOWN]) + ", ..." * (len(missing) > SHOWN)
        raise JNDError(
            f"{folder}: {len(missing)} of {len(names)} clips are missing ({some}); render them first."
        )
    return [path for path in paths if path is not None]


def _columns(sweep: Sweep) -> dict[str, str]:
    sur75, vmaf95 = sweep.crossings
    columns = {f"jnd{level}": f"{qp:.2f}" for level, qp in zip(LEVELS, sweep.jnd, strict=True)}
    columns |= {"teacher_sur75": f"{sur75:.2f}", "vmaf95": f"{vmaf95:.2f}"}
    curves = {"teacher": (sweep.teacher, ".2f"), "vmaf": (sweep.vmaf, ".3f"), "psnr": (sweep.psnr, ".3f")}
    for name, (curve, form) in curves.items():
        columns |= {f"{name}{qp}": f"{value:{form}}" for qp, value in zip(sweep.qps, curve, strict=True)}
    return columns | {f"bytes{qp}": str(int(n)) for qp, n in zip(sweep.qps, sweep.size, strict=True)}
