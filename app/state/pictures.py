"""The pictures on screen, and those kept to be shown again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from psygnal import SignalGroupDescriptor

KEPT_BYTES = 128 * 2**20


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture ready for the screen.

    Attributes
    ----------
    frame : int
        Display-order frame number.
    rgb : ndarray of uint8, shape (H, W, 3)
        Owns its memory.
    kind : str
        ``I``, ``P``, ``B`` or ``?``.
    level : int
        0 for the original, 1..3 for what the network makes of it at that JND level.
    qp : float
        The QP predicted for `level`; NaN for the original.
    model : str
        ``name.tag`` of the model that made it; empty for the original.
    """

    frame: int
    rgb: NDArray[np.uint8]
    kind: str = "?"
    level: int = 0
    qp: float = float("nan")
    model: str = ""


@dataclass
class Pictures:
    """Both sides; `rebuilt` is None unless it is of the very frame that `original` shows.

    Attributes
    ----------
    original, rebuilt : Shown or None
    trouble : str
        Why there is no rebuilt frame, where there cannot be one.
    refusal : str
        Why the frame of `original` is not rebuilt at the chosen level, where others are.
    """

    original: Shown | None = None
    rebuilt: Shown | None = None
    trouble: str = ""
    refusal: str = ""
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()


class PictureCache:
    """Rebuilt frames by (frame, level), bounded in bytes; the least recently used goes first."""

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[int, int], Shown] = OrderedDict()

    def get(self, frame: int, level: int) -> Shown | None:
        """The kept picture, or None."""
        if (frame, level) in self._kept:
            self._kept.move_to_end((frame, level))
        return self._kept.get((frame, level))

    def keep(self, picture: Shown) -> None:
        """Keep `picture`, and drop old ones until all fit."""
        self._kept[picture.frame, picture.level] = picture
        while sum(kept.rgb.nbytes for kept in self._kept.values()) > self._limit:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """Drop all."""
        self._kept.clear()
