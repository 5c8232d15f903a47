"""Reading a run: ``NAME.oof.csv`` or ``NAME.test.csv``, and what lies beside it."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from jndcore.errors import JNDError
from jndcore.models.card import read_card
from jndcore.results import LEVELS, OBSERVER_SD
from jndcore.training.datasets.base import WORSE
from jndcore.training.evaluation.runs import OPTIONAL, Answer, Array, Run, stem
from jndcore.training.held_out import TEST

REQUIRED = ("id", "group", "fold", *(f"{name}{level}" for name in ("label", "qp") for level in LEVELS))


def read_run(path: Path) -> Run:
    """Read held-out predictions and what lies beside: ``NAME.run.json``, ``NAME.toml``, a card ``NAME.json``.

    Raises
    ------
    JNDError
        Where a file is damaged, lacks a column, names a clip twice or holds no number where one must be: a
        level that is answered needs every label, and in ``NAME.test.csv`` the constant guess too.
    """
    rows = _rows(path)
    ids = tuple(row["id"] for row in rows)
    if twice := next((clip for clip in ids if ids.count(clip) > 1), None):
        raise JNDError(f"{path}: clip {twice} stands in two rows; write the run's predictions again.")
    tables = {name: _columns(path, rows, name) for name in ("label", "qp", "constant", *OPTIONAL)}
    _check_levels(path, tables)
    _check_labels(path, tables)
    known = np.isfinite(tables["sur_sd"])
    tables["sur_sd"] = np.where(known, tables["sur_sd"], OBSERVER_SD)
    return Run(
        path=path,
        ids=ids,
        groups=tuple(row["group"] for row in rows),
        fold=np.array([_number(path, row, "fold") for row in rows]).astype(np.int64),
        label=tables.pop("label"),
        constant=tables.pop("constant"),
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
    """A figure is there for all clips or for none; some level has a QP; spreads are above 0."""
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


def _check_labels(path: Path, tables: dict[str, Array]) -> None:
    """Levels that are answered have their labels, and a test part their constant guess."""
    needed = ("label", "constant") if path.name.endswith(TEST) else ("label",)
    for name, (k, level) in product(needed, enumerate(LEVELS)):
        if (np.isfinite(tables["qp"][:, k]) & ~np.isfinite(tables[name][:, k])).any():
            raise JNDError(
                f"{path}: {name}{level} lacks for some clip, though qp{level} is told; fill all of them, or "
                "leave the level out."
            )


def _about(path: Path) -> dict[str, Any]:
    told, config = path.with_name(f"{stem(path)}.run.json"), path.with_name(f"{stem(path)}.toml")
    about: dict[str, Any] = {}
    if (card := path.with_name(f"{stem(path)}.json")).is_file():
        about = read_card(card).model_dump(include={"network", "build"})
    if config.is_file():
        about |= {key: value for key, value in read_config(config).items() if key in ("network", "title")}
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
    if (scale := about.get("scale")) and scale not in list(WORSE):
        raise JNDError(f"{path}: scale is {scale!r}, none of {', '.join(WORSE)}; correct it or delete it.")
    return about
