"""What is compared with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from psygnal import SignalGroupDescriptor

Mode = Literal["both", "original", "jnd"]


@dataclass
class Comparison:
    """The sides on screen.

    Attributes
    ----------
    level : int
        JND level of the rebuilt side, 1..3.
    mode : str
        Both sides, or one of them alone.
    swapped : bool
        Whether the rebuilt side stands at the left.
    """

    level: int = 1
    mode: Mode = "both"
    swapped: bool = False
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()
