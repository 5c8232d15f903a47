"""The pace of a video against the wall."""

from __future__ import annotations

import time

SLACK = 0.05
"""Seconds that a frame may be late and still be shown."""

LATE = 0.25
"""Seconds behind after which the clock is set anew: a slow machine plays slowly rather than nothing."""


class Pace:
    """Tells when frames are due; the first one asked about is due at once."""

    def __init__(self) -> None:
        self._offset: float | None = None

    def ahead(self, video: float) -> float:
        """Seconds until a frame with time stamp `video` is due; below 0 when it is late."""
        now = time.monotonic()
        if self._offset is None or self._offset + video < now - LATE:
            self._offset = now - video
        return self._offset + video - now

    def behind(self, video: float) -> bool:
        """Whether the frame is so late that it is better dropped, but not so late that all would be."""
        if self._offset is None:
            return False
        return SLACK < time.monotonic() - self._offset - video <= LATE
