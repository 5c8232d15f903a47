"""A choice of which some items cannot be chosen, and say why."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QWidget


class Choice(NamedTuple):
    """One item: what it stands for, its text, its tool tip, and why it cannot be chosen."""

    value: Hashable
    text: str
    tip: str = ""
    reason: str = ""


class ReasonedBox(QComboBox):
    """Shows choices; blocked ones are grey, with their reason behind them up to its first bracket.

    The whole reason is the tool tip.

    Attributes
    ----------
    choices : sequence of Choice
    """

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices: Sequence[Choice] = ()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the window's keys stay the window's

    def offer(self, choices: Sequence[Choice], current: Hashable) -> None:
        """Show `choices`, and `current` as the one in force."""
        if choices != self.choices:
            self.choices = choices
            model = QStandardItemModel(self)
            for choice in choices:
                why = f" – {choice.reason.split(' (')[0]}" if choice.reason else ""
                item = QStandardItem(choice.text + why)
                item.setEnabled(not choice.reason)
                item.setToolTip(choice.reason or choice.tip)
                model.appendRow(item)
            self.setModel(model)
            self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 24)
        values = [choice.value for choice in choices]
        self.setCurrentIndex(values.index(current) if current in values else -1)

    def value_at(self, row: int) -> Hashable:
        """What the item in `row` stands for."""
        return self.choices[row].value
