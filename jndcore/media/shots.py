"""Shot boundaries on the fly."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np
from numpy.typing import NDArray

UNKNOWN_FPS = 25.0

SHORTEST_SHOT = 0.5
"""Seconds between two cuts at least; flashes come closer together."""


def shot_starts(cuts: Iterable[int], start: int, fps: float) -> list[int]:
    """First frames of the shots of a range that begins at `start`: cuts that lie `SHORTEST_SHOT` apart.

    PySceneDetect's own rule, kept apart from finding the cuts so that a range may be searched in pieces
    and in any order.
    """
    shortest = max(1, round(SHORTEST_SHOT * (fps if fps > 0 else UNKNOWN_FPS)))
    starts = [start]
    for cut in sorted(cuts):
        if cut - starts[-1] >= shortest:
            starts.append(cut)
    return starts


class ShotDetector:
    """PySceneDetect's adaptive detector, fed frame by frame.

    It compares a frame's change in hue, saturation and luma with the changes of its neighbours, so fast
    motion alone makes no cut. Cuts may come close together: `shot_starts` thins them. Takes consecutive
    frames of one pass; a new pass takes a new detector.

    Attributes
    ----------
    lag : int
        A cut is reported at most this many frames after it was pushed.

    Parameters
    ----------
    fps : float
        Frames a second; 0 or less where unknown.
    """

    def __init__(self, fps: float) -> None:
        # Imported here: it takes a third of a second, and a window that only shows frames needs no cuts.
        from scenedetect import FrameTimecode
        from scenedetect.detectors import AdaptiveDetector

        self._timecode = partial(FrameTimecode, fps=float(fps) if fps > 0 else UNKNOWN_FPS)
        self._detector = AdaptiveDetector(min_scene_len=1)
        self.lag: int = self._detector.event_buffer_length
        self._last = 0

    def push(self, number: int, small_bgr: NDArray[np.uint8]) -> list[int]:
        """Frame numbers that turn out to start a new shot.

        Parameters
        ----------
        number : int
            Frame number, rising.
        small_bgr : ndarray of uint8, shape (h, w, 3)
            ``Frame.small()``; always the same shape.
        """
        self._last = number
        cuts = self._detector.process_frame(self._timecode(number), small_bgr)
        return [cut.frame_num for cut in cuts]

    def flush(self) -> list[int]:
        """Cuts still held back when the frames have ended."""
        cuts = self._detector.post_process(self._timecode(self._last))
        return [cut.frame_num for cut in cuts]
