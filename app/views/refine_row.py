"""How far the trial encodes of a plan are, with a button to cancel them."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.state import AppState
from app.views.action_set import Actions
from app.views.progress_row import ProgressRow


class RefineRow(ProgressRow):
    """Watches `state.plan`; hidden while nothing is encoded for it."""

    def __init__(self, state: AppState, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(actions.by_id["schedule.stop"], parent=parent)
        self._plan = state.plan
        self.bar.setRange(0, 1000)
        self._plan.events.stage.connect(self._show)
        self._plan.events.done.connect(self._show)
        self._show()

    def _show(self) -> None:
        plan = self._plan
        self.setVisible(bool(plan.stage))
        self.text.setText(f"Refining: {plan.stage}, {plan.done:.0%}")
        self.bar.setValue(round(plan.done * 1000))
