"""Whether an encode shows what its source shows, each frame at its place: numbers and times do not tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ACROSS = 160
_CLEARLY = 0.9
"""A neighbour fits better when its difference is below this share of the frame's own."""

_WORSE_THAN_GRAY = 1.2
"""Error over variance: about 2 for pictures that have nothing in common, at most 1 for the worst encode."""

_ROUNDING = 4.0
"""Squared error of a frame without any contrast that says nothing."""


class Alignment:
    """Compares each frame of an encode with its source frame and with the two beside that.

    Attributes
    ----------
    elsewhere : int
        Frames so far that a neighbour fits clearly better.
    unlike : int
        Frames so far that a plain gray fits better than their source frame: they show something else.
    """

    def __init__(self) -> None:
        self.elsewhere = self.unlike = 0
        self._before: NDArray[np.int16] | None = None
        self._waiting: tuple[NDArray[np.int16], NDArray[np.int16]] | None = None

    def add(self, source: NDArray[np.uint8], encoded: NDArray[np.uint8]) -> None:
        """The luma of the next pair, both of shape (H, W)."""
        step = max(1, source.shape[1] // _ACROSS)
        now = source[::step, ::step].astype(np.int16), encoded[::step, ::step].astype(np.int16)
        error = float(np.square(now[1] - now[0], dtype=np.float64).mean())
        self.unlike += error > max(_ROUNDING, _WORSE_THAN_GRAY * float(now[0].var()))
        self._judge(now[0])
        self._before, self._waiting = (self._waiting[0] if self._waiting else None), now

    def finish(self) -> None:
        """There are no more pairs."""
        self._judge(None)
        self._waiting = None

    def _judge(self, after: NDArray[np.int16] | None) -> None:
        """Whether the pair that waits, whose source is followed by `after`, is out of place."""
        if self._waiting is None:
            return
        own, encoded = self._waiting
        difference = np.abs(encoded - own).mean()
        beside = [np.abs(encoded - other).mean() for other in (self._before, after) if other is not None]
        self.elsewhere += bool(beside and min(beside) < _CLEARLY * difference)
