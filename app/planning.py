"""Planning a schedule as the analysis and the user's choices have it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.editing import Editing
from app.state import AppState
from app.state.plan import PlanOptions
from app.workers.latest import Latest
from app.workers.schedules import Outcome, plan_schedule

if TYPE_CHECKING:
    from jndcore.results import Analysis

DELAY = 120
"""Milliseconds without another change of the options, after which a plan begins."""


class Planning(QObject):
    """Plans while the schedule is shown, anew on each change of `state.plan.options`.

    Another video or model drops the schedule; what was edited by hand then is mentioned in the status.
    """

    def __init__(self, state: AppState, editing: Editing, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._plan = state.plan
        self._editing = editing
        self._analysis: Analysis | None = None
        self._latest = Latest("Planning", DELAY, parent=self)
        self._latest.done.connect(self._on_planned)
        self._latest.failed.connect(self._on_failed)
        state.results.changed.connect(self._look)
        state.plan.events.shown.connect(self._look)
        state.plan.events.options.connect(self._on_options)

    def stop(self) -> None:
        """Wait for the plan under way."""
        self._latest.stop()

    def show(self, shown: bool) -> None:
        """Show the schedule, and plan one where there is none; or hide it."""
        self._plan.shown = shown

    def set(self, options: PlanOptions) -> None:
        """Plan by other options; edits by hand give way, and undo brings them back."""
        self._plan.options = options

    def again(self) -> None:
        """Plan anew, without the edits by hand."""
        self._ask()

    def _look(self) -> None:
        """See whether the schedule is of the analysis that counts now."""
        plan, analysis = self._plan, self._state.results.analysis
        if analysis is not self._analysis:
            self._drop()
            self._analysis = analysis
        waits = plan.planning or plan.planned is not None or plan.doubts or plan.trouble
        if plan.shown and analysis is not None and not waits:
            levels = self._state.work.levels
            if levels and plan.options.level not in levels:
                plan.options = replace(plan.options, level=levels[0])
            self._ask()

    def _drop(self) -> None:
        if self._editing.unsaved:
            self._state.work.say(
                "The schedule edited by hand went with the analysis that it was planned from"
            )
        self._latest.forget()
        self._analysis = None
        self._editing.drop()
        plan = self._plan
        plan.planning, plan.doubts, plan.trouble = False, (), ""
        plan.options = replace(plan.options, force=False)  # consent was to that video's doubts

    def _on_options(self, options: PlanOptions) -> None:
        planned = self._plan.planned
        if planned is not None and planned.options == options:  # undone, or chosen back again
            self._latest.forget()
            self._plan.planning = False
        elif self._plan.shown:
            self._ask()

    def _ask(self) -> None:
        analysis, options = self._analysis, self._plan.options
        if analysis is not None:
            self._plan.planning = True
            self._latest.ask(lambda: plan_schedule(analysis, options))

    def _on_planned(self, outcome: Outcome) -> None:
        plan = self._plan
        plan.planning, plan.trouble, plan.doubts = False, "", outcome.doubts
        if outcome.planned is None:
            self._editing.drop()
        else:
            self._editing.take(outcome.planned)

    def _on_failed(self, text: str, details: str) -> None:
        self._plan.planning, self._plan.doubts, self._plan.trouble = False, (), text
        self._editing.drop()
