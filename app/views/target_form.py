"""What the schedule is written for, how far that was tried, and what is to be known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.delivering import Delivering
from app.state import AppState, TargetChoice
from app.views.reasoned import Choice, ReasonedBox

if TYPE_CHECKING:
    from jndcore.schedule.writers import Target

CODECS = {"libx264": "H.264", "libx265": "HEVC"}


class TargetForm(QWidget):
    """Shows and sets `state.plan.target`; the list is made when it is first shown.

    Attributes
    ----------
    box : ReasonedBox
    status : QLabel
        Whether encodes by the target were read back.
    notes : QLabel
        What always holds for it, and what holds for this schedule.
    """

    def __init__(self, state: AppState, delivering: Delivering, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = state.plan
        self._delivering = delivering
        self.box, self.status, self.notes = ReasonedBox(), QLabel(), QLabel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.box, self.status, self.notes):
            layout.addWidget(widget)
        for label in (self.status, self.notes):
            label.setWordWrap(True)
        self.status.setForegroundRole(self.status.palette().ColorRole.PlaceholderText)
        self.box.activated.connect(self._choose)
        for event in (self._plan.events.shown, self._plan.events.target):
            event.connect(self._show)
        for event in (self._plan.events.written, self._plan.events.refusal):
            event.connect(self._show_notes)
        self._show()

    def _choose(self, row: int) -> None:
        self._delivering.choose(cast(TargetChoice, self.box.value_at(row)))

    def _show(self) -> None:
        if not self._plan.shown:
            return
        from jndcore.schedule.writers import REFUSED

        given = tuple(choice for target in self._targets().values() for choice in _choices(target))
        refused = tuple(Choice(name, name, reason=f"refused: {why}.") for name, why in REFUSED.items())
        self.box.offer((*given, *refused), self._plan.target)
        target = self._targets()[self._plan.target.name]
        self.status.setText(f"{target.status.capitalize()}: {target.basis}.")
        self.status.setToolTip(f"Scale: {target.scale}.")
        self._show_notes()

    def _show_notes(self) -> None:
        plan = self._plan
        if not plan.shown:
            return
        if plan.planned is not None and plan.written is None and not plan.refusal:
            return  # about to come: what stands there stays, so that nothing jumps
        always = self._targets()[plan.target.name].note
        texts = (plan.refusal,) if plan.refusal else (always, *(plan.written.notes if plan.written else ()))
        self.notes.setText("\n".join(text[:1].upper() + text[1:] for text in texts if text))
        self.notes.setVisible(bool(self.notes.text()))

    def _targets(self) -> dict[str, Target]:
        from jndcore.schedule.writers import TARGETS

        return TARGETS


def _choices(target: Target) -> list[Choice]:
    """One for each encoder that the target drives; a table is none's."""
    table = target.name in ("csv", "json")
    encoders = target.encoders[:1] if table else target.encoders
    return [
        Choice(
            TargetChoice(target.name, encoder),
            f"{target.title}{'' if len(encoders) == 1 else f': {CODECS[encoder]}'} · {target.status}",
            target.basis,
        )
        for encoder in encoders
    ]
