"""The fitted map from a shot's QP to the CRF of the same quality, with its held-out error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from jndcore.errors import JNDError
from jndcore.schedule.correction import Correction, held_out_errors
from jndcore.schedule.equal import ClipCurves
from jndcore.schedule.presets import LABELS
from jndcore.schedule.schedule import CRF_MAX, Schedule
from jndcore.schedule.shipped import read_shipped

Array = NDArray[np.float64]

FEATURES = ("QP", "predicted JND1, QP", "log2 of frames")
LENGTHS = (24, 500)
"""Frames below and above which a shot's length plays no part. The longer a shot, the more MB-tree gives to
its references, and the higher is the CRF of a QP: by about 2.5 from 24 to 289 frames, by 0.4 from there to
500, by 0.1 from there to 1152 (`jndcore.schedule.crf_xpsnr`)."""
QPS = tuple(range(16, 37, 2))
"""At which each clip's CRF is learned."""


class CrfMap(BaseModel):
    """How far the CRF of equal XPSNR lies from the QP, by libx264, preset medium.

    Attributes
    ----------
    mean, sd, weights, base
        See `jndcore.schedule.correction.Correction`; of `features`.
    error, error90 : float
        On shots that nothing was fitted on, the longest ones: the mean of the CRF's absolute error, and what
        90 % stay within.
    constant : float
        The mean error of one number added to every QP.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    made_by: str = "jnd savings --fit"
    data: str
    shots: int
    features: tuple[str, ...] = FEATURES
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    weights: tuple[float, ...]
    base: float
    error: float
    error90: float
    constant: float

    def crf(self, qp: Array, jnd1: Array, frames: Array) -> Array:
        """The CRF for each of N shots, in tenths; arguments of shape (N,), a `jnd1` of NaN is the mean."""
        known = np.where(np.isfinite(jnd1), jnd1, self.mean[1])
        return moved(Correction(self.mean, self.sd, self.weights, self.base), qp, known, frames)


def moved(move: Correction, qp: Array, jnd1: Array, frames: Array) -> Array:
    """CRFs in tenths, from 1 to 51; `qp`, `jnd1` and `frames` of shape (N,)."""
    crf = qp + move.tell(_features(qp, jnd1, frames))
    return np.asarray(np.clip(np.round(crf, 1), 1.0, CRF_MAX))


def _features(qp: Array, jnd1: Array, frames: Array) -> Array:
    return np.stack([qp, jnd1, np.log2(np.clip(frames, *LENGTHS))], axis=1)


def by_map(schedule: Schedule, fitted: CrfMap | None = None) -> Schedule:
    """A CRF schedule of the same quality as a QP schedule, as the map has it.

    What is predicted of each segment stays: it is of the QP whose quality the CRF is to equal.

    Parameters
    ----------
    schedule : Schedule
        By QP, for libx264 and its preset medium: other encoders' CRFs mean something else.
    fitted : CrfMap, optional
        The one that comes with JNDScope.

    Raises
    ------
    JNDError
        For another encoder or preset, or where the map is damaged.
    """
    if (schedule.encoder, schedule.preset) != LABELS:
        raise JNDError(
            f"CRFs are known without trial encodes for libx264 with preset medium alone, not "
            f"for {schedule.encoder} with {schedule.preset}: match them by trial encodes (jnd schedule "
            "--mode crf --refine --video)."
        )
    fitted = fitted or shipped_crf_map()
    qp = np.array([segment.value for segment in schedule.segments], np.float64)
    told = [segment.predicted.first_jnd for segment in schedule.segments]
    jnd1 = np.array([np.nan if jnd is None else jnd for jnd in told])
    crf = fitted.crf(qp, jnd1, np.array([len(segment) for segment in schedule.segments], np.float64))
    note = (
        f"the CRFs are a fitted guess at the quality of the planned QPs: off by {fitted.error:.1f} on the "
        f"average, {fitted.error90:.1f} or less in nine of ten shots; trial encodes find them exactly."
    )
    segments = tuple(
        replace(segment, value=value) for segment, value in zip(schedule.segments, crf.tolist(), strict=True)
    )
    return replace(schedule, mode="crf", segments=segments, warnings=(*schedule.warnings, note))


def fit_crf_map(shots: Sequence[ClipCurves], jnd1: Array, group: Sequence[str], data: str) -> CrfMap:
    """Fit the map to S shots, and judge it on groups of shots left out.

    Parameters
    ----------
    shots : sequence of ClipCurves
    jnd1 : ndarray, shape (S,)
        Predicted by networks that did not see the clip.
    group : sequence of str
        Shots of one group are left out together.
    data : str
        What the shots are, in a sentence.
    """
    features, move = _examples(shots, jnd1)
    groups = np.repeat(np.array(group), len(QPS)).tolist()
    longest = features[:, 2] == features[:, 2].max()
    errors = held_out_errors(features, move, groups)[longest]
    constant = held_out_errors(np.zeros((len(move), 1)), move, groups)[longest]
    return CrfMap(
        data=data,
        shots=len(shots),
        **vars(Correction.fit(features, move)),
        error=round(float(errors.mean()), 3),
        error90=round(float(np.percentile(errors, 90)), 3),
        constant=round(float(constant.mean()), 3),
    )


def fit_move(shots: Sequence[ClipCurves], jnd1: Array) -> Correction:
    """The map alone, not judged; see `fit_crf_map`."""
    return Correction.fit(*_examples(shots, jnd1))


def _examples(shots: Sequence[ClipCurves], jnd1: Array) -> tuple[Array, Array]:
    """Features of each shot at each of `QPS`, and how far its CRF lies from that QP."""
    qp = np.tile(np.array(QPS, np.float64), len(shots))
    frames = np.repeat([float(shot.frames) for shot in shots], len(QPS))
    move = np.array([shot.crf_of(at) for shot in shots for at in QPS]) - qp
    return _features(qp, np.repeat(jnd1, len(QPS)), frames), move


@cache
def shipped_crf_map() -> CrfMap:
    """The one that comes with JNDScope, of ``resources/schedule``; JNDError where it is damaged."""
    return read_shipped(CrfMap, "crf.json", "map of CRFs")
