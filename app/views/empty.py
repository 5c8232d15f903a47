"""What the window shows before a video is open."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.icons import app_pixmap
from app.state import AppState
from app.views.action_set import Actions

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
        self._recent = QLabel()
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
        layout.addSpacing(18)
        layout.addWidget(self._recent, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self._recent.linkActivated.connect(
            lambda number: self.chosen.emit(state.settings.recent[int(number)])
        )
        self._list_recent()
        state.settings.events.recent.connect(self._list_recent)

    def _list_recent(self) -> None:
        rows = [
            f"<tr><td><a href='{number}'>{escape(path.name)}</a></td>"
            f"<td style='padding-left: 16px'>{escape(str(path.parent))}</td></tr>"
            for number, path in enumerate(self._state.settings.recent[:SHOWN])
        ]
        self._recent.setVisible(bool(rows))
        self._recent.setText(f"<table cellspacing='4'>{''.join(rows)}</table>")


_HINT = "JNDScope shows, for every frame, where an encode starts to show."
