"""The panel at the right: the video's facts, and figures at the playhead."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from app.format import clock
from app.state import AppState
from app.views.eliding import ElidingLabel
from app.views.facts_form import FactsForm
from app.views.labels import DASH, title
from app.views.levels_panel import LevelsPanel
from app.views.others_panel import OthersPanel
from app.views.share_panel import SharePanel


class Inspector(QScrollArea):
    """Facts of the video, and what the models say of the frame at the playhead.

    Attributes
    ----------
    facts : FactsForm
    model : ElidingLabel
        Whose levels these are.
    levels : LevelsPanel
    others : OthersPanel
    sur : SharePanel
    """

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.facts, self.levels = FactsForm(state), LevelsPanel(state)
        self.others, self.sur = OthersPanel(state), SharePanel(state)
        self.model, self._place = ElidingLabel(), QLabel()
        self._lay_out()
        for signal in (state.document.changed, state.document.corrected, state.results.changed):
            signal.connect(self._show)
        state.playhead.events.frame.connect(self._show)
        state.pictures.events.original.connect(self._show)
        state.work.events.model.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(6)
        layout.addWidget(title("Video"))
        layout.addWidget(self.facts)
        layout.addSpacing(10)
        layout.addWidget(title("At the playhead"))
        layout.addWidget(self._place)
        layout.addWidget(self.model)
        layout.addWidget(self.levels)
        layout.addWidget(self.others)
        layout.addSpacing(10)
        layout.addWidget(title("Satisfied viewers (SUR)"))
        layout.addWidget(self.sur)
        layout.addStretch(1)
        self._place.setWordWrap(True)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(290)

    def _show(self) -> None:
        state = self._state
        frame, picture, times = state.playhead.frame, state.pictures.original, state.document.times
        kind = f" · {picture.kind} frame" if picture is not None and picture.frame == frame else ""
        self._place.setText(f"Frame {frame} · {clock(times[frame])}{kind}" if frame < len(times) else DASH)
        self.model.setText(state.results.model or state.work.model or DASH)
