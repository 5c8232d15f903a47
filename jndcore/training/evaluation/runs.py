"""A run: what one trained network says about clips that it did not see."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndcore.results import LABEL_CONVENTION, OBSERVER_SD
from jndcore.training.held_out import HELD_OUT, TEST
from jndcore.training.systems.config import DataConfig

Array = NDArray[np.float64]

X264 = "x264 QP"
"""The scale of labels that encodes and observers' spreads are known for, and of runs that name none."""

OPTIONAL = ("err", "sur_sd", "source_psnr", "rebuilt_psnr")
"""Figures that a run may have beside its QPs, three columns each."""


@dataclass(frozen=True)
class Answer:
    """QPs for the clips of an evaluation, whoever gives them.

    Attributes
    ----------
    qp : ndarray, shape (C, 3)
        Points of 75 % SUR on the run's scale; a level that is not answered is NaN for all clips.
    err : ndarray, shape (C, 3)
        Standard error of `qp`; NaN where there is none.
    sur_sd : ndarray, shape (C, 3)
        Spread between observers; VideoSet's, in QP, where none is given.
    source_psnr, rebuilt_psnr : ndarray, shape (C, 3)
        Luma PSNR, dB, of the source and of the rebuilt frames against x264's at the label's QP; or NaN.
    """

    qp: Array
    err: Array
    sur_sd: Array
    source_psnr: Array
    rebuilt_psnr: Array

    @staticmethod
    def of(qp: Array) -> Answer:
        """QPs alone."""
        none = np.full(qp.shape, np.nan)
        return Answer(qp, none, np.tile(OBSERVER_SD, (len(qp), 1)), none, none)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Answer:
        """The clips that a numpy index names."""
        return Answer(*(getattr(self, figure.name)[rows] for figure in fields(self)))


@dataclass(frozen=True)
class Run:
    """One network's held-out answers, with the clips, labels and folds that they are for.

    Attributes
    ----------
    path : Path
        The file of held-out predictions.
    ids, groups : tuple of str
        C of them.
    fold : ndarray of int64, shape (C,)
        Number of the fold in which a clip was held out; 0 for all where `split`.
    label : ndarray, shape (C, 3)
        Points of 75 % SUR on `scale`; finite at the levels that are answered, else NaN where unlabelled.
    constant : ndarray, shape (C, 3)
        The constant guess for each clip as the file states it; NaN where it does not.
    about : dict
        What ``NAME.run.json`` says: network, title, settings, scale, labels (what they mean), data (the
        set's name), seconds, device and build (arguments of the network's builder), as far as known.
    own_spread : bool
        The run tells the first level's spread between observers.
    """

    path: Path
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    fold: NDArray[np.int64]
    label: Array
    constant: Array
    answer: Answer
    about: dict[str, Any] = field(default_factory=dict)
    own_spread: bool = False

    @property
    def name(self) -> str:
        """The file's name without ``.oof.csv`` or ``.test.csv``."""
        return stem(self.path)

    @property
    def split(self) -> bool:
        """Judged was the set's own part for tests, by one fit, and not every clip by its fold's."""
        return self.path.name.endswith(TEST)

    @property
    def network(self) -> str:
        """As told by ``NAME.run.json``, else the name up to its first dot."""
        return str(self.about.get("network") or self.name.split(".")[0])

    @property
    def scale(self) -> str:
        """Of labels and answers; see `jndcore.training.datasets.Dataset`."""
        return str(self.about.get("scale") or X264)

    @property
    def convention(self) -> str:
        """What a label means, without a full stop."""
        return str(self.about.get("labels") or LABEL_CONVENTION).rstrip(".")

    @property
    def levels(self) -> tuple[int, ...]:
        """Those that are answered."""
        return tuple(int(k) + 1 for k in np.flatnonzero(np.isfinite(self.answer.qp).all(axis=0)))

    @property
    def data(self) -> DataConfig:
        """Kind, resolution and codec of the data set, from the run's settings; clips where it tells none."""
        settings = self.about.get("settings")
        told = settings.get("data") if isinstance(settings, dict) else None
        known = told if isinstance(told, dict) else {}
        return DataConfig.model_validate(
            {key: str(known[key]) for key in ("kind", "resolution", "codec") if key in known}
        )


def stem(path: Path) -> str:
    """The name of the run whose predictions a file holds."""
    return path.name.removesuffix(HELD_OUT).removesuffix(TEST)
