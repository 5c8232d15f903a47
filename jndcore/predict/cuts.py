"""Cuts of one pass, named by time stamps."""

from __future__ import annotations

from collections import deque

from jndcore.media import ShotDetector
from jndcore.predict.pipeline import Batch


class Cuts:
    """A detector over one pass that names cuts by their pts: numbers may be corrected meanwhile.

    Attributes
    ----------
    lag : int
        A cut shows at most this many frames after it.
    """

    def __init__(self, fps: float) -> None:
        self._detector = ShotDetector(fps)
        self.lag = self._detector.lag
        self._recent: deque[tuple[int, int]] = deque(maxlen=self.lag + 1)

    def look(self, batch: Batch) -> list[int]:
        """Pts of the frames that turn out to start a shot, in rising order."""
        found = []
        for item in batch:
            if item.small is not None:
                self._recent.append((item.number, item.pts))
                cuts = self._detector.push(item.number, item.small)
                found += [pts for number, pts in self._recent if number in cuts]
        return found
