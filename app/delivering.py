"""Bringing the schedule into the form of an encoder, and to the disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.editing import Editing
from app.state import AppState
from app.state.plan import TargetChoice
from app.targets import USUAL_TARGETS, taken
from app.workers.latest import Latest
from app.workers.schedules import facts_of, prepare, write_files
from app.workers.tasks import Task

if TYPE_CHECKING:
    from jndcore.schedule.writers import VideoFacts, Written


class Delivering(QObject):
    """Keeps `state.plan.written` what the chosen target would get, and writes it.

    Signals
    -------
    saved(Path)
        The files are in this folder.
    failed(str, str)
        A sentence and details.
    """

    saved = Signal(object)
    failed = Signal(str, str)

    def __init__(self, state: AppState, editing: Editing, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._plan = state.plan
        self._editing = editing
        self._steered = (state.plan.options.mode, state.plan.options.refine)
        self._chosen = False  # by the user
        self._tasks: set[Task] = set()
        self._latest = Latest("Preparing the files", parent=self)
        self._latest.done.connect(self._on_prepared)
        self._latest.failed.connect(self._on_refused)
        state.plan.events.planned.connect(self._prepare)
        state.plan.events.target.connect(self._prepare)
        state.plan.events.options.connect(self._fit)

    def stop(self) -> None:
        """Wait until what is being written is complete."""
        self._latest.stop()
        for task in self._tasks:
            task.wait()

    def choose(self, target: TargetChoice) -> None:
        """Write for another target from now on."""
        before = self._plan.target
        self._chosen = self._chosen or (target.name, target.encoder) != (before.name, before.encoder)
        self._plan.target = target

    def write(self, folder: Path) -> None:
        """Write the target's files; without a schedule for it, nothing happens."""
        schedule, target, facts = self._plan.schedule, self._plan.target, self._facts()
        if schedule is None or facts is None or not self._plan.fits:
            return
        task = Task("Writing", lambda: write_files(schedule, target, facts, folder), parent=self)
        task.done.connect(lambda: self._on_saved(schedule, folder))
        task.failed.connect(self.failed)
        task.finished.connect(lambda: self._tasks.discard(task))
        self._tasks.add(task)
        task.start()

    def _fit(self) -> None:
        """Leave a target that does not take what the plan is steered by now, or that nobody chose."""
        plan, before = self._plan, self._steered
        self._steered = (plan.options.mode, plan.options.refine)
        if self._steered != before:
            usual = not self._chosen and plan.options.mode != before[0]
            choice = (
                USUAL_TARGETS[plan.options.mode]._replace(preset=plan.target.preset) if usual else plan.target
            )
            plan.target = taken(choice, plan.options)

    def _facts(self) -> VideoFacts | None:
        document, analysis = self._state.document, self._state.results.analysis
        if document.path is None or analysis is None:
            return None
        return facts_of(document.path, analysis, document.info)

    def _prepare(self) -> None:
        plan = self._plan
        plan.written, plan.refusal = None, ""
        schedule, target, facts = plan.schedule, plan.target, self._facts()
        if schedule is None or facts is None or not plan.fits:
            self._latest.forget()
        else:
            self._latest.ask(lambda: prepare(schedule, target, facts))

    def _on_prepared(self, written: Written) -> None:
        self._plan.written = written

    def _on_refused(self, text: str, details: str) -> None:
        self._plan.refusal = text

    def _on_saved(self, schedule: object, folder: Path) -> None:
        if self._plan.schedule is schedule:
            self._editing.note_saved()
        self.saved.emit(folder)
