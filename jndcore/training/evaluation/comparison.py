"""The runs of one table: found in files and folders, and made sure to be about the same clips and folds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from jndcore.errors import JNDError
from jndcore.results import LEVELS
from jndcore.training.datasets import Dataset
from jndcore.training.evaluation.costs import build_of
from jndcore.training.evaluation.reading import read_config, read_run
from jndcore.training.evaluation.runs import Array, Run
from jndcore.training.held_out import HELD_OUT, TEST

SAME_LABEL = 1e-3
"""Labels are written with three decimals: what differs by no more is the same."""


@dataclass(frozen=True)
class Untrained:
    """A training configuration whose run has not been made, and the command that makes it."""

    name: str
    network: str
    title: str
    command: str
    build: dict[str, Any] = field(default_factory=dict)


def gather(paths: Iterable[Path]) -> tuple[list[Run], list[Untrained]]:
    """All runs that files and folders name, with the configurations that still wait for theirs.

    Parameters
    ----------
    paths : iterable of Path
        Files ``NAME.oof.csv`` or ``NAME.test.csv``, and folders of such, in which ``NAME.toml`` with a key
        `network` is a configuration.

    Returns
    -------
    runs : list of Run
        At least one; their clips are in the order of the first's.

    Raises
    ------
    JNDError
        Where there is no run, a file is damaged, or two runs have other data, clips, labels or folds.
    """
    files: dict[Path, Path] = {}
    untrained: dict[Path, Untrained] = {}
    for path in paths:
        if path.is_dir():
            files |= {file.resolve(): file for file in _files(path)}
            untrained |= {
                one.resolve(): _untrained(one) for one in sorted(path.glob("*.toml")) if _waits(one)
            }
        elif path.name.endswith((HELD_OUT, TEST)):
            files[path.resolve()] = path
        else:
            raise JNDError(
                f"{path}: is no run; name a file that ends in {HELD_OUT} or {TEST}, or a folder of such."
            )
    if not files:
        raise JNDError(
            f"{path}: holds no NAME{HELD_OUT} and no NAME{TEST}; train a network there first (jnd train)."
        )
    runs = [read_run(file) for file in files.values()]
    _check_groups(runs[0])
    return [runs[0], *(_aligned(run, runs[0]) for run in runs[1:])], list(untrained.values())


def find_videos(run: Run, dataset: Dataset, folder: Path) -> Mapping[str, Path]:
    """The file of each clip of a run; empty where the items of the set are stills.

    Raises
    ------
    JNDError
        Where the set of `folder` lacks a clip of the run, or labels it otherwise.
    """
    known = {item.name: item for item in dataset.items}
    for clip, label in zip(run.ids, run.label, strict=True):
        if clip not in known:
            raise JNDError(f"{folder}: has no {clip}, which {run.path} has; name the folder trained on.")
        if not _same(np.array(known[clip].jnd), label):
            raise JNDError(
                f"{folder}: labels {clip} otherwise than {run.path} does; name the folder trained on."
            )
    videos = {clip: known[clip].source.video for clip in run.ids}
    return {clip: video for clip, video in videos.items() if video}


def _files(folder: Path) -> Iterator[Path]:
    for end in (HELD_OUT, TEST):
        yield from sorted(folder.glob(f"*{end}"))


def _waits(config: Path) -> bool:
    """A configuration without a trace of its run, of a network that tells QPs."""
    name = config.name.removesuffix(".toml")
    if any(config.with_name(f"{name}{end}").exists() for end in (HELD_OUT, TEST, ".run.json")):
        return False
    return bool(read_config(config).get("network", "autoencoder") != "autoencoder")


def _untrained(config: Path) -> Untrained:
    about = read_config(config)
    network, levels = str(about["network"]), about.get("levels", list(LEVELS))
    title, command = str(about.get("title", "")), _command(config)
    return Untrained(config.stem, network, title, command, build_of(network, levels))


def _check_groups(run: Run) -> None:
    """A clip was judged by a network that never saw its group only if the group lies in one fold."""
    if not run.split and len(set(run.fold.tolist())) < 2:
        raise JNDError(f"{run.path}: has but one fold, so nothing was held out; cross-validate again.")
    fold_of: dict[str, int] = {}
    for group, fold in zip(run.groups, run.fold.tolist(), strict=True):
        if fold_of.setdefault(group, fold) != fold:
            raise JNDError(
                f"{run.path}: group {group} lies in two folds, so its clips were not held out; "
                "cross-validate by groups."
            )


def _aligned(run: Run, first: Run) -> Run:
    """The run with its clips in the order of the first's."""
    if run.data.kind != first.data.kind or run.scale != first.scale:
        _differ(run, first, "data (kind or scale)")
    place = {clip: i for i, clip in enumerate(run.ids)}
    if place.keys() != set(first.ids):
        _differ(run, first, "clips")
    order = np.array([place[clip] for clip in first.ids])
    groups = tuple(run.groups[i] for i in order)
    label, constant, fold = run.label[order], run.constant[order], run.fold[order]
    if not _same(label, first.label):
        _differ(run, first, "labels")
    if groups != first.groups:
        _differ(run, first, "groups")
    if run.split != first.split or (fold != first.fold).any():
        _differ(run, first, "folds")
    if run.split and not _same(constant, first.constant):
        _differ(run, first, "constant guesses, so another part to train on,")
    answer = run.answer.take(order)
    return replace(
        run, ids=first.ids, groups=groups, fold=fold, label=label, constant=constant, answer=answer
    )


def _same(some: Array, others: Array) -> bool:
    return bool(np.isclose(some, others, rtol=0, atol=SAME_LABEL, equal_nan=True).all())


def _differ(run: Run, first: Run, what: str) -> None:
    raise JNDError(
        f"{run.path}: has other {what} than {first.path}, so one table cannot hold both; "
        "evaluate them apart, or train both on the same clips with the same seed."
    )


def _command(config: Path) -> str:
    """What fills in the row of a network that was not trained."""
    return f"jnd train {config.as_posix()} --data CLIPS --rendered DIR -o {config.parent.as_posix()}"
