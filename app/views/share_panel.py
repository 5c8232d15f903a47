"""The share of viewers who would see no loss at a QP."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.reasons import no_level, no_spread, told
from app.state import AppState
from app.views.labels import quiet


class SharePanel(QWidget):
    """SUR of the first JND at the playhead, for a QP that the user chooses.

    Attributes
    ----------
    share : QLabel
    """

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.share = QLabel()
        self.share.setWordWrap(True)
        self._qp = QDoubleSpinBox(minimum=8, maximum=47, value=27, decimals=0, singleStep=1)
        row = QHBoxLayout()
        row.addWidget(quiet("Encoded at QP"))
        row.addWidget(self._qp)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self.share)
        self._qp.valueChanged.connect(self._show)
        state.playhead.events.frame.connect(self._show)
        state.results.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        results, frame = self._state.results, self._state.playhead.frame
        if not results.known(frame):
            self.share.setText("The share of viewers who would see no loss in this frame appears here.")
            return
        jnd, spread = results.qp[frame, 0], results.sur_sd[frame, 0]
        missing = ""
        if np.isnan(jnd):
            missing = no_level(results.model, told(results.qp[frame]))
        elif np.isnan(spread):
            missing = no_spread(results.model)
        self.share.setToolTip(missing)
        if missing:
            self.share.setText(f"No share: {missing}")
            return
        from jndcore.results import sur

        share = float(sur(self._qp.value(), jnd, spread))
        self.share.setText(f"<b>{share:.0%}</b> of viewers would see no loss (first JND).")
