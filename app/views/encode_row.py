"""How far the encode under way is, with a button to cancel it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.format import duration
from app.state import AppState
from app.views.action_set import Actions
from app.views.progress_row import ProgressRow


class EncodeRow(ProgressRow):
    """Watches `state.encode`; hidden while nothing is encoded."""

    def __init__(self, state: AppState, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(actions.by_id["schedule.cancel"], parent=parent)
        self._encode = state.encode
        self.grid.setContentsMargins(0, 4, 0, 0)
        self._encode.events.connect(self._show)
        self._show()

    def _show(self) -> None:
        encode = self._encode
        self.setVisible(encode.running)
        if encode.target is None:
            return
        left = f" · {duration(encode.seconds_left)} left" if encode.seconds_left is not None else ""
        self.text.setText(f"{encode.target.name}: {encode.done} of {encode.total}{left}")
        self.bar.setRange(0, encode.total)
        self.bar.setValue(encode.done)
