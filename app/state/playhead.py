"""Where in the video the window is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor


@dataclass
class Playhead:
    """The current position.

    Attributes
    ----------
    frame : int
        Display-order frame number.
    playing : bool
        Whether the video moves it.
    """

    frame: int = 0
    playing: bool = False
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()
