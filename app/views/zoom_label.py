"""How large the picture is shown."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from app.state import AppState
from app.views.player import Player


class ZoomLabel(QLabel):
    """Device pixels for each picture pixel, in per cent; ``1:1`` where it is exactly one."""

    def __init__(self, state: AppState, player: Player, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self.setContentsMargins(8, 0, 8, 0)
        self.setToolTip("Device pixels for each picture pixel")
        player.original.view.resized.connect(self._show)
        player.rebuilt.view.resized.connect(self._show)
        state.viewport.events.connect(self._show)
        state.pictures.events.original.connect(self._show)

    def _show(self) -> None:
        scale = self._player.focus_view().scale()
        if scale is None:
            self.setText("")
        else:
            self.setText("1:1" if scale == 1 else f"{scale:.0%}" if scale < 1 else f"{scale:g} : 1")
