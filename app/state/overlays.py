"""What other models than the current one say of the open video."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

from psygnal import Signal

from app.state.results import Results


@dataclass(frozen=True, eq=False)
class Overlay:
    """One other model's results.

    Attributes
    ----------
    model : str
        Its ``name.tag``.
    results : Results
        Complete, or as far as they came.
    slot : int
        A small number that no other overlay has, so that its lines keep their look.
    shown : bool
        Whether its curves are drawn.
    """

    model: str
    results: Results
    slot: int
    shown: bool = True


class Overlays:
    """The overlays, in the order in which their models were left.

    Signals: ``changed`` on anything new.

    Attributes
    ----------
    kept : tuple of Overlay
    """

    changed = Signal()

    def __init__(self) -> None:
        self.kept: tuple[Overlay, ...] = ()

    def keep(self, results: Results) -> None:
        """Keep the results of a model, in place of older ones of the same."""
        others = tuple(overlay for overlay in self.kept if overlay.model != results.model)
        taken = {overlay.slot for overlay in others}
        slot = next(number for number in count() if number not in taken)
        self._set((*others, Overlay(results.model, results, slot)))

    def take(self, model: str) -> Results | None:
        """Give back the results of a model, which is no overlay any more; None where it was none."""
        found = next((overlay.results for overlay in self.kept if overlay.model == model), None)
        self.drop(model)
        return found

    def drop(self, model: str) -> None:
        """Forget the results of a model."""
        self._set(tuple(overlay for overlay in self.kept if overlay.model != model))

    def show(self, model: str, shown: bool) -> None:
        """Draw the curves of a model, or hide them."""
        self._set(tuple(replace(o, shown=shown) if o.model == model else o for o in self.kept))

    def clear(self) -> None:
        """Forget all."""
        self._set(())

    def resize(self, frames: int) -> None:
        """Decoding showed that the video has `frames` frames."""
        for overlay in self.kept:
            overlay.results.resize(frames)
        self.changed.emit()

    def _set(self, kept: tuple[Overlay, ...]) -> None:
        self.kept = kept
        self.changed.emit()
