"""What the child process is asked for, and what its events do to the state."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.state import AppState
from app.workers.inference import InferenceThread, MakeChild, real_child

if TYPE_CHECKING:
    from jndcore.media import Picture
    from jndcore.predict import Event, Finished, Loaded, Progress


@dataclass(frozen=True)
class _Wanted:
    """A frame to rebuild at `level`, which lies at `qp` where that is known."""

    frame: int
    level: int
    qp: float | None
    picture: Picture = field(compare=False)


class Analysing(QObject):
    """Runs the analysis of the open video and rebuilds frames, by way of the inference thread.

    Of the frames to rebuild only the one asked for last is waited for.

    Signals
    -------
    rebuilt(int, int, float, Picture)
        Frame, JND level, its QP, and the frame as the network shows it.
    refused(int, int, str)
        Frame, JND level, and why it is not rebuilt.
    restarted()
        Another process serves: pictures of the one before are void.
    finished(ndarray, ndarray)
        The analysis is complete: its frame numbers and their seconds.
    failed(str, str)
        A sentence and details.
    """

    rebuilt = Signal(int, int, float, object)
    refused = Signal(int, int, str)
    restarted = Signal()
    finished = Signal(object, object)
    failed = Signal(str, str)

    def __init__(
        self, state: AppState, make_child: MakeChild = real_child, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._thread = InferenceThread(make_child, parent=self)
        self._job = 0
        self._oldest = 0  # job from which on events are of the process that serves now
        self._cancelling = False
        self._broken = False
        self._awaited: _Wanted | None = None
        self._defects = False  # the process told of one already
        self._thread.happened.connect(self._on_event)
        self._thread.failed.connect(self._on_lost)

    def start(self) -> None:
        """Start the thread and the child process, with the model and on the device of the settings."""
        self._restart()
        self._thread.start()

    def stop(self) -> None:
        """End the child process and the thread, and wait for them."""
        self._thread.stop()

    def analyse(self) -> None:
        """Analyse the open video from the playhead's GOP on, in place of an analysis under way."""
        info, work = self._state.document.info, self._state.work
        if info is None:
            return
        if self._broken:
            self._restart()
        self._job += 1
        self._cancelling = False
        self._state.results.reset(len(self._state.document))
        work.done = work.total = 0
        work.fps, work.seconds_left, work.stage = 0.0, None, "waiting"
        self._thread.analyse(self._job, info.path, self._state.playhead.frame)
        self._ask_for_awaited()  # the request was about the analysis before

    def cancel(self) -> None:
        """End the analysis under way; what it found stays."""
        self._cancelling = True
        self._thread.cancel()

    def give_up(self) -> None:
        """Another video comes: events of this one no longer count."""
        self._job += 1
        self._awaited = None
        self._state.work.stage = "idle"
        self._thread.cancel()

    def set_device(self, name: str) -> None:
        """Go on with another device."""
        self._state.settings.device = name  # type: ignore[assignment]
        self.reload()

    def reload(self) -> None:
        """Start another child process, as the settings have it; an incomplete analysis begins anew."""
        self._restart()
        self.restarted.emit()
        if self._state.results.analysis is None:
            self.analyse()
        else:
            self._rest(len(self._state.results.analysis))

    def rebuild(self, frame: int, picture: Picture, level: int) -> None:
        """Have a frame rebuilt at JND `level`, at the QP that is known of it; the newest request wins."""
        wanted = _Wanted(frame, level, self._state.known_qp(frame, level), picture)
        if wanted != self._awaited:  # else it is being made
            self._awaited = wanted
            self._ask_for_awaited()

    def _restart(self) -> None:
        work, settings = self._state.work, self._state.settings
        work.model = work.device = ""
        work.levels = work.shown = ()
        work.detail = None
        self._broken = self._defects = False
        self._awaited = None
        self._job += 1
        self._oldest = self._job
        self._thread.restart(self._job, settings.model, settings.device)

    def _rest(self, frames: int) -> None:
        """Nothing is left to do: all `frames` are known."""
        work = self._state.work
        work.done = work.total = frames
        work.seconds_left = None
        work.stage = "done"

    def _ask_for_awaited(self) -> None:
        wanted = self._awaited
        if wanted is not None:
            whole = self._state.work.detail is not None  # such a model does not look at neighbours
            picture = replace(wanted.picture, beside=()) if whole else wanted.picture
            self._thread.rebuild(wanted.frame, picture, wanted.level, wanted.qp)

    def _on_answer(self, frame: int, level: int) -> None:
        if self._awaited is not None and (frame, level) == (self._awaited.frame, self._awaited.level):
            self._awaited = None

    def _on_defect(self, text: str, details: str) -> None:
        """Tell of the first defect in rebuilding in a dialog, of those after it in the log."""
        if self._defects:
            self._state.work.say(text)
        else:
            self._defects = True
            self.failed.emit(text, details)

    def _on_event(self, job: int, event: Event) -> None:
        from jndcore import predict

        if job < self._oldest:
            return  # of a process that does not serve any more
        match event:
            case predict.Loaded():
                self._on_loaded(event)
            case predict.Message(text):
                self._state.work.say(text)
            case predict.Moved(device):
                self._state.work.device = device
            case _ if job == self._job:
                self._on_news(event)
            case predict.Failed(text):  # of the video before, as all that is not told here
                self._state.work.say(text)

    def _on_news(self, event: Event) -> None:
        """Take in what is about the analysis that was asked for last."""
        from jndcore import predict

        match event:
            case predict.Failed(text, details):
                self._on_lost(text, details)
            case predict.Rebuilt(frame, level, qp, picture):
                self._on_answer(frame, level)
                self.rebuilt.emit(frame, level, qp, picture)
            case predict.NotRebuilt(frame, level, text, details):
                self._on_answer(frame, level)
                self.refused.emit(frame, level, text)
                if details:
                    self._on_defect(text, details)
            case predict.Progress():
                self._on_progress(event)
            case predict.Finished():
                self._on_finished(event)
            case predict.Cancelled():
                self._on_cancelled()

    def _on_loaded(self, event: Loaded) -> None:
        work, wanted = self._state.work, self._state.settings.level
        work.devices, work.device = event.devices, event.device
        work.levels, work.detail = event.levels, event.detail
        self._state.comparison.level = wanted if wanted in event.levels else event.levels[0]
        work.model = event.model
        work.shown = event.shown  # from here on it can be asked for frames
        analysis = self._state.results.analysis
        if analysis is not None and analysis.model_sha256 != event.model_sha256:
            self.analyse()  # imported or trained again since

    def _on_progress(self, event: Progress) -> None:
        work = self._state.work
        self._state.results.model = work.model
        self._state.results.add(event.frame, event.prediction, event.shots)
        self._state.document.warn(event.warnings)
        work.total, work.fps, work.seconds_left = event.total, event.fps, event.seconds_left
        work.done, work.stage = event.done, event.stage

    def _on_finished(self, event: Finished) -> None:
        self._state.results.finish(event.analysis)
        self._rest(len(event.analysis))
        self.finished.emit(event.analysis.frame, event.analysis.time)

    def _on_cancelled(self) -> None:
        if self._cancelling and self._state.work.running:  # it may have finished just before
            self._state.work.stage = "cancelled"

    def _on_lost(self, text: str, details: str) -> None:
        """Note an error; what comes after it until a restart is a consequence, and goes to the log."""
        self._awaited = None
        self._state.pictures.trouble = text
        if self._state.work.running:
            self._state.work.stage = "failed"
        if self._broken:
            self._state.work.say(text)
        else:
            self._broken = True
            self.failed.emit(text, details)
