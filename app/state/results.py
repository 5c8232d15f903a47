"""The JND levels known so far, while an analysis fills them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

if TYPE_CHECKING:
    from jndcore.results import Analysis, Prediction, Shot

LEVEL_COUNT = 3


class Results:
    """Predictions by frame number.

    Signals: ``changed`` on anything new, at the pace of the analysis; who draws must throttle.

    Attributes
    ----------
    model : str
        ``name.tag`` of the model whose results they are; empty while nothing is known.
    qp, err, sur_sd : ndarray of float64, shape (F, 3)
        QP at 75 % SUR, the model's own standard error, the spread between observers. NaN: not analysed, or
        the model does not tell it.
    shots : tuple of Shot
        The shots that are known.
    analysis : Analysis or None
        The whole, once complete.
    """

    changed = Signal()
    qp: NDArray[np.float64]
    err: NDArray[np.float64]
    sur_sd: NDArray[np.float64]

    def __init__(self) -> None:
        self.model = ""
        self.shots: tuple[Shot, ...] = ()
        self.analysis: Analysis | None = None
        self._allocate(0)

    def reset(self, frames: int) -> None:
        """Nothing is known of `frames` frames."""
        self.model, self.shots, self.analysis = "", (), None
        self._allocate(frames)
        self.changed.emit()

    def detach(self) -> Results:
        """What is known, as results of their own; these here know nothing of any frame then."""
        other = Results()
        other.adopt(self)
        self.reset(len(self.qp))
        return other

    def adopt(self, other: Results) -> None:
        """Take over what `other` knows."""
        self.model, self.shots, self.analysis = other.model, other.shots, other.analysis
        self.qp, self.err, self.sur_sd = other.qp, other.err, other.sur_sd
        self.changed.emit()

    def resize(self, frames: int) -> None:
        """Decoding showed that there are `frames` frames: what is known of them stays."""
        old, kept = (self.qp, self.err, self.sur_sd), min(frames, len(self.qp))
        self._allocate(frames)
        for new, values in zip((self.qp, self.err, self.sur_sd), old, strict=True):
            new[:kept] = values[:kept]
        if self.analysis is not None:
            self.finish(self.analysis)

    def add(self, frame: NDArray[np.int64], prediction: Prediction, shots: tuple[Shot, ...] | None) -> None:
        """Take in a step of the analysis; frames beyond the index are left out, None keeps the shots."""
        inside = frame < len(self.qp)
        rows = frame[inside]
        self.qp[rows] = prediction.qp[inside]
        self.err[rows] = prediction.err[inside]
        self.sur_sd[rows] = prediction.sur_sd[inside]
        if shots is not None:
            self.shots = shots
        self.changed.emit()

    def finish(self, analysis: Analysis) -> None:
        """The analysis is complete: what it says replaces what came piecemeal."""
        self.analysis = analysis
        self._allocate(len(self.qp))
        self.add(analysis.frame, analysis.prediction, analysis.shots)

    def known(self, frame: int) -> bool:
        """Whether `frame` was analysed: at least one of its levels is there."""
        return 0 <= frame < len(self.qp) and not np.isnan(self.qp[frame]).all()

    def crossed(self, frame: int) -> bool:
        """Whether a level of `frame` lies below the level before it."""
        return self.known(frame) and bool((np.diff(self.qp[frame]) < 0).any())

    def shot_of(self, frame: int) -> tuple[int, Shot] | None:
        """Number (from 0) of the shot that holds `frame`, and the shot; None while it is unknown."""
        for number, shot in enumerate(self.shots):
            if shot.start <= frame < shot.stop:
                return number, shot
        return None

    def _allocate(self, frames: int) -> None:
        shape = (frames, LEVEL_COUNT)
        # by column, since the plot reads one level at a time
        self.qp, self.err, self.sur_sd = (np.full(shape, np.nan, order="F") for _ in range(3))
