"""The segments of the schedule as rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.editing import Editing
from app.format import clock
from app.scale import span
from app.state import AppState
from app.views.labels import DASH

if TYPE_CHECKING:
    from jndcore.schedule import Mode, Segment

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

SHORT = 0.5
"""Percent below the chosen share that are rounding, and no shortfall."""


class Column(NamedTuple):
    """Heading, and what the figures below it are."""

    title: str
    tip: str


COLUMNS = (
    Column("start", "First frame"),
    Column("stop", "First frame behind it"),
    Column("time", "Where it starts"),
    Column("QP", "What it gets, x264 P-frame scale: I frames get 3 less. Double-click or F2 to change it"),
    Column("JND", "QP that 75 % of viewers accept, predicted for the chosen level"),
    Column("no more\nloss", "Share of viewers who at this QP see no loss beyond the level before"),
    Column("no loss\nat all", "Share of viewers who at this QP see no loss against the source"),
)
STOP, VALUE = 1, 3

OF_CRFS = {
    VALUE: Column("CRF", "What it gets. Double-click or F2 to change it"),
    VALUE + 2: Column(
        "no more\nloss",
        "Share of viewers who see no loss beyond the level before, at the QP whose quality it is to have",
    ),
    VALUE + 3: Column(
        "no loss\nat all",
        "Share of viewers who see no loss against the source, at the QP whose quality it is to have",
    ),
}
"""What reads differently in a schedule of CRFs."""


class SegmentModel(QAbstractTableModel):
    """Follows `state.plan.planned`; a changed value goes to the editing, and comes back by the state.

    Attributes
    ----------
    mode : "qp" or "crf"
        What the values are.
    """

    def __init__(self, state: AppState, editing: Editing, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._editing = editing
        self._segments: tuple[Segment, ...] = ()
        self.mode: Mode = "qp"
        state.plan.events.planned.connect(self._follow)
        self._follow()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        """Segments."""
        return 0 if parent.isValid() else len(self._segments)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        """Columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """QPs and CRFs can be edited."""
        return super().flags(index) | (Qt.ItemFlag.ItemIsEditable if index.column() == VALUE else _NO_FLAG)

    def column(self, column: int) -> Column:
        """Heading and meaning of a column, as the schedule has it."""
        return OF_CRFS.get(column, COLUMNS[column]) if self.mode == "crf" else COLUMNS[column]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Headings with what they mean."""
        if orientation == Qt.Orientation.Vertical:
            return None
        title, tip = self.column(section)
        return {Role.DisplayRole: title, Role.ToolTipRole: tip}.get(Role(role))

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Figures, to the right."""
        segment, column = self._segments[index.row()], index.column()
        if role == Role.DisplayRole:
            return self._text(segment, column)
        if role == Role.EditRole and column == VALUE:
            return segment.value
        if role == Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Role.ToolTipRole:
            return self._doubt(segment) or self._crf_tip(segment, column) or self.column(column).tip
        return None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Change a QP or CRF."""
        if role != Role.EditRole or index.column() != VALUE:
            return False
        self._editing.set_value(index.row(), value)
        return True

    def _text(self, segment: Segment, column: int) -> str:
        told = segment.predicted
        if column < VALUE:
            times = self._state.document.times
            time = short_clock(times[segment.start], times[-1]) if segment.start < len(times) else DASH
            return (str(segment.start), str(segment.stop), time)[column]
        if column == VALUE:
            return f"{'⚠ ' if self._doubt(segment) else ''}{segment.value:g}"
        value = (told.jnd, told.share_no_further_loss, told.share_no_loss)[column - VALUE - 1]
        if value is None:
            return DASH
        return f"{value:.1f}" if column == VALUE + 1 else f"{value:.0f} %"

    def _crf_tip(self, segment: Segment, column: int) -> str:
        planned = self._state.plan.planned
        if planned is None or planned.mapped is None or column != VALUE:
            return ""
        qps = span((round(qp, 2) for *_, qp in planned.parts(segment)), "qp")
        return f"{self.column(column).tip}\nIts quality is to be that of {qps}"

    def _doubt(self, segment: Segment) -> str:
        """Where fewer viewers than were chosen see no further loss."""
        share, wanted = segment.predicted.share_no_further_loss, self._state.plan.options.share
        if share is None or share >= wanted - SHORT:
            return ""
        return f"{share:.0f} % of viewers see no further loss, and {wanted:g} % are wanted."

    def _follow(self) -> None:
        """While the cuts are the same only figures change: an editor that is open may stay."""
        schedule = self._state.plan.schedule
        segments = schedule.segments if schedule else ()
        mode, self.mode = self.mode, schedule.mode if schedule else self.mode
        if (
            mode == self.mode
            and segments
            and [s.start for s in segments] == [s.start for s in self._segments]
        ):
            self._segments = segments
            self.dataChanged.emit(self.index(0, 0), self.index(len(segments) - 1, len(COLUMNS) - 1))
        else:
            self.beginResetModel()
            self._segments = segments
            self.endResetModel()


def short_clock(seconds: float, end: float) -> str:
    """A time of a video that lasts `end` seconds: of hours, the hundredths are left out."""
    return clock(seconds, 2 if end < 3600 else 0)


_NO_FLAG = Qt.ItemFlag.NoItemFlags
