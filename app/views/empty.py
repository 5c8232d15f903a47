"""What the window shows before a video is open."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCommandLinkButton, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.actions import Actions
from app.icons import app_pixmap
from app.state import AppState

ICON_SIZE = 96
SHOWN = 5


class EmptyPage(QWidget):
    """An invitation: drop a video, open one, or take a recent one.

    Signals
    -------
    chosen(Path)
        A recent video was clicked.
    """

    chosen = Signal(object)

    def __init__(self, state: AppState, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        picture, title, hint = QLabel(), QLabel("Drop a video here"), QLabel(_HINT)
        picture.setPixmap(app_pixmap(ICON_SIZE, self.devicePixelRatioF()))
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.9)
        title.setFont(font)
        hint.setForegroundRole(hint.palette().ColorRole.PlaceholderText)
        button = QPushButton(actions.by_id["file.open"].icon(), "Open a video…")
        button.setMinimumWidth(180)
        button.setMinimumHeight(34)
        button.clicked.connect(actions.by_id["file.open"].trigger)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addStretch(2)
        for widget in (picture, title, hint, button):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(14)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addLayout(self._recent)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(3)
        self._list_recent()
        state.settings.events.recent.connect(self._list_recent)

    def _list_recent(self) -> None:
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for path in self._state.settings.recent[:SHOWN]:
            self._recent.addWidget(self._link(path))

    def _link(self, path: Path) -> QCommandLinkButton:
        button = QCommandLinkButton(path.name, str(path.parent))
        button.clicked.connect(partial(self.chosen.emit, path))
        return button


_HINT = "JNDScope shows, for every frame, where an encode starts to show."
