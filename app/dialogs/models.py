"""All models with their cards, to read and to choose from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.card_text import card_page
from app.state import AppState
from app.state.models import why_not

NAME = Qt.ItemDataRole.UserRole


class ModelsDialog(QDialog):
    """Models at the left, the card of the selected one at the right; read anew when it opens.

    Signals
    -------
    chosen(str)
        The ``name.tag`` of a model that is to analyse.

    Attributes
    ----------
    list : QListWidget
    card : QTextBrowser
    use : QPushButton
    """

    chosen = Signal(str)

    def __init__(self, state: AppState, current: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self._state = state
        self._current = current
        self.list, self.card = QListWidget(), QTextBrowser()
        self.use = QPushButton("Analyse with This Model")
        self.list.setFixedWidth(300)
        self.list.setWordWrap(True)
        self.list.setSpacing(4)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lay_out()
        self.list.currentItemChanged.connect(self._show)
        self.list.itemDoubleClicked.connect(self._choose)
        self.use.clicked.connect(self._choose)
        self._list()

    def _lay_out(self) -> None:
        self._trouble = QLabel()
        self._trouble.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.use, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.list)
        row.addWidget(self.card, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addWidget(self._trouble)
        layout.addLayout(row, 1)
        layout.addWidget(buttons)
        self.resize(1020, 640)

    def _list(self) -> None:
        models = self._state.models
        models.refresh()
        self._trouble.setText(models.trouble)
        self._trouble.setVisible(bool(models.trouble))
        for card in models.cards:
            mark = "  ·  in use" if card.name == self._current else ""
            item = QListWidgetItem(f"{card.name}{mark}\n{card.title}")
            item.setData(NAME, card.name)
            self.list.addItem(item)
            if card.name == self._current:
                self.list.setCurrentItem(item)

    def _show(self, item: QListWidgetItem | None) -> None:
        card = self._state.models.card(item.data(NAME)) if item is not None else None
        if card is None:
            return
        self.card.setHtml(card_page(card))
        in_use = card.name == self._current and self._state.work.shown
        reason = why_not(card) or ("It is in use." if in_use else "")
        self.use.setEnabled(not reason)
        self.use.setToolTip(reason)

    def _choose(self) -> None:
        if self.use.isEnabled():
            self.accept()
            self.chosen.emit(self.list.currentItem().data(NAME))
