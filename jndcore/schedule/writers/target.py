"""What a writer takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.media import VideoInfo
from jndcore.schedule.schedule import Encoder, Mode, Schedule


@dataclass(frozen=True)
class VideoFacts:
    """What a writer must know of the source beside the schedule.

    Attributes
    ----------
    path : Path
        The video, as commands are to name it.
    pts : ndarray of int64, shape (frames,), or None
        Time stamps in steps of the schedule's time base; some targets seek by them.
    frame_types : str or None
        A letter for each frame in display order, as an encode by the same options had them: ``I`` IDR, ``i``
        other I, ``P``, ``B`` reference B, ``b``.
    info : VideoInfo or None
        What the reader sees in the video: its colours and its depth.
    """

    path: Path
    pts: NDArray[np.int64] | None = None
    frame_types: str | None = None
    info: VideoInfo | None = None


@dataclass(frozen=True)
class Written:
    """What a writer makes.

    Attributes
    ----------
    files : dict of str to str
        Text by file name.
    command : str
        Command lines, for the folder of the files; empty where nothing is to be run.
    notes : tuple of str
        What the user must know of just this schedule.
    """

    files: dict[str, str]
    command: str = ""
    notes: tuple[str, ...] = ()


Writer = Callable[[Schedule, VideoFacts], Written]


@dataclass(frozen=True)
class Target:
    """An encoder or a program that drives one.

    Attributes
    ----------
    name, title : str
        For the command line, for people.
    scale : str
        Of the values written.
    verified : bool
        Encodes by it were read back and lay on plan; otherwise only the format was checked.
    basis : str
        How it was verified, or the source of the format.
    encoders : tuple of str
        Whose schedules it takes; the first is the default.
    modes : tuple of str
        ``"qp"``, ``"crf"`` or both.
    by_number : bool
        Names frames by number and writes a constant rate: no source of variable frame rate.
    write : callable
    note : str
        What always holds for it.
    """

    name: str
    title: str
    scale: str
    verified: bool
    basis: str
    encoders: tuple[Encoder, ...]
    modes: tuple[Mode, ...]
    by_number: bool
    write: Writer
    note: str = ""

    @property
    def status(self) -> str:
        """``"verified by encoding"`` or ``"format checked only"``."""
        return "verified by encoding" if self.verified else "format checked only"
