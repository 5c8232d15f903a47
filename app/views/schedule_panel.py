"""The schedule: what is wanted, what each segment gets, and what it is written for."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.instrument import Instrument
from app.schedule_actions import no_analysis
from app.views.action_set import Actions
from app.views.encode_row import EncodeRow
from app.views.labels import title
from app.views.plan_form import PlanForm
from app.views.segment_table import SegmentTable
from app.views.target_form import TargetForm

BUTTONS = {"schedule.copy": "Command", "schedule.export": "Files…", "schedule.encode": "Encode…"}


class SchedulePanel(QScrollArea):
    """Watches `state.plan`.

    Attributes
    ----------
    form : PlanForm
    summary : QLabel
        Segments and their QPs, or why there are none.
    warnings : QLabel
        What stands against the plan.
    table : SegmentTable
    target : TargetForm
    encode : EncodeRow
    """

    def __init__(self, instrument: Instrument, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = instrument.state
        self.form = PlanForm(self._state, instrument.planning)
        self.summary, self.warnings = QLabel(), QLabel()
        self.table = SegmentTable(self._state, instrument.viewing, instrument.editing)
        self.target = TargetForm(self._state, instrument.delivering)
        self.encode = EncodeRow(self._state, actions)
        self._lay_out(actions)
        for event in ("planned", "planning", "trouble", "doubts", "shown"):
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
        segments = _bar(actions, [action.objectName() for action in actions.in_bar("segments")])
        segments.insertWidget(0, title("Segments"))
        segments.insertStretch(1, 1)
        layout.addWidget(title("Plan"))
        layout.addWidget(self.form)
        layout.addSpacing(6)
        layout.addLayout(segments)
        layout.addWidget(self.summary)
        layout.addWidget(self.warnings)
        layout.addWidget(self.table, 1)
        layout.addSpacing(6)
        layout.addWidget(title("Write for"))
        layout.addWidget(self.target)
        layout.addLayout(_bar(actions, list(BUTTONS)))
        layout.addWidget(self.encode)
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
        qps = [segment.value for segment in schedule.segments]
        low, high = min(qps), max(qps)
        count = f"{len(qps)} segments" if len(qps) > 1 else "1 segment"
        span = f"QP {low}" if low == high else f"QP {low} to {high}"
        by_hand = " · edited by hand" if plan.planned is not None and plan.planned.by_hand else ""
        return f"{count} · {span}{by_hand}"


def _bar(actions: Actions, ids: list[str]) -> QHBoxLayout:
    """Buttons of commands; those in `BUTTONS` have a short text beside the icon."""
    row = QHBoxLayout()
    row.setSpacing(2)
    for name in ids:
        button = QToolButton()
        button.setDefaultAction(actions.by_id[name])
        button.setIconSize(QSize(18, 18))
        button.setAutoRaise(name not in BUTTONS)
        if name in BUTTONS:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            actions.by_id[name].setIconText(BUTTONS[name])
        row.addWidget(button)
    return row
