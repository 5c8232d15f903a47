"""The encode that is under way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from psygnal import SignalGroupDescriptor


@dataclass
class Encode:
    """One encode at a time; it goes on when another video is opened.

    Attributes
    ----------
    target : Path or None
        The file that is being made; None while there is none.
    done, total : int
        Frames.
    seconds_left : float or None
        None while unknown.
    """

    target: Path | None = None
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    @property
    def running(self) -> bool:
        """Whether an encode is under way."""
        return self.target is not None
