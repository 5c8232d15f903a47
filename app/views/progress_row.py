"""How far something is that takes a while, with a button to cancel it."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QProgressBar, QToolButton, QWidget

from app.views.eliding import ElidingLabel


class ProgressRow(QWidget):
    """A text above a bar, and a button beside both.

    Attributes
    ----------
    text : ElidingLabel
    bar : QProgressBar
    button : QToolButton
        Of the command that cancels.
    grid : QGridLayout
    """

    def __init__(self, cancel: QAction, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text, self.bar, self.button = ElidingLabel(), QProgressBar(), QToolButton()
        self.bar.setTextVisible(False)
        self.button.setDefaultAction(cancel)
        self.button.setAutoRaise(True)
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setVerticalSpacing(2)
        self.grid.addWidget(self.text, 0, 0)
        self.grid.addWidget(self.bar, 1, 0)
        self.grid.addWidget(self.button, 0, 1, 2, 1)
