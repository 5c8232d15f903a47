"""The panel at the right: the video's facts, and figures at the playhead."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.facts import FACTS, video_facts
from app.format import clock
from app.state import AppState

DASH = "–"
ROWS = (
    ("QP", "QP that 75 % of viewers accept, x264 P-frame scale"),
    ("Model's error", "The model's own standard error of the QP: how far it may be off"),
    (
        "Observers' spread",
        "How far viewers differ from each other (standard deviation, QP); "
        "VideoSet's constants until observers' data say otherwise",
    ),
)


class Inspector(QScrollArea):
    """Facts of the video and the levels at the playhead.

    The model's doubt and the observers' spread are two things: each has its own row and tool tip.

    Attributes
    ----------
    facts : dict of str to QLabel
    cells : list of list of QLabel
        Row by row: QP, error, spread, then the shot's QP; three levels each.
    """

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.facts: dict[str, QLabel] = {}
        self.cells: list[list[QLabel]] = []
        self._place, self._shot = QLabel(), QLabel()
        self._share = QLabel()
        self._qp = QDoubleSpinBox(minimum=8, maximum=47, value=27, decimals=0, singleStep=1)
        self._lay_out()
        self._qp.valueChanged.connect(self._show)
        state.document.changed.connect(self._show_video)
        state.document.corrected.connect(self._show_video)
        state.playhead.events.frame.connect(self._show)
        state.pictures.events.original.connect(self._show)
        state.results.changed.connect(self._show)
        self._show_video()
        self._show()

    def _lay_out(self) -> None:
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(6)
        layout.addWidget(_title("Video"))
        layout.addLayout(self._facts_form())
        layout.addSpacing(10)
        layout.addWidget(_title("At the playhead"))
        layout.addWidget(self._place)
        layout.addLayout(self._levels_grid())
        layout.addSpacing(10)
        layout.addWidget(_title("Satisfied viewers (SUR)"))
        layout.addLayout(self._share_row())
        layout.addWidget(self._share)
        layout.addStretch(1)
        for label in (self._place, self._shot, self._share):
            label.setWordWrap(True)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(290)

    def _facts_form(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(3)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for name in FACTS:
            value = QLabel(DASH)
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.facts[name] = value
            value.setAlignment(Qt.AlignmentFlag.AlignTop)
            heading = _quiet(name)
            heading.setAlignment(Qt.AlignmentFlag.AlignTop)
            form.addRow(heading, value)
        return form

    def _levels_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for level in (1, 2, 3):
            grid.addWidget(_quiet(f"JND{level}"), 0, level, Qt.AlignmentFlag.AlignRight)
        for row, (name, tip) in enumerate(ROWS, start=1):
            self._add_row(grid, row, _quiet(name), tip)
        grid.addWidget(self._shot, 4, 0, 1, 4)
        self._add_row(grid, 5, _quiet("QP, pooled"), "The model's own pooling of the shot's frames")
        return grid

    def _add_row(self, grid: QGridLayout, row: int, name: QLabel, tip: str) -> None:
        cells = [QLabel(DASH) for _ in range(3)]
        name.setToolTip(tip)
        grid.addWidget(name, row, 0)
        for column, cell in enumerate(cells, start=1):
            cell.setToolTip(tip)
            grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignRight)
        self.cells.append(cells)

    def _share_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(_quiet("Encoded at QP"))
        row.addWidget(self._qp)
        row.addStretch(1)
        return row

    def _show_video(self) -> None:
        info = self._state.document.info
        facts = video_facts(info) if info is not None else {}
        for name, label in self.facts.items():
            label.setText(facts.get(name, DASH))
        self._show()

    def _show(self) -> None:
        state = self._state
        frame, results = state.playhead.frame, state.results
        picture = state.pictures.original
        kind = f" · {picture.kind} frame" if picture is not None and picture.frame == frame else ""
        times = state.document.times
        self._place.setText(f"Frame {frame} · {clock(times[frame])}{kind}" if frame < len(times) else DASH)
        known = results.known(frame)
        for cells, values in zip(self.cells, (results.qp, results.err, results.sur_sd), strict=False):
            for level, cell in enumerate(cells):
                cell.setText(f"{values[frame, level]:.1f}" if known else DASH)
        self._show_shot(frame)
        self._show_share(frame if known else None)

    def _show_shot(self, frame: int) -> None:
        found = self._state.results.shot_of(frame)
        values = np.full(3, np.nan) if found is None else found[1].prediction.qp[0]
        text = (
            DASH if found is None else f"Shot {found[0] + 1}: frames {found[1].start} to {found[1].stop - 1}"
        )
        self._shot.setText(text)
        for cell, value in zip(self.cells[3], values, strict=True):
            cell.setText(DASH if np.isnan(value) else f"{value:.1f}")

    def _show_share(self, frame: int | None) -> None:
        if frame is None:
            self._share.setText("The share of viewers who would see no loss in this frame appears here.")
            return
        from jndcore.results import sur

        results = self._state.results
        share = float(sur(self._qp.value(), results.qp[frame, 0], results.sur_sd[frame, 0]))
        self._share.setText(f"<b>{share:.0%}</b> of viewers would see no loss (first JND).")


def _title(text: str) -> QLabel:
    label = QLabel(text)
    font = QFont(label.font())
    font.setBold(True)
    label.setFont(font)
    return label


def _quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label
