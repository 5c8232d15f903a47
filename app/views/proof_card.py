"""What the check of an encode found: the verdict, and planned beside measured at the playhead."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QVBoxLayout, QWidget

from app.proof_text import remarks, segment_facts, verdict, worst_of
from app.state import AppState, Checked
from app.viewing import Viewing
from app.views.labels import quiet

EARLIER = "⚠ The schedule, or its encoder, has changed since."
NAMES = ("Frames", "Quantiser", "Predicted", "Measured", "Worst")


class ProofCard(QWidget):
    """Watches `state.proof`; hidden while nothing was checked.

    Attributes
    ----------
    verdict, earlier, remarks : QLabel
        `earlier` is hidden while the schedule is the one that was checked against.
    facts : dict of str to QLabel
        Of the segment at the playhead; the worst frame is a link to it.
    """

    def __init__(self, state: AppState, viewing: Viewing, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._viewing = viewing
        self.verdict, self.earlier, self.remarks = QLabel(), QLabel(EARLIER), QLabel()
        self.facts = {name: QLabel() for name in NAMES}
        self._form = QFormLayout()
        self._lay_out()
        self.facts["Worst"].linkActivated.connect(lambda frame: viewing.seek(int(frame)))
        state.proof.events.checked.connect(self._show)
        for event in (state.plan.events.planned, state.plan.events.target):
            event.connect(self._look)
        state.playhead.events.frame.connect(self._show_segment)
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme: a link keeps the colour that it was written in."""
        if event.type() == QEvent.Type.PaletteChange:
            self.facts["Worst"].clear()
            self._show_segment()
        super().changeEvent(event)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for label in (self.verdict, self.earlier, self.remarks):
            label.setWordWrap(True)
            layout.addWidget(label)
        self.remarks.setForegroundRole(self.remarks.palette().ColorRole.PlaceholderText)
        for label in (self.verdict, self.remarks):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._form.setContentsMargins(0, 2, 0, 0)
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(3)
        for name, label in self.facts.items():
            label.setWordWrap(True)
            heading = quiet(name)
            heading.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._form.addRow(heading, label)
        layout.addLayout(self._form)

    def _show(self) -> None:
        checked = self._state.proof.checked
        self.setVisible(checked is not None)
        if checked is not None:
            self.verdict.setText(verdict(checked))
            self.remarks.setText(remarks(checked.report))
            self.remarks.setVisible(bool(self.remarks.text()))
            self._look()
            self._show_segment()

    def _look(self) -> None:
        """Whether the schedule is still the one that was checked against."""
        checked, plan = self._state.proof.checked, self._state.plan
        if checked is not None:
            self.earlier.setVisible(not checked.is_of(plan.schedule, plan.target.encoder))

    def _show_segment(self) -> None:
        checked = self._state.proof.checked
        if checked is not None:
            facts = self._facts(checked)
            for name, label in self.facts.items():
                label.setText(facts.get(name, ""))
                self._form.setRowVisible(label, name in facts)

    def _facts(self, checked: Checked) -> dict[str, str]:
        segment = checked.segment_at(self._state.playhead.frame)
        if segment is None:
            return {}
        facts = segment_facts(segment, checked.report.mode)
        if segment.worst_frame is not None:
            facts["Worst"] = f"<a href='{segment.worst_frame}'>{worst_of(segment)}</a>"
        return facts
