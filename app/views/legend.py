"""The row above the plot: which curve is which, and its value at the pointer or the playhead."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.format import clock, level_value
from app.reasons import no_level, told
from app.scale import NAMES
from app.state import AppState
from app.theme import look
from app.views.eliding import ElidingLabel
from app.views.labels import DASH

NOTE = "A frame's value is a local estimate of its clip's · {band} · dashed: the shot, pooled"
DRAWN = (
    "A CRF is not on the plot's axis: the line is drawn at the QP whose quality the CRF is to equal,\n"
    "which is the QP that was planned, and changing the CRF by 1 moves it by {slope:g}."
)
BAND, NO_BAND = "band: the model's error", "no band: the model gives no error"


class Legend(QWidget):
    """Names, colours and values of the curves.

    Attributes
    ----------
    place : QLabel
        Where the values are from, if not from the playhead.
    levels : list of QLabel
    schedule : QLabel
        Hidden while no schedule is shown.
    """

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._pointed: int | None = None
        self.place, self._note = QLabel(), ElidingLabel()
        self._note.setForegroundRole(self._note.palette().ColorRole.PlaceholderText)
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.levels = [QLabel() for _ in range(3)]
        self.schedule = QLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.setSpacing(18)
        for label in self.levels:
            layout.addWidget(label)
        layout.addWidget(self.schedule)
        layout.addWidget(self.place)
        layout.addWidget(self._note, 1)
        state.playhead.events.frame.connect(self._show)
        state.results.changed.connect(self._show)
        state.plan.events.planned.connect(self._show)
        state.plan.events.shown.connect(self._show)
        self._show()

    def point_at(self, frame: int | None) -> None:
        """Show the values at `frame`; None: at the playhead."""
        if frame != self._pointed:
            self._pointed = frame
            self._show()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._show()
        super().changeEvent(event)

    def _show(self) -> None:
        state, colours = self._state, look()
        frame = state.playhead.frame if self._pointed is None else self._pointed
        results, times = state.results, state.document.times
        known = results.known(frame)
        for level, label in enumerate(self.levels):
            value = level_value(results.qp[frame, level], results.err[frame, level]) if known else DASH
            label.setText(
                f"<span style='color:{colours.levels[level]}'>▬</span> JND{level + 1} &nbsp;<b>{value}</b>"
            )
            missing = known and value == DASH
            label.setToolTip(no_level(results.model, told(results.qp[frame])) if missing else "")
        self._show_schedule(frame)
        doubtless = known and bool(np.isnan(results.err[frame]).all())
        self._note.setText(NOTE.format(band=NO_BAND if doubtless else BAND))
        pointed = self._pointed is not None and frame < len(times)
        self.place.setText(f"at the pointer: {clock(times[frame])}, frame {frame}" if pointed else "")

    def _show_schedule(self, frame: int) -> None:
        plan = self._state.plan
        planned = plan.planned if plan.shown else None
        self.schedule.setVisible(planned is not None)
        if planned is None:
            return
        mode = planned.schedule.mode
        value = f"{planned.schedule.segments[plan.index_at(frame)].value:g}"
        key = f"<span style='color:{look().schedule}'>▬</span> {NAMES[mode]} &nbsp;<b>{value}</b>"
        drawn = ""
        if mode == "crf" and frame < planned.schedule.frames:
            drawn = f", drawn at QP {planned.qp_at(frame):.3g}"
        self.schedule.setText(key + drawn)
        slope = planned.mapped.slope if planned.mapped else 1.0
        self.schedule.setToolTip(DRAWN.format(slope=slope) if mode == "crf" else "")
