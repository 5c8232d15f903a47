"""A Schedule: which QP, or CRF, each part of one video gets, and what was predicted of it."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jndcore.media import pieces
from jndcore.results import QP_MAX, QP_MIN, VideoIdentity

Mode = Literal["qp", "crf"]
Encoder = Literal["libx264", "libx265", "libsvtav1"]
Level = Literal[1, 2, 3]

CRF_MAX = pieces.CRF_MAX["libx264"]
"""Of x264, and of x265."""

MODES: dict[Encoder, tuple[Mode, ...]] = {
    "libx264": ("qp", "crf"),
    "libx265": ("qp", "crf"),
    "libsvtav1": ("crf",),
}
"""What each encoder can be scheduled by: AV1's quantisers are no QPs of H.264."""

QP_OFFSETS = {"I": -3, "i": -3, "P": 0, "B": 1, "b": 2}
"""What a frame's type adds to its segment's QP, as ``x264 --qp N`` and ``x265 --qp N`` have it (ipratio 1.4,
pbratio 1.3); no other frame refers to a ``b``, and an ``i`` starts no new sequence."""


@dataclass(frozen=True)
class Predicted:
    """What the model says of a segment; None where it says nothing.

    Attributes
    ----------
    jnd : float or None
        QP at 75 % SUR of the schedule's level, x264 P-frame scale.
    sur_sd : float or None
        Spread between observers, QP.
    err : float or None
        The model's own standard error, QP.
    first_jnd, first_sur_sd : float or None
        The same of level 1, whatever the schedule's level.
    share_no_further_loss : float or None
        Percent of viewers who at the segment's QP see no loss beyond the level before; of level 1, beyond the
        source. In a CRF schedule: at the QP whose quality the CRF equals; None where it was edited by hand,
        for a CRF has no SUR curve.
    share_no_loss : float or None
        Percent of viewers who at the segment's QP see no loss at all.
    """

    jnd: float | None = None
    sur_sd: float | None = None
    err: float | None = None
    first_jnd: float | None = None
    first_sur_sd: float | None = None
    share_no_further_loss: float | None = None
    share_no_loss: float | None = None

    def __post_init__(self) -> None:
        if any(value is not None and not math.isfinite(value) for value in vars(self).values()):
            raise ValueError("what is not known must be null, not infinite or NaN")


@dataclass(frozen=True)
class Segment:
    """Frames `start` up to but not including `stop`, display order, which get one `value`: QP or CRF."""

    start: int
    stop: int
    value: int | float
    predicted: Predicted = Predicted()

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True)
class Schedule:
    """QPs or CRFs for all frames of a video. A value: editing makes a new one (`jndcore.schedule.editing`).

    Attributes
    ----------
    video : VideoIdentity
        Of the source; holds the frame count, the rate and the time base.
    variable_frame_rate : bool
        The source's frames last differently long.
    mode : "qp" or "crf"
        Values are QPs on the scale of ``x264 --qp N`` (P frames N, I N-3, reference B N+1, b N+2), integers
        8..47; or CRFs above 0 and up to 51, of libsvtav1 whole ones up to 63.
    level : 1, 2 or 3
        The JND that is kept from being seen.
    share : float
        Percent of viewers who are to see no further loss.
    model, model_sha256 : str
        Whose predictions these are.
    encoder, preset : str
        What is to encode; libsvtav1 by CRFs alone.
    segments : tuple of Segment
        Tile the frames 0 up to `frames`.
    warnings : tuple of str
        What stands against the plan: a forced one, or QPs at the end of the scale.

    Raises
    ------
    ValueError
        Where the segments do not tile the video, or a field lies outside its range.
    """

    video: VideoIdentity
    variable_frame_rate: bool
    mode: Mode
    level: Level
    share: float
    model: str
    model_sha256: str
    encoder: Encoder
    preset: str
    segments: tuple[Segment, ...]
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.share < 100:
            raise ValueError(f"a share of viewers lies between 0 and 100 %, not at {self.share}")
        if not self.preset.isalnum():  # it becomes a word of a command line
            raise ValueError(f"{self.preset!r} is no name of a preset")
        if not re.fullmatch(r"[1-9]\d*(/[1-9]\d*)?", self.time_base):
            raise ValueError(f"the time base {self.time_base!r} is no fraction above 0")
        if self.mode not in MODES[self.encoder]:
            raise ValueError(f"{self.encoder} has no QPs of H.264's scale; it takes CRFs")
        check_tiling(self.segments, self.frames)
        for segment in self.segments:
            check_value(segment.value, self.mode, self.encoder)

    @property
    def frames(self) -> int:
        """Displayed frames of the video."""
        return self.video.frames

    @property
    def fps(self) -> float:
        """Average frames a second; 0 where unknown."""
        return self.video.fps

    @property
    def time_base(self) -> str:
        """Seconds of one pts step, a fraction such as ``"1/15360"``."""
        return self.video.time_base

    def at(self, frame: int) -> Segment:
        """The segment that frame number `frame` lies in; IndexError where there is none."""
        if not 0 <= frame < self.frames:
            raise IndexError(f"frame {frame} of a schedule of {self.frames}")
        return self.segments[bisect_right(self.segments, frame, key=lambda segment: segment.start) - 1]

    def values(self) -> NDArray[np.float64]:
        """The value of every frame, shape (frames,)."""
        values = np.array([segment.value for segment in self.segments], dtype=np.float64)
        return np.repeat(values, [len(segment) for segment in self.segments])


def check_tiling(segments: Sequence[Segment], frames: int) -> None:
    """ValueError unless `segments` follow each other from frame 0 to `frames` without hole or overlap."""
    if not segments:
        raise ValueError("there are no segments")
    if segments[0].start != 0 or segments[-1].stop != frames:
        ends = f"{segments[0].start} to {segments[-1].stop}"
        raise ValueError(f"the segments reach from frame {ends}, the video from 0 to {frames}")
    for segment in segments:
        if segment.stop <= segment.start:
            raise ValueError(f"segment {segment.start} to {segment.stop} has no frames")
    for a, b in pairwise(segments):
        if a.stop != b.start:
            raise ValueError(f"a segment stops at frame {a.stop} and the next starts at {b.start}")


def check_value(value: float, mode: Mode, encoder: Encoder) -> None:
    """ValueError unless `value` is an integer QP of 8..47, or a CRF that the encoder takes."""
    if mode == "qp" and not (isinstance(value, int) and QP_MIN <= value <= QP_MAX):
        raise ValueError(f"a QP is an integer from {QP_MIN} to {QP_MAX}, not {value}")
    highest = pieces.CRF_MAX[encoder]
    if mode == "crf" and not 0 < value <= highest:
        raise ValueError(f"a CRF lies above 0, for {encoder} up to {highest:g}, not at {value}")
    if mode == "crf" and encoder == "libsvtav1" and value != round(value):
        raise ValueError(f"{encoder} takes whole CRFs, not {value}")
