"""Which model serves, and what becomes of the others' results."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.analysing import Analysing
from app.state import AppState
from app.state.models import why_not


class Choosing(QObject):
    """Changes the model; what the one before said of the open video stays as an overlay."""

    def __init__(self, state: AppState, analysing: Analysing, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._analysing = analysing

    @property
    def chosen(self) -> str:
        """``name.tag`` of the model that serves, or is to serve once it is loaded."""
        from jndcore.models import DEFAULT_MODEL  # too slow before the first paint

        return self._state.settings.model or DEFAULT_MODEL

    def check(self) -> None:
        """Fall back to the default where the model of the settings is not there any more, and say so."""
        name, models = self._state.settings.model, self._state.models
        if not name:
            return  # the default needs no look at the cards, which would take time before the first frame
        models.refresh()
        card = models.card(name)
        if models.trouble or (card is not None and not why_not(card)):
            return  # in trouble the child process says what is wrong
        self._state.settings.model = ""
        gone = f"{name} cannot analyse videos" if card is not None else f"{name} is not here any more"
        self._state.work.say(f"{gone}; {self.chosen} does it now.")

    def choose(self, name: str) -> None:
        """Have another model analyse the open video.

        What it said of this video before comes back, if that was all of it; else it begins anew. A model
        that is chosen already is loaded again where it is in trouble or showed no frames, for what it lacked
        may have been imported meanwhile.
        """
        from jndcore.models import DEFAULT_MODEL

        state = self._state
        lacking = state.pictures.trouble or (state.work.model and not state.work.shown)
        if name == self.chosen and not lacking:
            return
        state.settings.model = "" if name == DEFAULT_MODEL else name
        if state.results.model and state.results.model != name:
            state.overlays.keep(state.results.detach())
        before = state.overlays.take(name)
        if before is not None and before.analysis is not None:
            state.results.adopt(before)
        self._analysing.reload()
