"""Progress of one stage against the time since it began."""

from __future__ import annotations

import time

from jndcore.predict.events import Stage


class Clock:
    """Counts the frames of a stage.

    Attributes
    ----------
    stage : str
    done, total : int
        Frames.
    """

    def __init__(self, stage: Stage, total: int) -> None:
        self.stage: Stage = stage
        self.total = total
        self.done = 0
        self._began = self._told = time.perf_counter()

    def count(self, frames: int) -> None:
        """Add `frames` to what is done."""
        self.done = min(self.done + frames, self.total)

    def ticks(self) -> bool:
        """Whether a second has gone by since it last said so; the first time at once."""
        now = time.perf_counter()
        due = self._told == self._began or now - self._told >= 1
        if due:
            self._told = now
        return due

    @property
    def fps(self) -> float:
        """Frames a second so far."""
        return self.done / max(time.perf_counter() - self._began, 1e-9)

    @property
    def seconds_left(self) -> float | None:
        """At this pace; None before the first frame."""
        return (self.total - self.done) / self.fps if self.done else None
