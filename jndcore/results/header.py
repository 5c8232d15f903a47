"""The header of an analysis file: everything that is not a column."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel

from jndcore.results.analysis import Analysis, Shot, VideoIdentity
from jndcore.results.prediction import LEVELS, Prediction

Triple = tuple[float | None, float | None, float | None]


class ShotRecord(BaseModel):
    """A shot as stored: frames `start` up to but not including `stop`, pooled levels, None where unknown."""

    start: int
    stop: int
    jnd: Triple
    sur_sd: Triple
    err: Triple

    @classmethod
    def of(cls, shot: Shot) -> ShotRecord:
        """The record of `shot`."""
        p = shot.prediction
        return cls(start=shot.start, stop=shot.stop, jnd=_row(p.qp), sur_sd=_row(p.sur_sd), err=_row(p.err))

    def prediction(self) -> Prediction:
        """One row; NaN where the file says unknown."""
        return Prediction(*(np.array([row], dtype=np.float64) for row in (self.jnd, self.sur_sd, self.err)))


class Header(BaseModel):
    """What an analysis file says of itself; `format_version` rises when a reader must change."""

    format: Literal["jndscope-analysis"] = "jndscope-analysis"
    format_version: Literal[1] = 1
    version: str
    video: VideoIdentity
    model: str
    model_sha256: str
    label: str
    device: str
    every: int
    columns: dict[str, str]
    warnings: tuple[str, ...] = ()
    shots: tuple[ShotRecord, ...] = ()

    @classmethod
    def of(cls, analysis: Analysis) -> Header:
        """The header of `analysis`."""
        return cls(
            version=analysis.version,
            video=analysis.video,
            model=analysis.model,
            model_sha256=analysis.model_sha256,
            label=analysis.label,
            device=analysis.device,
            every=analysis.every,
            columns=COLUMN_MEANINGS,
            warnings=analysis.warnings,
            shots=tuple(ShotRecord.of(shot) for shot in analysis.shots),
        )


_NONE = "none where the model tells none"

COLUMN_MEANINGS = {
    "frame": "display-order number of the frame, from 0",
    "pts": "presentation time stamp, in steps of video.time_base seconds",
    "time": "seconds from the first displayed frame",
    "shot": "index into shots",
    **{f"jnd{k}": f"QP of JND{k} at 75 % SUR; a local estimate of the clip's value; {_NONE}" for k in LEVELS},
    **{
        f"sur_sd{k}": f"spread between observers, QP: the standard deviation of the SUR curve; {_NONE}"
        for k in LEVELS
    },
    **{f"err{k}": f"the model's own standard error, QP; {_NONE}" for k in LEVELS},
}


def _row(values: np.ndarray) -> Triple:
    a, b, c = (None if np.isnan(v) else float(v) for v in values[0])
    return a, b, c
