"""The open video's facts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from app.facts import FACTS, video_facts
from app.state import AppState
from app.views.labels import DASH, quiet


class FactsForm(QWidget):
    """One line for each of `FACTS`.

    Attributes
    ----------
    facts : dict of str to QLabel
    """

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.facts: dict[str, QLabel] = {}
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(3)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for name in FACTS:
            value = QLabel(DASH)
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.facts[name] = value
            value.setAlignment(Qt.AlignmentFlag.AlignTop)
            heading = quiet(name)
            heading.setAlignment(Qt.AlignmentFlag.AlignTop)
            form.addRow(heading, value)
        state.document.changed.connect(self._show)
        state.document.corrected.connect(self._show)
        self._show()

    def _show(self) -> None:
        info = self._state.document.info
        facts = video_facts(info) if info is not None else {}
        for name, label in self.facts.items():
            label.setText(facts.get(name, DASH))
