"""Checking an encode against its schedule, off the UI thread."""

from __future__ import annotations

import time
import traceback
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal

from app.state.proof import Checked, Score
from app.workers.defect import defect
from app.worst_frames import worst_frames
from jndcore.errors import JNDError

if TYPE_CHECKING:
    from jndcore.schedule import Schedule
    from jndcore.schedule.report import Report

PACE = 0.1
"""Seconds between two reports of one stage at least."""


class CheckCancelled(Exception):
    """The answer is not wanted any more."""


class CheckThread(QThread):
    """Checks one file.

    Signals
    -------
    progressed(str, float)
        What is being done, and the share of it, 0..1.
    checked(object)
        A `Checked`.
    failed(str, str)
        A sentence and details.

    Attributes
    ----------
    schedule : Schedule
        What the file is checked against.
    """

    progressed = Signal(str, float)
    checked = Signal(object)
    failed = Signal(str, str)

    def __init__(
        self,
        encoded: Path,
        schedule: Schedule,
        source: Path,
        *,
        vmaf: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.schedule = schedule
        self._files = (encoded, source)
        self._vmaf = vmaf
        self._cancelled = Event()
        self._told = ("", 0.0)

    @property
    def cancelled(self) -> bool:
        """Whether the answer is not wanted any more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """End with the frame under way, and say nothing more."""
        self._cancelled.set()

    def run(self) -> None:
        """Body of the thread."""
        try:
            self.checked.emit(self._check())
        except CheckCancelled:
            pass
        except JNDError as error:
            self.failed.emit(str(error), traceback.format_exc())
        except Exception as error:  # noqa: BLE001 a thread that dies unheard leaves the window waiting
            self.failed.emit(defect("Checking", error), traceback.format_exc())

    def _check(self) -> Checked:
        from jndcore.schedule.verify import verify

        encoded, source = self._files
        report = verify(encoded, self.schedule, source, vmaf=self._vmaf, progress=self._tell)
        found = gather(encoded, self.schedule, report)
        self._tell("", 1.0)
        return found

    def _tell(self, stage: str, done: float) -> None:
        if self.cancelled:
            raise CheckCancelled
        now = time.monotonic()
        if stage and (stage != self._told[0] or now - self._told[1] >= PACE):
            self._told = (stage, now)
            self.progressed.emit(stage, done)


def gather(encoded: Path, schedule: Schedule, report: Report) -> Checked:
    """A report with what the window makes of it: plots and a walk through the worst frames."""
    off_plan = np.zeros(schedule.frames, dtype=bool)
    off_plan[[frame.frame for frame in report.frames_off_plan]] = True
    values: dict[Score, NDArray[np.float64]] = {}
    worst: dict[Score, NDArray[np.intp]] = {}
    found, scores = report.read_back, report.metrics
    if scores is not None:
        for name in _SCORES:
            score = getattr(scores, name)
            if score is not None:
                values[name] = np.asarray(score, dtype=np.float64)
        times = found.pts.astype(np.float64) * float(found.time_base)
        parts = [(segment.start, segment.stop) for segment in schedule.segments]
        worst = {name: worst_frames(score, times, parts) for name, score in values.items()}
    if len(found) == schedule.frames:
        values["bits"] = found.bytes * 8 / 1000
    return Checked(encoded, schedule, report, values, worst, off_plan)


_SCORES: tuple[Score, ...] = ("xpsnr", "psnr", "ssim", "vmaf")
