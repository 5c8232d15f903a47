"""What the machine is doing: the model, its device, the analysis under way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from psygnal import SignalGroupDescriptor

if TYPE_CHECKING:
    from jndcore.predict import DeviceInfo

Stage = Literal["idle", "waiting", "key frames", "all frames", "done", "cancelled", "failed"]


@dataclass
class Work:
    """The model and the analysis.

    Attributes
    ----------
    model : str
        ``name.tag``; empty while it loads.
    levels, shown : tuple of int
        JND levels that the model tells, and those at which it can show a frame; empty while it loads.
    detail : tuple of int or None
        Width and height at which the model shows frames, where that is not their own size.
    device : str
        Label of the device that runs the model; empty while it loads.
    devices : tuple of DeviceInfo
        All that can be chosen from, the unavailable ones with a reason.
    stage : str
        ``"waiting"`` is the time before the first result.
    done, total : int
        Frames of the stage.
    fps : float
        Frames analysed a second.
    seconds_left : float or None
        Of the stage; None while unknown.
    message : str
        The last thing worth saying, such as a GPU that ran out of memory.
    log : tuple of str
        All messages, oldest first.
    """

    model: str = ""
    levels: tuple[int, ...] = ()
    shown: tuple[int, ...] = ()
    detail: tuple[int, int] | None = None
    device: str = ""
    devices: tuple[DeviceInfo, ...] = ()
    stage: Stage = "idle"
    done: int = 0
    total: int = 0
    fps: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    log: tuple[str, ...] = ()
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    @property
    def running(self) -> bool:
        """Whether an analysis is under way."""
        return self.stage in ("waiting", "key frames", "all frames")

    def say(self, text: str) -> None:
        """Put `text` into the status line and the log."""
        self.log += (text,)
        self.message = text
