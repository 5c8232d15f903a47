"""An Analysis: what one model says about one video, frame by frame and shot by shot."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jndcore.results.prediction import LABEL_CONVENTION, Prediction


@dataclass(frozen=True)
class VideoIdentity:
    """What tells one video from another, and what an analysis must remember of it.

    Attributes
    ----------
    name : str
        File name without its folder.
    size : int
        Bytes.
    duration : float
        Seconds, of the video stream.
    head_sha256 : str
        SHA-256 of the file's first MiB, hexadecimal.
    width, height : int
        Pixels as displayed (after rotation).
    fps : float
        Average frames a second; 0 where unknown.
    frames : int
        Number of displayed frames.
    time_base : str
        Seconds of one pts step, a fraction such as ``"1/15360"``.
    extrapolated : tuple of str
        Why the labels do not cover this video (HDR, bit depth, interlacing, size); empty where they do.
    """

    name: str
    size: int
    duration: float
    head_sha256: str
    width: int
    height: int
    fps: float
    frames: int
    time_base: str
    extrapolated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shot:
    """Frames ``start`` up to but not including ``stop`` between two cuts.

    `prediction` has one row: the model's own pooling of the shot's analysed frames, NaN without any.
    """

    start: int
    stop: int
    prediction: Prediction


@dataclass(frozen=True)
class Analysis:
    """JND levels of a video. A value: nothing changes it once made.

    Attributes
    ----------
    video : VideoIdentity
    model, model_sha256 : str
        ``name.tag`` of the model and the hash of its weights.
    frame : ndarray of int64, shape (F,)
        Display-order frame numbers that were analysed, rising.
    pts : ndarray of int64, shape (F,)
        In steps of ``video.time_base``.
    time : ndarray of float64, shape (F,)
        Seconds from the first displayed frame.
    shot : ndarray of int64, shape (F,)
        Index into `shots`.
    prediction : Prediction
        F rows.
    shots : tuple of Shot
        Tile the analysed range.
    label : str
        The convention of the labels that the model was trained on.
    version : str
        JNDScope's version.
    device : str
        What ran the model, and in which precision.
    every : int
        Of so many frames one was analysed.
    warnings : tuple of str
        What the reader had to say about the file, and where the levels cross.
    """

    video: VideoIdentity
    model: str
    model_sha256: str
    frame: NDArray[np.int64]
    pts: NDArray[np.int64]
    time: NDArray[np.float64]
    shot: NDArray[np.int64]
    prediction: Prediction
    shots: tuple[Shot, ...]
    label: str = LABEL_CONVENTION
    version: str = ""
    device: str = ""
    every: int = 1
    warnings: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        lengths = {len(a) for a in (self.frame, self.pts, self.time, self.shot, self.prediction)}
        if len(lengths) != 1:
            raise ValueError(f"the columns of an analysis have different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.frame)
