"""The command palette: type a part of a command's name, press Enter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRegularExpression, QSize, QSortFilterProxyModel, Qt
from PySide6.QtGui import QKeyEvent, QPixmap, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QDialog, QHeaderView, QLineEdit, QTreeView, QVBoxLayout, QWidget

from app.actions import COMMANDS, key_text
from app.command import Command
from app.views.action_set import Actions

ID = Qt.ItemDataRole.UserRole


class PaletteDialog(QDialog):
    """Finds commands and runs them; blocked ones are grey and say why in their tool tip.

    Attributes
    ----------
    query : QLineEdit
    list : QTreeView
    """

    def __init__(self, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._actions = actions
        self.query, self.list = QLineEdit(placeholderText="Type a command"), QTreeView()
        self._model = QSortFilterProxyModel(self, filterCaseSensitivity=Qt.CaseSensitivity.CaseInsensitive)
        self._model.setSourceModel(self._items())
        self.list.setModel(self._model)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setIconSize(QSize(16, 16))
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.header().setStretchLastSection(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.query)
        layout.addWidget(self.list)
        self.resize(520, 380)
        self.query.setFocus()
        self.query.installEventFilter(self)
        self.query.textChanged.connect(self._filter)
        self.query.returnPressed.connect(self._run_current)
        self.list.clicked.connect(self._run_current)
        self._filter("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys in the line move through the list."""
        moves = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in moves:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _items(self) -> QStandardItemModel:
        model = QStandardItemModel(self)
        blank = QPixmap(16, 16)
        blank.fill(Qt.GlobalColor.transparent)
        for command in COMMANDS:
            action = self._actions.by_id[command.id]
            icon = blank if action.icon().isNull() else action.icon()
            row = [QStandardItem(icon, _title(command)), QStandardItem(_keys(command))]
            for item in row:
                item.setEnabled(action.isEnabled())
                item.setToolTip(action.toolTip())
                item.setEditable(False)
            row[0].setData(command.id, ID)
            model.appendRow(row)
        return model

    def _filter(self, text: str) -> None:
        words = [word for word in text.split() if word]
        self._model.setFilterRegularExpression(".*".join(map(_escape, words)))
        rows = (self._model.index(row, 0) for row in range(self._model.rowCount()))
        first = next((index for index in rows if index.flags() & Qt.ItemFlag.ItemIsEnabled), None)
        if first is not None:
            self.list.setCurrentIndex(first)

    def _run_current(self) -> None:
        index = self.list.currentIndex()
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.accept()
            self._actions.by_id[index.siblingAtColumn(0).data(ID)].trigger()


def _title(command: Command) -> str:
    return f"{command.menu.replace('/', ' › ')} › {command.title}"


def _keys(command: Command) -> str:
    return key_text(command.keys[0]) if command.keys else ""


def _escape(word: str) -> str:
    return QRegularExpression.escape(word)
