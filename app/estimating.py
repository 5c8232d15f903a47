"""Estimating how large an encode by the schedule will be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.state import AppState
from app.state.plan import Planned, TargetChoice
from app.workers.estimate import EstimateJob
from app.workers.latest import Latest
from app.workers.schedules import for_target

if TYPE_CHECKING:
    from jndcore.schedule.expected import Expected
    from jndcore.schedule.size_trials import Part, Sizes

DELAY = 1200
"""Milliseconds that the schedule must stand still."""

MOST_KNOWN = 5000
"""Trials that are remembered; the schedule of a film has some 40, and each edit adds one."""


class Estimating(QObject):
    """Keeps `state.estimate` what the schedule on screen is expected to come to.

    It takes all cores for seconds, so it waits while the video is analysed, played, encoded or checked.
    """

    _progressed = Signal(object, float)

    def __init__(self, state: AppState, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._estimate = state.estimate
        self._subject: tuple[Planned, TargetChoice, Path] | None = None
        self._job: EstimateJob | None = None
        self._settled = False
        self._stopped = False
        self._known: dict[Part, Sizes] = {}
        self._latest = Latest("Estimating the size", DELAY, parent=self)
        self._latest.done.connect(self._on_done)
        self._latest.failed.connect(self._on_failed)
        self._progressed.connect(self._on_progress)
        plan = state.plan.events
        for signal in (plan.planned, plan.planning, plan.target, plan.shown, state.document.changed):
            signal.connect(self._look)
        busy = (state.work.events.stage, state.encode.events.target, state.proof.events.checking)
        for signal in (*busy, state.playhead.events.playing):
            signal.connect(self._look)

    def stop(self) -> None:
        """End the estimate under way, wait for its end, and begin none again."""
        self._stopped = True  # what else ends now frees the cores, which is no reason to begin
        self._leave()
        self._latest.stop()

    def _look(self) -> None:
        """Begin, wait or end, as the state has it now."""
        if self._stopped:
            return
        subject = self._find()
        if subject != self._subject:
            self._leave()
            if subject is None or self._subject is None or subject[2] != self._subject[2]:
                self._known = {}
            self._subject, self._settled = subject, False
            self._estimate.expected, self._estimate.trouble = None, ""
        if self._busy():
            self._leave()
        elif subject is not None and self._job is None and not self._settled:
            self._begin(subject)

    def _find(self) -> tuple[Planned, TargetChoice, Path] | None:
        plan, video = self._state.plan, self._state.document.path
        if not plan.shown or plan.planned is None or not plan.fits or video is None:
            return None
        return plan.planned, plan.target, video

    def _busy(self) -> bool:
        state = self._state
        at_work = state.work.running or state.encode.running or state.proof.checking is not None
        return at_work or state.plan.planning or state.playhead.playing

    def _begin(self, subject: tuple[Planned, TargetChoice, Path]) -> None:
        planned, target, video = subject
        if len(self._known) > MOST_KNOWN:
            self._known = {}
        schedule = for_target(planned.schedule, target)
        job = EstimateJob(schedule, video, self._known, lambda done: self._progressed.emit(job, done))
        self._job = job
        self._estimate.done = 0.0
        self._latest.ask(job)

    def _leave(self) -> None:
        """End the work; what it found so far is known next time."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._latest.forget()
        self._estimate.done = None

    def _on_progress(self, job: EstimateJob, done: float) -> None:
        if job is self._job:
            self._estimate.done = done

    def _on_done(self, expected: Expected | None) -> None:
        self._end()
        self._estimate.expected = expected

    def _on_failed(self, text: str, details: str) -> None:
        self._end()
        self._estimate.trouble = text

    def _end(self) -> None:
        self._job, self._settled = None, True
        self._estimate.done = None
