"""What other models say of the frame at the playhead."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.reasons import crossing, no_level, told
from app.state import AppState, Overlay
from app.views.eliding import ElidingLabel
from app.views.labels import DASH, quiet, title


class OthersPanel(QWidget):
    """A row for each overlay; hidden while there are none.

    Attributes
    ----------
    rows : dict of str to list of QLabel
        By model: a mark where its levels cross, then its QPs, three levels.
    """

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.rows: dict[str, list[QLabel]] = {}
        self._grid = QWidget()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 10, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addWidget(title("Other models, QP"))
        self._layout.addWidget(self._grid)
        state.overlays.changed.connect(self._renew)
        state.playhead.events.frame.connect(self._show)
        self._renew()

    def _renew(self) -> None:
        """Make the rows anew: overlays come and go seldom."""
        self._layout.removeWidget(self._grid)
        self._grid.hide()
        self._grid.deleteLater()
        self._grid = QWidget()
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        self.rows = {}
        for row, overlay in enumerate(self._state.overlays.kept):
            name = ElidingLabel(overlay.model)
            name.setToolTip(overlay.model)
            name.setForegroundRole(quiet("").foregroundRole())
            grid.addWidget(name, row, 0)
            cells = [QLabel() for _ in range(4)]
            for column, cell in enumerate(cells, start=1):
                grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignRight)
            self.rows[overlay.model] = cells
        self._layout.addWidget(self._grid)
        self.setVisible(bool(self.rows))
        self._show()

    def _show(self) -> None:
        for overlay in self._state.overlays.kept:
            self._show_one(overlay, self._state.playhead.frame)

    def _show_one(self, overlay: Overlay, frame: int) -> None:
        results = overlay.results
        values = results.qp[frame] if results.known(frame) else np.full(3, np.nan)
        missing = no_level(overlay.model, told(values)) if results.known(frame) else "Not analysed."
        mark, *cells = self.rows[overlay.model]
        wrong = crossing(overlay.model, values)
        mark.setText("⚠" if wrong else "")
        mark.setToolTip(wrong)
        for cell, value in zip(cells, values, strict=True):
            cell.setText(DASH if np.isnan(value) else f"{value:.1f}")
            cell.setToolTip(missing if np.isnan(value) else "")
