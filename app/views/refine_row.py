"""How far the trial encodes of a plan are, with a button to cancel them."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QProgressBar, QToolButton, QWidget

from app.state import AppState
from app.views.action_set import Actions
from app.views.eliding import ElidingLabel


class RefineRow(QWidget):
    """Watches `state.plan`; hidden while nothing is encoded for it.

    Attributes
    ----------
    text : ElidingLabel
    bar : QProgressBar
    """

    def __init__(self, state: AppState, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = state.plan
        self.text, self.bar = ElidingLabel(), QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        cancel = QToolButton()
        cancel.setDefaultAction(actions.by_id["schedule.stop"])
        cancel.setAutoRaise(True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.text, 0, 0)
        grid.addWidget(self.bar, 1, 0)
        grid.addWidget(cancel, 0, 1, 2, 1)
        self._plan.events.stage.connect(self._show)
        self._plan.events.done.connect(self._show)
        self._show()

    def _show(self) -> None:
        plan = self._plan
        self.setVisible(bool(plan.stage))
        self.text.setText(f"Refining: {plan.stage}, {plan.done:.0%}")
        self.bar.setValue(round(plan.done * 1000))
