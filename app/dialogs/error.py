"""One sentence that says what went wrong, with details to copy."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QStyle,
    QVBoxLayout,
    QWidget,
)


class ErrorDialog(QDialog):
    """Shows an error; open it with `open`, which does not wait.

    Attributes
    ----------
    sentence : QLabel
    details : QPlainTextEdit
        Hidden until asked for.
    """

    def __init__(self, text: str, details: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("JNDScope")
        self.sentence, self.details = QLabel(text), QPlainTextEdit(details)
        self.sentence.setWordWrap(True)
        self.sentence.setMinimumWidth(420)
        self.details.setReadOnly(True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setMinimumSize(560, 200)
        self.details.hide()
        mark = QLabel()
        style = self.style()
        mark.setPixmap(style.standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning).pixmap(40, 40))
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(mark)
        top.addWidget(self.sentence, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(14)
        layout.addLayout(top)
        layout.addWidget(self.details)
        layout.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        more = buttons.addButton("Details", QDialogButtonBox.ButtonRole.ActionRole)
        more.setCheckable(True)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        more.toggled.connect(self._show_details)
        copy.clicked.connect(self.copy)
        buttons.rejected.connect(self.reject)
        return buttons

    def copy(self) -> None:
        """Put sentence and details on the clipboard."""
        QGuiApplication.clipboard().setText(f"{self.sentence.text()}\n\n{self.details.toPlainText()}")

    def _show_details(self, shown: bool) -> None:
        self.details.setVisible(shown)
        self.adjustSize()
