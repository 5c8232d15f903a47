"""The row above the scores: which one is plotted, its value, and what it is of."""

from __future__ import annotations

from typing import cast

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from app.icons import icon
from app.scores import SCALES, score_value
from app.state import AppState, Checked, Score
from app.views.eliding import ElidingLabel
from app.views.reasoned import Choice, ReasonedBox

EARLIER = "⚠ of an earlier schedule · "
NO_VMAF = "not measured (choose Measure VMAF Too in the menu Schedule, then check again)"
NO_PAIR = "not measured (the schedule's panel says why)"


class ScoreLegend(QWidget):
    """Watches `state.proof`.

    Attributes
    ----------
    box : ReasonedBox
        Chooses the score.
    value : QLabel
        At the pointer or the playhead, with what else is known of that frame.
    note : ElidingLabel
    remove : QToolButton
    """

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._proof = state.proof
        self._pointed: int | None = None
        self.box, self.value, self.note, self.remove = ReasonedBox(), QLabel(), ElidingLabel(), QToolButton()
        self.box.setMinimumContentsLength(6)
        self.note.setForegroundRole(self.note.palette().ColorRole.PlaceholderText)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.remove.setIconSize(QSize(14, 14))
        self.remove.setAutoRaise(True)
        self.remove.setToolTip("Remove the encode's scores")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 3, 6, 1)
        layout.setSpacing(12)
        layout.addWidget(self.box)
        layout.addWidget(self.value)
        layout.addWidget(self.note, 1)
        layout.addWidget(self.remove)
        self.colour()
        self.box.activated.connect(self._choose)
        self.remove.clicked.connect(self._remove)
        self._proof.events.checked.connect(self._renew)
        self._proof.events.score.connect(self._renew)
        for event in (state.plan.events.planned, state.plan.events.target):
            event.connect(self._tell)
        state.playhead.events.frame.connect(self._show)

    def point_at(self, frame: int | None) -> None:
        """Show the values at `frame`; None: at the playhead."""
        if frame != self._pointed:
            self._pointed = frame
            self._show()

    def colour(self) -> None:
        """Follow the theme."""
        self.remove.setIcon(icon("remove"))

    def _choose(self, row: int) -> None:
        self._proof.score = cast(Score, self.box.value_at(row))

    def _remove(self) -> None:
        self._proof.checked = None

    def _renew(self) -> None:
        checked = self._proof.checked
        if checked is not None:
            self.box.offer([_choice(score, checked) for score in SCALES], self._proof.score)
            self._tell()
            self._show()

    def _tell(self) -> None:
        """Which encode it is, and whether the schedule is still the one that it was checked against."""
        checked, plan = self._proof.checked, self._state.plan
        if checked is not None:
            marks = "rings: the worst frames · " if self._proof.score in checked.worst else ""
            off = "red: off plan · " if checked.off_plan.any() else ""
            later = "" if checked.is_of(plan.schedule, plan.target.encoder) else EARLIER
            self.note.setText(f"{later}{off}{marks}{checked.encoded.name}")

    def _show(self) -> None:
        checked, proof = self._proof.checked, self._proof
        frame = self._state.playhead.frame if self._pointed is None else self._pointed
        if checked is None or proof.score not in checked.values or frame >= len(checked.off_plan):
            return
        found = checked.report.read_back
        rank = np.flatnonzero(checked.worst.get(proof.score, np.zeros(0)) == frame)
        parts = [
            f"<b>{score_value(proof.score, float(checked.values[proof.score][frame]))}</b>",
            f"{found.types[frame]} frame",
            f"QP {found.qp[frame]:.4g}" if np.isfinite(found.qp[frame]) else "",
            score_value("bits", float(checked.values["bits"][frame])) if proof.score != "bits" else "",
            "off plan" if checked.off_plan[frame] else "",
            _place(int(rank[0])) if len(rank) else "",
        ]
        self.value.setText(" · ".join(part for part in parts if part))


def _choice(score: Score, checked: Checked) -> Choice:
    missing = NO_VMAF if score == "vmaf" and checked.worst else NO_PAIR
    return Choice(score, SCALES[score].title, reason="" if score in checked.values else missing)


def _place(rank: int) -> str:
    """How bad a frame is among those that are walked through."""
    if rank == 0:
        return "the worst"
    ending = "th" if rank % 100 in (10, 11, 12) else {1: "nd", 2: "rd", 0: "st"}.get(rank % 10, "th")
    return f"{rank + 1}{ending} worst"
