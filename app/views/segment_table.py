"""The table of segments."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QDoubleSpinBox,
    QHeaderView,
    QSpinBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.editing import Editing
from app.scale import ends, whole
from app.state import AppState, Plan
from app.viewing import Viewing
from app.views.segment_model import COLUMNS, STOP, VALUE, SegmentModel, short_clock

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

PADDING = 10
ROWS = 7
"""Rows that are seen at least."""


class ValueDelegate(QStyledItemDelegate):
    """Edits a QP or CRF in a spin box of its scale."""

    def __init__(self, plan: Plan, parent: QWidget) -> None:
        super().__init__(parent)
        self._plan = plan

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """The spin box: whole numbers, or CRFs in tenths."""
        schedule = self._plan.schedule
        assert schedule is not None  # there is a row, so there is a schedule
        low, high = ends(schedule)
        editor: QAbstractSpinBox
        if whole(schedule):
            editor = QSpinBox(parent, minimum=int(low), maximum=int(high))
        else:
            editor = QDoubleSpinBox(parent, minimum=low, maximum=high, decimals=1)
        editor.setFrame(False)
        editor.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        return editor

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand over what was typed."""
        if isinstance(editor, (QSpinBox, QDoubleSpinBox)):
            editor.interpretText()
            model.setData(index, editor.value())


class SegmentTable(QTableView):
    """A row for each segment; the current one is that at the playhead, and choosing one moves it there."""

    def __init__(
        self, state: AppState, viewing: Viewing, editing: Editing, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._viewing = viewing
        self._widths = [0] * len(COLUMNS)
        self._model = SegmentModel(state, editing, parent=self)
        self.setModel(self._model)
        self.setItemDelegateForColumn(VALUE, ValueDelegate(state.plan, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 6)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        )
        self.setMinimumHeight(self.horizontalHeader().sizeHint().height() + ROWS * rows.defaultSectionSize())
        self._model.modelReset.connect(self._on_reset)
        self.selectionModel().currentRowChanged.connect(self._go)
        state.playhead.events.frame.connect(self._follow)
        self._on_reset()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many columns as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Keep the row of the playhead: Qt would make the first one current."""
        super().focusInEvent(event)
        self._follow()

    def _on_reset(self) -> None:
        """Fit the columns to the longest figures, not by looking at each."""
        times, header = self._state.document.times, self.horizontalHeader()
        schedule = self._state.plan.schedule
        frames = str(schedule.frames if schedule else len(times))
        end = short_clock(times[-1], times[-1]) if len(times) else ""
        value = "⚠ 47" if self._model.mode == "qp" else "⚠ 47.5"
        metrics = self.fontMetrics()
        for column, text in enumerate((frames, frames, end, value, "47.0", "100 %", "100 %")):
            title = self._model.column(column).title
            heading = max(metrics.horizontalAdvance(line) for line in title.split("\n"))
            self._widths[column] = max(metrics.horizontalAdvance(text), heading) + PADDING
            header.resizeSection(column, self._widths[column])
        header.setStretchLastSection(True)
        self._fit()
        self._follow()

    def _fit(self) -> None:
        """Do without the column that the next row tells, where the frames of a long video leave no room."""
        self.setColumnHidden(STOP, sum(self._widths) > self.viewport().width())

    def _follow(self) -> None:
        row = self._state.plan.index_at(self._state.playhead.frame)
        if 0 <= row < self._model.rowCount() and row != self.currentIndex().row():
            self.setCurrentIndex(self._model.index(row, VALUE))

    def _go(self, current: QModelIndex) -> None:
        schedule, row = self._state.plan.schedule, current.row()
        if schedule is not None and row != self._state.plan.index_at(self._state.playhead.frame):
            self._viewing.seek(schedule.segments[row].start)
