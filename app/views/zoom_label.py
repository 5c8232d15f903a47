"""How large the picture is shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLabel, QWidget

from app.state import AppState
from app.views.picture import PictureView


class ZoomLabel(QLabel):
    """Device pixels for each picture pixel, in per cent; ``1:1`` where it is exactly one."""

    def __init__(
        self, view: Callable[[], PictureView], *, state: AppState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view = view
        self.setContentsMargins(8, 0, 8, 0)
        self.setToolTip("Device pixels for each picture pixel")
        state.viewport.events.connect(self._show)
        state.pictures.events.original.connect(self._show)

    def _show(self) -> None:
        scale = self._view().scale()
        if scale is None:
            self.setText("")
        else:
            self.setText("1:1" if scale == 1 else f"{scale:.0%}" if scale < 1 else f"{scale:g} : 1")
