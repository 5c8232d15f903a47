"""The check under way with a button to cancel it, or the offer to check what was just encoded."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QProgressBar, QPushButton, QToolButton, QWidget

from app.proving import Proving
from app.state import AppState
from app.views.action_set import Actions
from app.views.eliding import ElidingLabel


class CheckRow(QWidget):
    """Watches `state.proof`; hidden while there is nothing to tell.

    Attributes
    ----------
    text : ElidingLabel
    bar : QProgressBar
    offer : QPushButton
        Checks the file that `text` names.
    """

    def __init__(
        self, state: AppState, proving: Proving, actions: Actions, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._proving = proving
        self.text, self.bar, self.offer = ElidingLabel(), QProgressBar(), QPushButton("Check")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self._cancel = QToolButton()
        self._cancel.setDefaultAction(actions.by_id["proof.cancel"])
        self._cancel.setAutoRaise(True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.text, 0, 0)
        grid.addWidget(self.bar, 1, 0)
        grid.addWidget(self._cancel, 0, 1, 2, 1)
        grid.addWidget(self.offer, 0, 2)
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
        self._cancel.setVisible(checking is not None)
        self.offer.setVisible(offered)
        self.offer.setEnabled(self._state.plan.fits)
        if checking is not None:
            self.text.setText(f"{checking.name}: {proof.stage}, {proof.done:.0%}")
            self.bar.setValue(round(proof.done * 1000))
        elif proof.made is not None:
            self.text.setText(f"Encoded {proof.made.name}")
