"""The runs of one table: found in files and folders, and made sure to be about the same clips and folds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from jndcore.errors import JNDError
from jndcore.training.evaluation.reading import read_config, read_run
from jndcore.training.evaluation.runs import HELD_OUT, Run
from jndcore.training.labels import Clip

SAME_LABEL = 1e-3
"""Labels are written with three decimals: what differs by no more is the same, in QP."""


@dataclass(frozen=True)
class Untrained:
    """A training configuration whose run has not been made, and the command that makes it."""

    name: str
    network: str
    title: str
    command: str


def gather(paths: Iterable[Path]) -> tuple[list[Run], list[Untrained]]:
    """All runs that files and folders name, with the configurations that still wait for theirs.

    Parameters
    ----------
    paths : iterable of Path
        Files ``NAME.oof.csv``, and folders of such, in which ``NAME.toml`` with a key `network` is a
        configuration.

    Returns
    -------
    runs : list of Run
        At least one; their clips are in the order of the first's.

    Raises
    ------
    JNDError
        Where there is no run, a file is damaged, or two runs have other clips, labels or folds.
    """
    files: dict[Path, Path] = {}
    untrained: dict[Path, Untrained] = {}
    for path in paths:
        if path.is_dir():
            files |= {file.resolve(): file for file in sorted(path.glob(f"*{HELD_OUT}"))}
            untrained |= {
                one.resolve(): _untrained(one) for one in sorted(path.glob("*.toml")) if _waits(one)
            }
        elif path.name.endswith(HELD_OUT):
            files[path.resolve()] = path
        else:
            raise JNDError(f"{path}: is no run; name a file that ends in {HELD_OUT} or a folder of such.")
    if not files:
        raise JNDError(f"{path}: holds no NAME{HELD_OUT}; train a network there first (jnd train).")
    runs = [read_run(file) for file in files.values()]
    _check_groups(runs[0])
    return [runs[0], *(_aligned(run, runs[0]) for run in runs[1:])], list(untrained.values())


def find_clips(run: Run, clips: Sequence[Clip], folder: Path) -> Mapping[str, Path]:
    """The rendered file of each clip of a run.

    Raises
    ------
    JNDError
        Where the label tables of `folder` lack a clip of the run, or label it otherwise.
    """
    known = {clip.name: clip for clip in clips}
    for clip, label in zip(run.ids, run.label, strict=True):
        if clip not in known:
            raise JNDError(f"{folder}: has no clip {clip}, which {run.path} has; name the folder trained on.")
        if not np.allclose(known[clip].jnd, label, rtol=0, atol=SAME_LABEL):
            raise JNDError(
                f"{folder}: labels clip {clip} otherwise than {run.path} does; name the folder trained on."
            )
    return {clip: known[clip].path for clip in run.ids}


def _waits(config: Path) -> bool:
    held_out = config.with_name(config.name.removesuffix(".toml") + HELD_OUT)
    return not held_out.exists() and "network" in read_config(config)


def _untrained(config: Path) -> Untrained:
    about = read_config(config)
    return Untrained(config.stem, str(about["network"]), str(about.get("title", "")), _command(config))


def _check_groups(run: Run) -> None:
    """A clip was judged by a network that never saw its group only if the group lies in one fold."""
    if len(set(run.fold.tolist())) < 2:
        raise JNDError(f"{run.path}: has but one fold, so nothing was held out; cross-validate again.")
    fold_of: dict[str, int] = {}
    for group, fold in zip(run.groups, run.fold.tolist(), strict=True):
        if fold_of.setdefault(group, fold) != fold:
            raise JNDError(
                f"{run.path}: group {group} lies in two folds, so its clips were not held out; "
                "cross-validate by groups."
            )


def _aligned(run: Run, first: Run) -> Run:
    place = {clip: i for i, clip in enumerate(run.ids)}
    if place.keys() != set(first.ids):
        _differ(run, first, "clips")
    order = np.array([place[clip] for clip in first.ids])
    groups = tuple(run.groups[i] for i in order)
    label, fold = run.label[order], run.fold[order]
    if not np.allclose(label, first.label, rtol=0, atol=SAME_LABEL):
        _differ(run, first, "labels")
    if groups != first.groups:
        _differ(run, first, "groups")
    if (fold != first.fold).any():
        _differ(run, first, "folds")
    answer = run.answer.take(order)
    return replace(run, ids=first.ids, groups=groups, fold=fold, label=label, answer=answer)


def _differ(run: Run, first: Run, what: str) -> None:
    raise JNDError(
        f"{run.path}: has other {what} than {first.path}, so one table cannot hold both; "
        "evaluate them apart, or train both on the same clips with the same seed."
    )


def _command(config: Path) -> str:
    """What fills in the row of a network that was not trained."""
    return f"jnd train {config.as_posix()} --data CLIPS --rendered DIR -o {config.parent.as_posix()}"
