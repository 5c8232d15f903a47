"""The schedule: what is wanted, what each segment gets, and what it is written for."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.instrument import Instrument
from app.scale import span
from app.schedule_actions import no_analysis
from app.views.action_set import Actions
from app.views.check_row import CheckRow
from app.views.encode_row import EncodeRow
from app.views.expected_line import ExpectedLine
from app.views.labels import title
from app.views.plan_form import PlanForm
from app.views.proof_card import ProofCard
from app.views.refine_row import RefineRow
from app.views.segment_table import SegmentTable
from app.views.target_form import TargetForm

BUTTONS = {"schedule.copy": "Command", "schedule.export": "Files…", "schedule.encode": "Encode…"}
NAMED = BUTTONS | {"schedule.verify": "Check…"}


class SchedulePanel(QScrollArea):
    """Watches `state.plan`.

    Attributes
    ----------
    form : PlanForm
    summary : QLabel
        Segments and their QPs or CRFs, or why there are none.
    refining : RefineRow
    expected : ExpectedLine
    warnings : QLabel
        What stands against the plan.
    table : SegmentTable
    target : TargetForm
    encode : EncodeRow
    check : CheckRow
    proof : ProofCard
    """

    def __init__(self, instrument: Instrument, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = instrument.state
        self.form = PlanForm(self._state, instrument.planning)
        self.summary, self.warnings = QLabel(), QLabel()
        self.refining = RefineRow(self._state, actions)
        self.expected = ExpectedLine(self._state)
        self.table = SegmentTable(self._state, instrument.viewing, instrument.editing)
        self.target = TargetForm(self._state, instrument.delivering)
        self.encode = EncodeRow(self._state, actions)
        self.check = CheckRow(self._state, instrument.proving, actions)
        self.proof = ProofCard(self._state, instrument.viewing)
        self._lay_out(actions)
        for event in ("planned", "planning", "target", "trouble", "doubts", "shown"):
            getattr(self._state.plan.events, event).connect(self._show)
        self._state.results.changed.connect(self._show)
        self._state.work.events.stage.connect(self._show)
        self._show()

    def _lay_out(self, actions: Actions) -> None:
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        for label in (self.summary, self.warnings):
            label.setWordWrap(True)
        layout.addWidget(title("Plan"))
        layout.addWidget(self.form)
        layout.addSpacing(6)
        layout.addLayout(_headed("Segments", "segments", actions))
        layout.addWidget(self.summary)
        layout.addWidget(self.refining)
        layout.addWidget(self.expected)
        layout.addWidget(self.warnings)
        layout.addWidget(self.table, 1)
        layout.addSpacing(6)
        layout.addWidget(title("Write for"))
        layout.addWidget(self.target)
        layout.addLayout(_bar(actions, list(BUTTONS)))
        layout.addWidget(self.encode)
        layout.addSpacing(6)
        layout.addLayout(_headed("Check of an encode", "proof", actions))
        layout.addWidget(self.check)
        layout.addWidget(self.proof)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _show(self) -> None:
        plan = self._state.plan
        self.summary.setText(self._sentence())
        warned = [] if plan.schedule is None else list(plan.schedule.warnings)
        forced = sum(1 for text in warned if any(doubt in text for doubt in plan.doubts))
        self.warnings.setText("\n".join(f"⚠ {text}" for text in warned[forced:]))  # the doubts stand above
        self.warnings.setVisible(bool(self.warnings.text()))

    def _sentence(self) -> str:
        plan, schedule = self._state.plan, self._state.plan.schedule
        if no_analysis(self._state):
            return no_analysis(self._state)
        if schedule is None:
            waits = "A plan needs your consent above." if plan.doubts else "Planning …"
            return "Planning …" if plan.planning else plan.trouble or waits
        values = [segment.value for segment in schedule.segments]
        count = f"{len(values)} segments" if len(values) > 1 else "1 segment"
        by_hand = " · edited by hand" if plan.planned is not None and plan.planned.by_hand else ""
        other = "" if plan.fits else f" · still for {schedule.encoder}, preset {schedule.preset}"
        return f"{count} · {span(values, schedule.mode)}{by_hand}{other}"


def _headed(text: str, bar: str, actions: Actions) -> QHBoxLayout:
    """A heading with the buttons of a bar at the right."""
    row = _bar(actions, [action.objectName() for action in actions.in_bar(bar)])
    row.insertWidget(0, title(text))
    row.insertStretch(1, 1)
    return row


def _bar(actions: Actions, ids: list[str]) -> QHBoxLayout:
    """Buttons of commands; those in `NAMED` have a short text beside the icon."""
    row = QHBoxLayout()
    row.setSpacing(2)
    for name in ids:
        button = QToolButton()
        button.setDefaultAction(actions.by_id[name])
        button.setIconSize(QSize(18, 18))
        button.setAutoRaise(name not in NAMED)
        if name in NAMED:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            actions.by_id[name].setIconText(NAMED[name])
        if name in BUTTONS:
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row.addWidget(button)
    return row
