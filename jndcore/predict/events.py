"""What an analysis, or the process that runs it, has to say. All of it can be pickled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jndcore.media import Picture
from jndcore.predict.devices import DeviceInfo
from jndcore.results import Analysis, Prediction, Shot

Stage = Literal["key frames", "all frames"]


@dataclass(frozen=True)
class Loaded:
    """The model is in memory.

    Attributes
    ----------
    model, model_sha256 : str
        Its ``name.tag`` and the hash of its weights.
    levels, shown : tuple of int
        JND levels that it tells, and those at which it can show a frame.
    detail : tuple of int or None
        Width and height at which it shows frames, where that is not their own size.
    device : str
        Label of the device that runs it.
    devices : tuple of DeviceInfo
        All that the user can choose from.
    seconds : float
        How long importing torch and loading took.
    """

    model: str
    model_sha256: str
    levels: tuple[int, ...]
    shown: tuple[int, ...]
    detail: tuple[int, int] | None
    device: str
    devices: tuple[DeviceInfo, ...]
    seconds: float


@dataclass(frozen=True)
class Progress:
    """What is new since the event before.

    Attributes
    ----------
    frame : ndarray of int64, shape (n,)
        Frame numbers in display order.
    prediction : Prediction
        n rows.
    shots : tuple of Shot or None
        All complete shots known by now, by rising frame number; None where nothing changed.
    done, total : int
        Frames of this stage.
    stage : str
        ``"key frames"`` over the whole file, then ``"all frames"``.
    fps : float
        Frames analysed a second in this stage; 0 before the first batch.
    seconds_left : float or None
        Of this stage; None while there is nothing to judge it by.
    warnings : tuple of str
        Of the reader, so far.
    """

    frame: NDArray[np.int64]
    prediction: Prediction
    shots: tuple[Shot, ...] | None
    done: int
    total: int
    stage: Stage
    fps: float
    seconds_left: float | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finished:
    """The analysis is complete."""

    analysis: Analysis


@dataclass(frozen=True)
class Cancelled:
    """The analysis ended because it was asked to."""


@dataclass(frozen=True)
class Rebuilt:
    """Frame `frame` as the network shows it at JND `level`; `qp` is that level's QP."""

    frame: int
    level: int
    qp: float
    picture: Picture


@dataclass(frozen=True)
class NotRebuilt:
    """Frame `frame` could not be shown at JND `level`; the analysis goes on.

    `text` is one sentence; `details`, for an engineer, is empty where the sentence says it all.
    """

    frame: int
    level: int
    text: str
    details: str


@dataclass(frozen=True)
class Message:
    """Something the user should know, such as a GPU that ran out of memory."""

    text: str


@dataclass(frozen=True)
class Moved:
    """The model runs on another device now; `device` is its label."""

    device: str


@dataclass(frozen=True)
class Failed:
    """An error: one sentence, and what an engineer needs to find it."""

    text: str
    details: str


Event = Loaded | Progress | Finished | Cancelled | Rebuilt | NotRebuilt | Message | Moved | Failed
