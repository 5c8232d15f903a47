"""Planning a schedule as the analysis and the user's choices have it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.editing import Editing
from app.schedule_actions import no_refining
from app.state import AppState
from app.state.plan import PlanOptions
from app.workers.latest import Latest
from app.workers.plan import Kept, Outcome, PlanJob, Subject

if TYPE_CHECKING:
    from jndcore.results import Analysis

DELAY = 120
"""Milliseconds without another change of the options, after which a plan begins."""


class Planning(QObject):
    """Plans while the schedule is shown, anew on each change of `state.plan.options`.

    Where CRFs are matched by trial encodes, also on each change of the target's encoder or preset. Another
    video or model drops the schedule; what was edited by hand then is mentioned in the status.

    Signals
    -------
    failed(str, str)
        Trial encodes came to nothing: a sentence, and details. What keeps any plan is in the state.
    """

    failed = Signal(str, str)
    _progressed = Signal(object, str, float)

    def __init__(self, state: AppState, editing: Editing, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._plan = state.plan
        self._editing = editing
        self._analysis: Analysis | None = None
        self._kept = Kept()
        self._job: PlanJob | None = None
        self._latest = Latest("Planning", DELAY, parent=self)
        self._latest.done.connect(self._on_planned)
        self._latest.failed.connect(self._on_failed)
        self._progressed.connect(self._on_progress)
        state.results.changed.connect(self._look)
        state.plan.events.shown.connect(self._look)
        state.plan.events.options.connect(self._follow)
        state.plan.events.target.connect(self._on_target)

    def stop(self) -> None:
        """End the plan under way, and wait for its end."""
        self._leave()
        self._latest.stop()

    def show(self, shown: bool) -> None:
        """Show the schedule, and plan one where there is none; or hide it."""
        self._plan.shown = shown

    def set(self, options: PlanOptions) -> None:
        """Plan by other options; edits by hand give way, and undo brings them back."""
        self._plan.options = self._possible(options)

    def again(self) -> None:
        """Plan anew, without the edits by hand."""
        self._ask()

    def cancel(self) -> None:
        """End the trial encodes, and go back to the plan that stands."""
        if self._plan.stage:
            self._leave()
            self._state.work.say("The trial encodes are cancelled")
            self._go_back()

    def _look(self) -> None:
        """See whether the schedule is of the analysis that counts now."""
        plan, analysis = self._plan, self._state.results.analysis
        if analysis is not self._analysis:
            self._drop()
            self._analysis = analysis
        waits = plan.planning or plan.fits or plan.doubts or plan.trouble
        if plan.shown and analysis is not None and not waits:
            levels = self._state.work.levels
            if levels and plan.options.level not in levels:
                plan.options = replace(plan.options, level=levels[0])
            self._ask()

    def _go_back(self) -> None:
        """Let what stands go on to stand, with its options and its target; or plan without trial encodes."""
        if self._plan.planned is None:
            self._plan.options = replace(self._plan.options, refine=False)
        else:
            self._plan.adopt(self._plan.planned)

    def _drop(self) -> None:
        if self._editing.unsaved:
            self._state.work.say(
                "The schedule edited by hand went with the analysis that it was planned from"
            )
        self._leave()
        self._analysis, self._kept = None, Kept()
        self._editing.drop()
        plan = self._plan
        plan.doubts, plan.trouble = (), ""
        # consent was to that video's doubts, and to trial encodes of that video
        plan.options = replace(plan.options, force=False, refine=False)

    def _possible(self, options: PlanOptions) -> PlanOptions:
        """Without trial encodes where nothing can be made of them."""
        refine = options.refine and not no_refining(self._state, options.mode)
        return replace(options, refine=refine)

    def _follow(self) -> None:
        """Plan by the options, unless what stands is planned by them."""
        plan = self._plan
        if plan.planned is not None and plan.planned.options == plan.options and plan.fits:
            self._leave()  # undone, or chosen back again
        elif plan.shown and not self._under_way():
            self._ask()

    def _under_way(self) -> bool:
        """Whether what is wanted is being planned: another target may drive the same encoder."""
        if self._job is None:
            return False
        asked, now = self._job.subject, self._plan.target
        same = (asked.target.encoder, asked.target.preset) == (now.encoder, now.preset)
        return same and asked.options == self._plan.options

    def _on_target(self) -> None:
        if self._plan.options.matched:
            self._follow()

    def _ask(self) -> None:
        plan, video = self._plan, self._state.document.path
        if self._job is not None:
            self._job.cancel()
        if self._analysis is not None and video is not None:
            subject = Subject(self._analysis, video, plan.options, plan.target)
            job = PlanJob(subject, self._kept, lambda *told: self._progressed.emit(job, *told))
            self._job = job
            plan.planning, plan.stage = True, ""
            self._latest.ask(job)

    def _leave(self) -> None:
        """No plan is wanted; the one under way ends."""
        if self._job is not None:
            self._job.cancel()
        self._latest.forget()
        self._end()

    def _end(self) -> None:
        self._job = None
        self._plan.planning, self._plan.stage, self._plan.done = False, "", 0.0

    def _on_progress(self, job: PlanJob, stage: str, done: float) -> None:
        if job is self._job:
            self._plan.stage, self._plan.done = stage, done

    def _on_planned(self, outcome: Outcome | None) -> None:
        self._end()
        if outcome is None:
            return  # cancelled, when its end was on its way
        self._plan.trouble, self._plan.doubts = "", outcome.doubts
        if outcome.planned is None:
            self._editing.drop()
        else:
            self._editing.take(outcome.planned)

    def _on_failed(self, text: str, details: str) -> None:
        self._end()
        if self._plan.options.refine:
            self._go_back()
            self.failed.emit(text, details)
        else:
            self._plan.doubts, self._plan.trouble = (), text
            self._editing.drop()
