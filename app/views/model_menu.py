"""The models to choose from, as a menu and as a button of the tool bar."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.icons import icon
from app.instrument import Instrument
from app.state.models import why_not

TITLE_LENGTH = 60
"""Characters; longer titles end with …, and stand whole in the tool tip."""


class ModelMenu(QMenu):
    """Name and title of each model; the cards are read anew when it opens.

    Parameters
    ----------
    more : QAction, optional
        What stands below the models.
    """

    def __init__(
        self, instrument: Instrument, more: QAction | None = None, *, parent: QWidget | None = None
    ) -> None:
        super().__init__("Analyse With", parent)
        self._instrument = instrument
        self._more = more
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List the models that there are now."""
        models, choosing = self._instrument.state.models, self._instrument.choosing
        models.refresh()
        self.clear()
        group = QActionGroup(self)
        for card in models.cards:
            title = card.title if len(card.title) <= TITLE_LENGTH else f"{card.title[:TITLE_LENGTH]}…"
            action = self.addAction(f"{card.name}  –  {title}")
            action.setData(card.name)
            action.setCheckable(True)
            action.setChecked(card.name == choosing.chosen)
            action.setEnabled(not why_not(card))
            action.setToolTip(why_not(card) or card.title)
            action.triggered.connect(lambda _=False, name=card.name: choosing.choose(name))
            group.addAction(action)
        if models.trouble:
            broken = self.addAction("A model is left out")
            broken.setEnabled(False)
            broken.setToolTip(models.trouble)
        if self._more is not None:
            self.addSeparator()
            self.addAction(self._more)


class ModelButton(QToolButton):
    """Names the model, and opens the menu of models."""

    def __init__(self, instrument: Instrument, more: QAction, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = instrument.state.work
        self.setMenu(ModelMenu(instrument, more, parent=self))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolTip("The model that analyses the video; the others' curves stay when another is chosen")
        self.colour()
        self._work.events.model.connect(self._name)
        self._name()

    def colour(self) -> None:
        """Draw the icon in the colours of the palette in use."""
        self.setIcon(icon("model"))

    def _name(self) -> None:
        self.setText(self._work.model or "Loading …")
