"""The models that can be chosen from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

if TYPE_CHECKING:
    from jndcore.models import ModelCard


class Models:
    """Cards of the models that have weights here, as of the last `refresh`.

    Models are imported and trained while the window is open: who shows them refreshes first, and nobody
    else reads them, so that the first window need not wait.

    Signals: ``changed`` when the list was read anew.

    Attributes
    ----------
    cards : tuple of ModelCard
        By name.
    trouble : str
        Which cards are left out, and why; empty where none is.
    """

    changed = Signal()

    def __init__(self) -> None:
        self.cards: tuple[ModelCard, ...] = ()
        self.trouble = ""

    def refresh(self) -> None:
        """Read the cards; torch is not imported."""
        from jndcore.errors import JNDError
        from jndcore.models.library import stored_models

        troubles: list[str] = []
        try:
            self.cards = tuple(stored.card for stored in stored_models(troubles.append))
        except JNDError as error:
            troubles.append(str(error))
        self.trouble = " ".join(troubles)
        self.changed.emit()

    def card(self, name: str) -> ModelCard | None:
        """The card of ``network.tag``; None where there is none."""
        return next((card for card in self.cards if card.name == name), None)


def why_not(card: ModelCard) -> str:
    """Why a model cannot analyse a video; an empty string when it can."""
    from jndcore.results import LEVELS

    return "" if set(card.levels) & set(LEVELS) else "It rebuilds frames and tells no JND level."
