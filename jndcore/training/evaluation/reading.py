"""Reading a run: ``NAME.oof.csv``, and what lies beside it."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jndcore.errors import JNDError
from jndcore.results import LEVELS, OBSERVER_SD
from jndcore.training.evaluation.runs import HELD_OUT, OPTIONAL, Answer, Array, Run

REQUIRED = ("id", "group", "fold", *(f"{name}{level}" for name in ("label", "qp") for level in LEVELS))


def read_run(path: Path) -> Run:
    """Read ``NAME.oof.csv`` and, where they lie beside it, ``NAME.run.json`` or the network of ``NAME.toml``.

    Raises
    ------
    JNDError
        Where a file is damaged, lacks a column, names a clip twice or holds no number where one must be.
    """
    rows = _rows(path)
    ids = tuple(row["id"] for row in rows)
    if twice := next((clip for clip in ids if ids.count(clip) > 1), None):
        raise JNDError(f"{path}: clip {twice} stands in two rows; write the run's predictions again.")
    tables = {name: _columns(path, rows, name) for name in ("label", "qp", *OPTIONAL)}
    if not np.isfinite(tables["label"]).all():
        raise JNDError(f"{path}: a clip has no label; every clip needs label1, label2 and label3.")
    _check_levels(path, tables)
    known = np.isfinite(tables["sur_sd"])
    tables["sur_sd"] = np.where(known, tables["sur_sd"], OBSERVER_SD)
    return Run(
        path=path,
        ids=ids,
        groups=tuple(row["group"] for row in rows),
        fold=np.array([_number(path, row, "fold") for row in rows]).astype(np.int64),
        label=tables.pop("label"),
        answer=Answer(**tables),
        about=_about(path),
        own_spread=bool(known[:, 0].all()),
    )


def read_config(path: Path) -> dict[str, Any]:
    """A training configuration; JNDError where it is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise JNDError(
            f"{path}: cannot be read as a training configuration ({error}); correct it."
        ) from error


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise JNDError(
            f"{path}: cannot be read as held-out predictions ({error}); check the file."
        ) from error
    lacking = [column for column in REQUIRED if rows and column not in rows[0]]
    if lacking or not rows:
        raise JNDError(
            f"{path}: has no {', '.join(lacking) or 'rows'}; held-out predictions need {', '.join(REQUIRED)}."
        )
    return rows


def _columns(path: Path, rows: Sequence[dict[str, str]], name: str) -> Array:
    return np.array([[_number(path, row, f"{name}{level}") for level in LEVELS] for row in rows])


def _number(path: Path, row: dict[str, str], column: str) -> float:
    """A cell's value; NaN where it is empty or the column is not there."""
    cell = row.get(column) or "nan"
    try:
        value = float(cell)
    except ValueError:
        value = np.inf
    if np.isinf(value) or (column == "fold" and not value.is_integer()):
        raise JNDError(f"{path}: {column} of clip {row['id']} is {cell!r}, no number; correct it.")
    return value


def _check_levels(path: Path, tables: dict[str, Array]) -> None:
    """A figure is there for all clips or for none; only levels with a QP have others; spreads are above 0."""
    answered = np.isfinite(tables["qp"]).all(0)
    if not answered.any():
        raise JNDError(f"{path}: answers no level for all clips; fill the columns of one at least.")
    for name in ("qp", *OPTIONAL):
        there = np.isfinite(tables[name])
        for k, level in enumerate(LEVELS):
            if there[:, k].any() and not there[:, k].all():
                raise JNDError(f"{path}: {name}{level} lacks for some clips; fill all of them or none.")
            if name in ("err", "sur_sd") and (tables[name][:, k] <= 0).any():
                raise JNDError(f"{path}: {name}{level} is not above 0 for some clip; correct it.")


def _about(path: Path) -> dict[str, Any]:
    stem = path.name.removesuffix(HELD_OUT)
    told, config = path.with_name(f"{stem}.run.json"), path.with_name(f"{stem}.toml")
    about: dict[str, Any] = {}
    if config.is_file():
        about = {key: value for key, value in read_config(config).items() if key in ("network", "title")}
    if told.is_file():
        about |= _told(told)
    return about


def _told(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise JNDError(f"{path}: cannot be read as JSON ({error}); correct it or delete it.") from error
    if not isinstance(about, dict) or not isinstance(about.get("build") or {}, dict):
        raise JNDError(f"{path}: is no JSON object, or its build is none; correct it or delete it.")
    return about
