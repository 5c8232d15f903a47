"""The current model's figures at the playhead: QPs, both doubts, and the shot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.reasons import crossing, no_error, no_level, no_spread, told
from app.state import AppState
from app.views.labels import DASH, quiet

ROWS = (
    ("QP", "QP that 75 % of viewers accept, x264 P-frame scale"),
    ("Model's error", "The model's own standard error of the QP: how far it may be off"),
    (
        "Observers' spread",
        "How far viewers differ from each other (standard deviation, QP); "
        "VideoSet's constants until observers' data say otherwise",
    ),
    ("QP, pooled", "The model's own pooling of the shot's frames"),
)


class LevelsPanel(QWidget):
    """A grid of figures; a dash where the model tells none, with the reason in its tool tip.

    The model's doubt and the observers' spread are two things: each has its own row and tool tip.

    Attributes
    ----------
    cells : list of list of QLabel
        Row by row: QP, error, spread, then the shot's QP; three levels each.
    crossing : QLabel
        Which levels lie in the wrong order; hidden where all are in order.
    """

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.cells = [[QLabel(DASH) for _ in range(3)] for _ in ROWS]
        self.crossing, self._shot = QLabel(), QLabel()
        self._lay_out()
        state.playhead.events.frame.connect(self._show)
        state.document.changed.connect(self._show)
        state.results.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for level in (1, 2, 3):
            grid.addWidget(quiet(f"JND{level}"), 0, level, Qt.AlignmentFlag.AlignRight)
        places = (1, 3, 4, 6)
        for (name, tip), cells, place in zip(ROWS, self.cells, places, strict=True):
            heading = quiet(name)
            heading.setToolTip(tip)
            grid.addWidget(heading, place, 0)
            for column, cell in enumerate(cells, start=1):
                grid.addWidget(cell, place, column, Qt.AlignmentFlag.AlignRight)
        for label, place in ((self.crossing, 2), (self._shot, 5)):
            label.setWordWrap(True)
            grid.addWidget(label, place, 0, 1, 4)

    def _show(self) -> None:
        results, frame = self._state.results, self._state.playhead.frame
        found = results.shot_of(frame)
        unknown = np.full(3, np.nan)
        known = results.known(frame)
        qp, err, spread = (
            values[frame] if known else unknown for values in (results.qp, results.err, results.sur_sd)
        )
        pooled = unknown if found is None else found[1].prediction.qp[0]
        model = results.model
        level = no_level(model, told(qp))
        reasons = (level, no_error(model), no_spread(model), level)
        for row, (values, reason) in enumerate(zip((qp, err, spread, pooled), reasons, strict=True)):
            self._fill(row, values, reason if known else "")
        wrong = crossing(model, qp)
        self.crossing.setText(f"⚠ {wrong}")
        self.crossing.setVisible(bool(wrong))
        self._shot.setText(
            DASH if found is None else f"Shot {found[0] + 1}: frames {found[1].start} to {found[1].stop - 1}"
        )

    def _fill(self, row: int, values: NDArray[np.float64], reason: str) -> None:
        tip = ROWS[row][1]
        for cell, value in zip(self.cells[row], values, strict=True):
            cell.setText(DASH if np.isnan(value) else f"{value:.1f}")
            cell.setToolTip(f"{tip}\n{reason}" if reason and np.isnan(value) else tip)
