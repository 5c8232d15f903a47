"""The fitted correction that `--refine` uses: for one model, with its held-out error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from jndcore.results import LEVELS
from jndcore.schedule.correction import Correction, difference, held_out_errors
from jndcore.schedule.shipped import read_shipped

Array = NDArray[np.float64]

FEATURES = ("predicted JND1, QP", "mean XPSNR, dB", "log2 of bits a second at 1280x720")


class HeldOut(BaseModel):
    """Mean absolute error of a level, QP, on clips that nothing was fitted on.

    Of a constant guess, the prediction alone and the refined one; `gain` is the last less the one before,
    with its 95 % interval `low` to `high` over groups of clips.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    constant: float
    alone: float
    refined: float
    gain: float
    low: float
    high: float


class LevelCorrection(BaseModel):
    """How one level is corrected, in `Correction`'s terms, and how well."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mean: tuple[float, ...]
    sd: tuple[float, ...]
    weights: tuple[float, ...]
    base: float
    held_out: HeldOut

    def correction(self) -> Correction:
        """What tells the QPs to add."""
        return Correction(self.mean, self.sd, self.weights, self.base)


class Refinement(BaseModel):
    """Corrections of the three levels from one probe at the predicted JND1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    model: str
    model_sha256: str
    made_by: str
    data: str
    clips: int
    features: tuple[str, ...] = FEATURES
    levels: tuple[LevelCorrection, LevelCorrection, LevelCorrection]

    def move(self, jnd1: Array, xpsnr: Array, log_rate: Array) -> Array:
        """QP to add to each level of N shots, shape (N, 3); arguments of shape (N,)."""
        features = np.stack([jnd1, xpsnr, log_rate], axis=1)
        return np.stack([level.correction().tell(features) for level in self.levels], axis=1)


@dataclass(frozen=True)
class Fitted:
    """What a refinement is fitted on: C clips, levels along the second axis, groups held out together."""

    predicted: Array
    label: Array
    constant: Array
    group: Sequence[str]


def fit_refinement(
    known: Fitted, xpsnr: Array, log_rate: Array, model: tuple[str, str], data: str
) -> Refinement:
    """Fit the three levels, and judge each on groups of clips left out.

    Parameters
    ----------
    known : Fitted
        Predictions must come from networks that did not see the clip.
    xpsnr, log_rate : ndarray, shape (C,)
        Of a probe of each clip at its predicted JND1.
    model : tuple of str
        Name and hash of the network that the predictions stand for.
    data : str
        What the clips are, in a sentence.
    """
    features = np.stack([known.predicted[:, 0], xpsnr, log_rate], axis=1)
    levels = []
    for k in range(len(LEVELS)):
        residual = known.label[:, k] - known.predicted[:, k]
        errors, alone = held_out_errors(features, residual, known.group), np.abs(residual)
        gain = difference(errors, alone, known.group)
        judged = HeldOut(
            constant=np.abs(known.label[:, k] - known.constant[:, k]).mean(),
            alone=alone.mean(),
            refined=errors.mean(),
            gain=gain.value,
            low=gain.low,
            high=gain.high,
        )
        made = Correction.fit(features, residual)
        levels.append(LevelCorrection(**vars(made), held_out=judged))
    return Refinement(
        model=model[0],
        model_sha256=model[1],
        made_by="jnd bench-schedule --predictions --data --rendered --fit",
        data=data,
        clips=len(xpsnr),
        levels=(levels[0], levels[1], levels[2]),
    )


@cache
def shipped_refinement() -> Refinement:
    """The one that comes with JNDScope, of ``resources/schedule``; JNDError where it is damaged."""
    return read_shipped(Refinement, "refine.json", "correction")
