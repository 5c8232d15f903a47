"""What the window measures of itself for `jnd bench`."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

from app.state import Work

BEAT = 5
"""Milliseconds between two beats of the UI thread's heart."""


class Timings(QObject):
    """Notes when the window first painted, and how long the UI thread was ever busy at a stretch.

    A stall counts as ``longest_stall_ms`` while an analysis runs, and as ``longest_stall_loading_ms``
    between the first paint and the loaded model.
    """

    def __init__(self, work: Work, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._figures: dict[str, float | bool] = {
            "longest_stall_ms": 0.0,
            "longest_stall_loading_ms": 0.0,
            "analysis_fps": 0.0,
        }
        self._last = time.perf_counter()
        self._heart = QTimer(self, interval=BEAT, timerType=Qt.TimerType.PreciseTimer)
        self._heart.timeout.connect(self._beat)
        work.events.fps.connect(self._note_fps)

    def painted(self) -> None:
        """The window is on screen: note the time, and start the heart."""
        self._figures["first_paint_s"] = seconds_since_start()
        self._figures["torch_at_first_paint"] = "torch" in sys.modules
        self._last = time.perf_counter()
        self._heart.start()

    def write(self, path: Path) -> None:
        """Write the figures as JSON. Raises JNDError where that fails."""
        from jndcore.results.atomic import replacing

        figures = self._figures | {"torch_at_end": "torch" in sys.modules}
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(figures, indent=1), encoding="utf-8")

    def _beat(self) -> None:
        now = time.perf_counter()
        stall = (now - self._last) * 1000 - BEAT
        self._last = now
        if not self._work.model:
            self._note("longest_stall_loading_ms", stall)
        elif self._work.running:
            self._note("longest_stall_ms", stall)

    def _note(self, name: str, value: float) -> None:
        self._figures[name] = max(self._figures[name], value)

    def _note_fps(self, fps: float) -> None:
        if fps:
            self._figures["analysis_fps"] = fps


def seconds_since_start() -> float:
    """Seconds since this process began; where the system does not tell, processor time stands in."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        began = int(fields[19]) / os.sysconf("SC_CLK_TCK")  # field 22, starttime: proc(5)
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (OSError, AttributeError):
        return time.process_time()
