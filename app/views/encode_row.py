"""How far the encode under way is, with a button to cancel it."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QProgressBar, QToolButton, QWidget

from app.format import duration
from app.state import AppState
from app.views.action_set import Actions
from app.views.eliding import ElidingLabel


class EncodeRow(QWidget):
    """Watches `state.encode`; hidden while nothing is encoded.

    Attributes
    ----------
    text : ElidingLabel
    bar : QProgressBar
    """

    def __init__(self, state: AppState, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._encode = state.encode
        self.text, self.bar = ElidingLabel(), QProgressBar()
        self.bar.setTextVisible(False)
        cancel = QToolButton()
        cancel.setDefaultAction(actions.by_id["schedule.cancel"])
        cancel.setAutoRaise(True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.text, 0, 0)
        grid.addWidget(self.bar, 1, 0)
        grid.addWidget(cancel, 0, 1, 2, 1)
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
