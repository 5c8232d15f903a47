"""What the plan is to keep to: level, share, largest step, QP or CRF, trial encodes; consent to doubts."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from app.planning import Planning
from app.reasons import no_level
from app.schedule_actions import no_refining
from app.state import AppState
from app.views.labels import quiet
from app.views.reasoned import Choice, ReasonedBox

LEVELS = (
    (1, "JND1: the first loss", "No loss against the source is to be seen"),
    (2, "JND2: the second loss", "No loss beyond JND1 is to be seen; the first loss is"),
    (3, "JND3: the third loss", "No loss beyond JND2 is to be seen; the first two are"),
)
ANY = "any"

MODES = (
    Choice(
        "qp",
        "QP: as predicted",
        "Quantisers as the levels were predicted in; adaptive quantisation and MB-tree are off",
    ),
    Choice(
        "crf",
        "CRF: of the same quality",
        "Each segment gets the CRF whose quality equals that of its QP, by a map that was fitted to\n"
        "encodes of libx264 with preset medium, or by trial encodes; adaptive quantisation and\n"
        "MB-tree stay on",
    ),
)


REFINED = {
    "qp": "Encodes some frames of each shot at its predicted JND1,\n"
    "and corrects the levels by what that shows",
    "crf": "Corrects the levels by a trial encode of each shot, where a correction is fitted;\n"
    "then finds each segment's CRF by trial encodes, for the encoder and preset chosen\n"
    "below: of HEVC and AV1, and of any preset",
}
"""By what the encoder is steered by."""

LASTS = "It takes seconds for each shot; what was found is kept while the video is open"


class PlanForm(QWidget):
    """Shows and sets `state.plan.options`.

    Attributes
    ----------
    level, mode : ReasonedBox
    share, step : QSpinBox
        Percent of viewers; QP, 0 for any.
    refine : QCheckBox
    doubts : QLabel
    force : QCheckBox
        Both hidden where there are no doubts.
    """

    def __init__(self, state: AppState, planning: Planning, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._planning = planning
        self.level, self.mode = ReasonedBox(), ReasonedBox()
        self.share = QSpinBox(minimum=50, maximum=95, suffix=" % of viewers")
        self.step = QSpinBox(minimum=0, maximum=39, suffix=" QP")
        self.step.setSpecialValueText(ANY)
        self.refine = QCheckBox("Refine by trial encodes")
        self.doubts, self.force = QLabel(), QCheckBox("Plan all the same")
        self._lay_out()
        self.level.activated.connect(lambda row: self._set(level=self.level.value_at(row)))
        self.mode.activated.connect(lambda row: self._set(mode=self.mode.value_at(row)))
        self.share.valueChanged.connect(lambda share: self._set(share=float(share)))
        self.step.valueChanged.connect(lambda step: self._set(max_step=step or None))
        self.refine.toggled.connect(lambda on: self._set(refine=on))
        self.force.toggled.connect(lambda on: self._set(force=on))
        state.plan.events.options.connect(self._show)
        state.plan.events.doubts.connect(self._show)
        state.work.events.levels.connect(self._show)
        state.results.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        self.share.setToolTip("So many viewers are not to see the loss, 50 to 95 %")
        self.step.setToolTip(
            "Largest difference of QP between neighbouring segments; the higher one is lowered"
        )
        self.doubts.setWordWrap(True)
        self.force.setToolTip("The doubts above are known, and a guess is better than no plan")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.share)
        row.addStretch(1)
        row.addWidget(quiet("Largest step"))
        row.addWidget(self.step)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.addRow(quiet("Hide"), self.level)
        form.addRow(quiet("From"), row)
        form.addRow(quiet("Steer by"), self.mode)
        form.addRow("", self.refine)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(form)
        layout.addWidget(self.doubts)
        layout.addWidget(self.force)

    def _set(self, **changes: Hashable) -> None:
        options = replace(self._state.plan.options, **changes)  # type: ignore[arg-type]
        if options != self._state.plan.options:
            self._planning.set(options)

    def _show(self) -> None:
        plan, work = self._state.plan, self._state.work
        options = plan.options
        missing = {k: no_level(work.model or "This model", work.levels) for k, *_ in LEVELS if work.levels}
        reasons = {k: "" if k in work.levels else why for k, why in missing.items()}
        choices = tuple(Choice(k, text, tip, reasons.get(k, "")) for k, text, tip in LEVELS)
        for widget in (self.share, self.step, self.refine, self.force):
            widget.blockSignals(True)
        self.level.offer(choices, options.level)
        self.mode.offer(MODES, options.mode)
        self.share.setValue(round(options.share))
        self.step.setValue(options.max_step or 0)
        self.refine.setChecked(options.refine)
        self.force.setChecked(options.force)
        reason = no_refining(self._state, options.mode)
        self.refine.setEnabled(not reason)
        self.refine.setToolTip(reason or f"{REFINED[options.mode]}.\n{LASTS}.")
        for widget in (self.share, self.step, self.refine, self.force):
            widget.blockSignals(False)
        self.doubts.setText(f"A plan would be a guess: {'; '.join(plan.doubts)}.")
        self.doubts.setVisible(bool(plan.doubts))
        self.force.setVisible(bool(plan.doubts))
