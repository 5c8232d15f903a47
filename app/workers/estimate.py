"""Estimating the bits of a schedule, for a thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jndcore.schedule import Schedule
    from jndcore.schedule.expected import Expected
    from jndcore.schedule.size_trials import Part, Sizes


class EstimateJob:
    """One estimate; `cancel` may be called from any thread."""

    def __init__(
        self,
        schedule: Schedule,
        video: Path,
        known: dict[Part, Sizes],
        progress: Callable[[float], None],
    ) -> None:
        self._what = (schedule, video, known)
        self._progress = progress
        self._cancelled = Event()

    def cancel(self) -> None:
        """End with the packet under way; what was found stays known."""
        self._cancelled.set()

    def __call__(self) -> Expected | None:
        """Estimate; None where it was cancelled. Raises JNDError."""
        from jndcore.schedule.expected import Stopped, expect

        schedule, video, known = self._what
        try:
            return expect(schedule, video, known=known, progress=self._tell)
        except Stopped:
            return None

    def _tell(self, done: float) -> None:
        if self._cancelled.is_set():
            from jndcore.schedule.expected import Stopped

            raise Stopped
        self._progress(done)
