"""A window with text to read: what the program is, or the messages so far."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.icons import app_pixmap
from app.state import AppState
from jndcore import __version__


class AboutDialog(QDialog):
    """Name, version, and where the figures come from."""

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About JNDScope")
        picture, text = (
            QLabel(),
            QLabel(_ABOUT.format(version=__version__, model=state.work.model or "still loading")),
        )
        picture.setPixmap(app_pixmap(72, self.devicePixelRatioF()))
        text.setWordWrap(True)
        text.setMinimumWidth(420)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text, 1)
        _frame(self, row)


class LogDialog(QDialog):
    """All messages of this run."""

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Messages")
        lines = [*state.document.warnings, *state.work.log]
        self.text = QPlainTextEdit("\n".join(lines) or "No messages.")
        self.text.setReadOnly(True)
        self.text.setMinimumSize(600, 240)
        row = QHBoxLayout()
        row.addWidget(self.text)
        _frame(self, row)


def _frame(dialog: QDialog, content: QHBoxLayout) -> None:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(20, 18, 20, 14)
    layout.setSpacing(14)
    layout.addLayout(content)
    layout.addWidget(buttons)


_ABOUT = """<h3>JNDScope {version}</h3>
<p>Shows, for every frame of a video, the three QPs at which a viewer would just notice the next loss.</p>
<p>Model: {model}. What its labels are and how far it errs stands on its card (Analysis › Models and Their
Cards): no observer of your video was asked, so read the levels as estimates.</p>
<p>Apache License 2.0.</p>"""
