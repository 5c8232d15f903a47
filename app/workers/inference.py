"""The thread that keeps the child process: requests go in, events come out as signals."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QThread, Signal

from app.workers.defect import defect
from jndcore.errors import JNDError

if TYPE_CHECKING:
    from jndcore.media import Picture
    from jndcore.predict import Event

POLL = 0.02
"""Seconds to wait for an event before looking for requests again."""


class Child(Protocol):
    """What the thread asks of `jndcore.predict.InferenceChild`."""

    def analyse(self, path: Path, *, playhead: int = 0) -> None:
        """Begin an analysis."""

    def cancel(self) -> None:
        """End it."""

    def rebuild(self, frame: int, picture: Picture, level: int, qp: float | None = None) -> None:
        """Rebuild a frame."""

    def poll(self, timeout: float) -> Event | None:
        """Wait for an event."""

    def close(self) -> None:
        """End the process."""


MakeChild = Callable[[str, str], Child]
"""Starts a child process with a model, an empty name being the default one's, on a device."""


def real_child(model: str, device: str) -> Child:
    """The child process, see `MakeChild`."""
    from jndcore.models import DEFAULT_MODEL  # both too slow before the first paint
    from jndcore.predict import InferenceChild

    return InferenceChild(model or DEFAULT_MODEL, device)


class InferenceThread(QThread):
    """Drives one child process at a time.

    Signals
    -------
    happened(int, object)
        The number of the job that was asked for last when the event came, and the event.
    failed(str, str)
        The child could not be started, or had to be ended: a sentence, and details.
    """

    happened = Signal(int, object)
    failed = Signal(str, str)

    def __init__(self, make_child: MakeChild = real_child, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_child = make_child
        self._requests: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._child: Child | None = None
        self._engine = ("", "auto")  # model and device
        self._suspect = False  # a process that told of an error may have ended
        self._job = 0

    def restart(self, job: int, model: str, device: str) -> None:
        """Start a child process in place of one that runs; its events carry the number `job`."""

        def request() -> None:
            self._job = job
            self._engine = (model, device)
            self._start_child()

        self._requests.put(request)

    def analyse(self, job: int, path: Path, playhead: int) -> None:
        """Analyse `path`; events of it carry the number `job`. After an error another process does it."""

        def request() -> None:
            self._job = job
            if self._child is None or self._suspect:
                self._start_child()
            if self._child is not None:
                self._child.analyse(path, playhead=playhead)

        self._requests.put(request)

    def cancel(self) -> None:
        """End the analysis."""
        self._requests.put(lambda: self._child.cancel() if self._child else None)

    def rebuild(self, frame: int, picture: Picture, level: int, qp: float | None) -> None:
        """Rebuild a frame at JND `level`, where it is known at its `qp`."""
        self._requests.put(lambda: self._child.rebuild(frame, picture, level, qp) if self._child else None)

    def stop(self) -> None:
        """End the child process and the thread, and wait for both."""
        self._requests.put(None)
        self.wait()

    def run(self) -> None:
        """Body of the thread."""
        while self._serve():
            pass
        self._drop_child()

    def _serve(self) -> bool:
        """Do what was asked for, and pass an event on; False when the thread is to end."""
        try:
            if not self._serve_requests():
                return False
            if self._child is not None:
                self._pass_on(self._child.poll(POLL))
        except Exception as error:  # noqa: BLE001 a thread that dies unheard leaves the window waiting
            self._drop_child()
            self.failed.emit(defect("The analysis", error), traceback.format_exc())
        return True

    def _pass_on(self, event: Event | None) -> None:
        from jndcore.predict import Failed  # too slow before the first paint

        if event is None:
            return
        self._suspect = self._suspect or isinstance(event, Failed)
        self.happened.emit(self._job, event)

    def _serve_requests(self) -> bool:
        """Do what was asked for; False when the thread is to end. Without a child, wait for requests."""
        while True:
            try:
                request = self._next_request()
            except Empty:
                return True
            if request is None:
                return False
            request()

    def _next_request(self) -> Callable[[], None] | None:
        if self._child is None:
            return self._requests.get()
        if self._suspect:  # the `poll` of a process that ended need not wait, so this must
            return self._requests.get(timeout=POLL)
        return self._requests.get_nowait()

    def _drop_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.close()

    def _start_child(self) -> None:
        self._drop_child()
        self._suspect = False
        try:
            self._child = self._make_child(*self._engine)
        except (JNDError, OSError) as error:
            self.failed.emit(f"The analysis process does not start ({error}).", traceback.format_exc())
