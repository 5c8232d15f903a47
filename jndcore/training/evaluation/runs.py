"""A run: what one trained network says about clips that it did not see."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndcore.results import OBSERVER_SD

Array = NDArray[np.float64]

HELD_OUT = ".oof.csv"
"""End of the name of a file of held-out predictions."""

OPTIONAL = ("err", "sur_sd", "source_psnr", "rebuilt_psnr")
"""Figures that a run may have beside its QPs, three columns each."""


@dataclass(frozen=True)
class Answer:
    """QPs for the clips of an evaluation, whoever gives them.

    Attributes
    ----------
    qp : ndarray, shape (C, 3)
        QP at 75 % SUR, x264 P-frame scale; a level that is not answered is NaN for all clips.
    err : ndarray, shape (C, 3)
        Standard error of `qp`, QP; NaN where there is none.
    sur_sd : ndarray, shape (C, 3)
        Spread between observers, QP; VideoSet's where none is given.
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
        Number of the fold in which a clip was held out.
    label : ndarray, shape (C, 3)
        QPs.
    about : dict
        What ``NAME.run.json`` says: network, title, settings, seconds, device and build (arguments of the
        network's builder), as far as known.
    own_spread : bool
        The run tells the first level's spread between observers.
    """

    path: Path
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    fold: NDArray[np.int64]
    label: Array
    answer: Answer
    about: dict[str, Any] = field(default_factory=dict)
    own_spread: bool = False

    @property
    def name(self) -> str:
        """The file's name without ``.oof.csv``."""
        return self.path.name.removesuffix(HELD_OUT)

    @property
    def network(self) -> str:
        """As told by ``NAME.run.json``, else the name up to its first dot."""
        return str(self.about.get("network") or self.name.split(".")[0])
