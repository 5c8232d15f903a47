"""The check under way with a button to cancel it, or the offer to check what was just encoded."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from app.proving import Proving
from app.state import AppState
from app.views.action_set import Actions
from app.views.progress_row import ProgressRow


class CheckRow(ProgressRow):
    """Watches `state.proof`; hidden while there is nothing to tell.

    Attributes
    ----------
    offer : QPushButton
        Checks the file that `text` names.
    """

    def __init__(
        self, state: AppState, proving: Proving, actions: Actions, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(actions.by_id["proof.cancel"], parent=parent)
        self._state = state
        self._proving = proving
        self.offer = QPushButton("Check")
        self.bar.setRange(0, 1000)
        self.grid.addWidget(self.offer, 0, 2)
        self.offer.clicked.connect(self._check)
        state.proof.events.connect(self._show)
        state.encode.events.target.connect(self._show)
        state.plan.events.planned.connect(self._show)
        state.plan.events.target.connect(self._show)
        self._show()

    def _check(self) -> None:
        if self._state.proof.made is not None:
            self._proving.start(self._state.proof.made)

    def _show(self) -> None:
        proof, checking = self._state.proof, self._state.proof.checking
        offered = proof.offered and checking is None and not self._state.encode.running
        self.setVisible(checking is not None or offered)
        self.bar.setVisible(checking is not None)
        self.button.setVisible(checking is not None)
        self.offer.setVisible(offered)
        self.offer.setEnabled(self._state.plan.fits)
        if checking is not None:
            self.text.setText(f"{checking.name}: {proof.stage}, {proof.done:.0%}")
            self.bar.setValue(round(proof.done * 1000))
        elif proof.made is not None:
            self.text.setText(f"Encoded {proof.made.name}")
