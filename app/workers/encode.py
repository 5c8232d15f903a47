"""Encoding by a schedule, off the UI thread."""

from __future__ import annotations

import time
import traceback
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from app.workers.defect import defect
from jndcore.errors import JNDError

if TYPE_CHECKING:
    from jndcore.schedule import Schedule

PACE = 0.1
"""Seconds between two reports at least: a frame may take less than a millisecond."""


class EncodeThread(QThread):
    """Makes one file; cancelled, it leaves none.

    Signals
    -------
    progressed(int, int, float)
        Frames done and in all, and the seconds that it took.
    made(object)
        The file is there; a tuple of str on what of the source it does not keep.
    failed(str, str)
        A sentence and details.
    """

    progressed = Signal(int, int, float)
    made = Signal(object)
    failed = Signal(str, str)

    def __init__(
        self, video: Path, schedule: Schedule, target: Path, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._job = (video, schedule, target)
        self._cancelled = Event()

    def cancel(self) -> None:
        """End with the frame under way."""
        self._cancelled.set()

    def run(self) -> None:
        """Body of the thread."""
        try:
            self._encode()
        except JNDError as error:
            self.failed.emit(str(error), traceback.format_exc())
        except Exception as error:  # noqa: BLE001 a thread that dies unheard leaves the window waiting
            self.failed.emit(defect("Encoding", error), traceback.format_exc())

    def _encode(self) -> None:
        from jndcore.schedule.encoding import encode

        steps = encode(*self._job)
        begun = told = time.monotonic()
        for step in steps:
            if self._cancelled.is_set() and not step.finished:
                break
            now = time.monotonic()
            if now - told >= PACE:
                told = now
                self.progressed.emit(step.done, step.total, now - begun)
            if step.finished:
                self.made.emit(step.warnings)
        close = getattr(steps, "close", None)
        if close is not None:
            close()  # takes what is half written away
