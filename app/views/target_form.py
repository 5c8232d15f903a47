"""What the schedule is written for, how far that was tried, and what is to be known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.delivering import Delivering
from app.state import AppState, PlanOptions
from app.targets import no_preset, not_taken, with_encoder
from app.views.labels import quiet
from app.views.reasoned import Choice, ReasonedBox

if TYPE_CHECKING:
    from jndcore.schedule import Encoder
    from jndcore.schedule.writers import Target

CODECS: dict[Encoder, str] = {"libx264": "H.264", "libx265": "HEVC", "libsvtav1": "AV1"}


class TargetForm(QWidget):
    """Shows and sets `state.plan.target`; the list is made when it is first shown.

    Attributes
    ----------
    box, preset : ReasonedBox
    status : QLabel
        Whether encodes by the target were read back.
    notes : QLabel
        What always holds for it, and what holds for this schedule.
    """

    def __init__(self, state: AppState, delivering: Delivering, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = state.plan
        self._delivering = delivering
        self.box, self.preset = ReasonedBox(), ReasonedBox()
        self.status, self.notes = QLabel(), QLabel()
        self._lay_out()
        self.box.activated.connect(self._choose)
        self.preset.activated.connect(self._choose_preset)
        for event in (self._plan.events.shown, self._plan.events.target, self._plan.events.options):
            event.connect(self._show)
        for event in (self._plan.events.written, self._plan.events.refusal):
            event.connect(self._show_notes)
        self._show()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(quiet("Preset"))
        row.addWidget(self.preset, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.box)
        layout.addLayout(row)
        for label in (self.status, self.notes):
            label.setWordWrap(True)
            layout.addWidget(label)
        self.status.setForegroundRole(self.status.palette().ColorRole.PlaceholderText)

    def _choose(self, row: int) -> None:
        name, encoder = cast("tuple[str, Encoder]", self.box.value_at(row))
        self._delivering.choose(with_encoder(self._plan.target, name, encoder))

    def _choose_preset(self, row: int) -> None:
        preset = cast(str, self.preset.value_at(row))
        self._delivering.choose(self._plan.target._replace(preset=preset))

    def _show(self) -> None:
        if not self._plan.shown:
            return
        from jndcore.schedule.presets import PRESETS
        from jndcore.schedule.writers import REFUSED

        chosen, options = self._plan.target, self._plan.options
        given = tuple(
            choice
            for target in self._targets().values()
            for choice in _choices(target, options, chosen.encoder)
        )
        refused = tuple(Choice(name, name, reason=f"refused: {why}.") for name, why in REFUSED.items())
        self.box.offer((*given, *refused), (chosen.name, chosen.encoder))
        presets = [Choice(name, name, reason=no_preset(name, options)) for name in PRESETS[chosen.encoder]]
        self.preset.offer(presets, chosen.preset)
        target = self._targets()[chosen.name]
        self.status.setText(f"{target.status.capitalize()}: {target.basis}.")
        self.status.setToolTip(f"Scale: {target.scale}.")
        self._show_notes()

    def _show_notes(self) -> None:
        plan = self._plan
        if not plan.shown:
            return
        if plan.fits and plan.written is None and not plan.refusal:
            return  # about to come: what stands there stays, so that nothing jumps
        always = self._targets()[plan.target.name].note
        texts = (plan.refusal,) if plan.refusal else (always, *(plan.written.notes if plan.written else ()))
        self.notes.setText("\n".join(text[:1].upper() + text[1:] for text in texts if text))
        self.notes.setVisible(bool(self.notes.text()))

    def _targets(self) -> dict[str, Target]:
        from jndcore.schedule.writers import TARGETS

        return TARGETS


def _choices(target: Target, options: PlanOptions, chosen: Encoder) -> list[Choice]:
    """One for each encoder that the target drives; a table is of the chosen one."""
    encoders = target.encoders
    if target.name in ("csv", "json"):
        encoders = encoders[:1] if not_taken(target, chosen, options) else (chosen,)
    named = len(encoders) > 1 or (options.matched and len(target.encoders) > 1)
    return [
        Choice(
            (target.name, encoder),
            f"{target.title}{f': {CODECS[encoder]}' if named else ''} · {target.status}",
            target.basis,
            not_taken(target, encoder, options),
        )
        for encoder in encoders
    ]
