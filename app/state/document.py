"""The video that is open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

if TYPE_CHECKING:
    from jndcore.media import VideoInfo

Status = Literal["empty", "opening", "open"]


class Document:
    """One video at a time.

    Signals: ``changed`` when another video was asked for, opened or given up; ``corrected`` when decoding
    gave other facts of the same video; ``warned`` when there is something new in `warnings`.

    Attributes
    ----------
    status : str
        ``"empty"``, ``"opening"`` or ``"open"``.
    path : Path or None
        Of the video that is open, or that is being opened.
    info : VideoInfo or None
        What the reader knows; None until the video is open.
    times : ndarray of float64, shape (F,)
        Seconds from the first displayed frame, by frame number.
    warnings : tuple of str
        What the readers, here and in the analysis, have to say about the file.
    """

    changed = Signal()
    corrected = Signal()
    warned = Signal()

    def __init__(self) -> None:
        self.status: Status = "empty"
        self.path: Path | None = None
        self.info: VideoInfo | None = None
        self.times: NDArray[np.float64] = np.zeros(0)
        self.warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.times)

    def opening(self, path: Path) -> None:
        """Another video was asked for."""
        self.status, self.path, self.info = "opening", path, None
        self.times, self.warnings = np.zeros(0), ()
        self.changed.emit()

    def opened(self, info: VideoInfo, times: NDArray[np.float64], warnings: tuple[str, ...]) -> None:
        """The video is there."""
        self.status, self.info, self.times, self.warnings = "open", info, times, warnings
        self.changed.emit()

    def correct(self, info: VideoInfo, times: NDArray[np.float64], warnings: tuple[str, ...]) -> None:
        """Decoding showed other facts of the same video than its container, such as fewer frames."""
        self.info, self.times = info, times
        self.corrected.emit()
        self.warn(warnings)

    def close(self) -> None:
        """No video is open."""
        self.status, self.path, self.info = "empty", None, None
        self.times, self.warnings = np.zeros(0), ()
        self.changed.emit()

    def warn(self, warnings: tuple[str, ...]) -> None:
        """Add what is new among `warnings`."""
        fresh = tuple(text for text in warnings if text not in self.warnings)
        if fresh:
            self.warnings += fresh
            self.warned.emit()

    def frame_at(self, seconds: float) -> int:
        """The frame on screen at a time; the first or last one outside."""
        if not len(self):
            return 0
        return int(np.clip(np.searchsorted(self.times, seconds, side="right") - 1, 0, len(self) - 1))
