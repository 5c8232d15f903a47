"""Encoding the open video as the schedule has it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.state import AppState
from app.workers.encode import EncodeThread
from app.workers.schedules import for_target


class Encoding(QObject):
    """Runs one encode at a time; `state.encode` tells how far it is.

    Signals
    -------
    made(Path)
        This file is there.
    failed(str, str)
        A sentence and details.
    """

    made = Signal(object)
    failed = Signal(str, str)

    def __init__(self, state: AppState, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._thread: EncodeThread | None = None

    def start(self, target: Path) -> None:
        """Encode into `target`, by the encoder of the chosen target, with the schedule as it stands now."""
        plan, video = self._state.plan, self._state.document.path
        if plan.schedule is None or not plan.fits or video is None or self._thread is not None:
            return
        schedule = for_target(plan.schedule, plan.target)
        self._thread = EncodeThread(video, schedule, target, parent=self)
        self._thread.progressed.connect(self._on_progress)
        self._thread.made.connect(self._on_made)
        self._thread.failed.connect(self.failed)
        self._thread.finished.connect(self._on_end)
        encode = self._state.encode
        encode.done, encode.total, encode.seconds_left = 0, schedule.frames, None
        encode.target = target
        self._thread.start()

    def cancel(self) -> None:
        """End the encode under way; nothing of it stays."""
        if self._thread is not None:
            self._state.work.say("The encode is cancelled; nothing was written")
            self._thread.cancel()

    def stop(self) -> None:
        """End the encode under way, and wait for its end."""
        if self._thread is not None:
            self._thread.cancel()
            self._thread.wait()

    def _on_progress(self, done: int, total: int, seconds: float) -> None:
        encode = self._state.encode
        encode.total, encode.done = total, done
        encode.seconds_left = (total - done) * seconds / done if done else None

    def _on_made(self, warnings: tuple[str, ...]) -> None:
        target = self._state.encode.target
        for text in warnings:
            self._state.work.say(text)
        if target is not None:
            self._state.work.say(f"Encoded {target.name}")
            self.made.emit(target)

    def _on_end(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.wait()  # it has said that it ends, and does so now
            thread.deleteLater()
        self._state.encode.target = None
