"""What the window asks of the playback thread, and the box where it leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jndcore.media import Picture


@dataclass(frozen=True)
class Open:
    """Request: open the video at `path`; what is said of it carries the number `video`."""

    path: Path
    video: int


@dataclass(frozen=True)
class Show:
    """Request: `frame` for the screen, and as a `Picture` with its neighbours for the network."""

    frame: int


@dataclass(frozen=True)
class Play:
    """Request: play from `frame` until another request."""

    frame: int


@dataclass(frozen=True)
class Convert:
    """Request: a frame as `model` rebuilt it, for the screen."""

    frame: int
    level: int
    qp: float
    picture: Picture
    model: str


@dataclass(frozen=True)
class Recount:
    """Request: decode everything once, so that frame numbers are final; other requests go before."""


Request = Open | Show | Play | Convert | Recount

_SLOTS: dict[type[Request], str] = {
    Open: "open",
    Show: "move",
    Play: "move",
    Convert: "convert",
    Recount: "recount",
}
"""One place for each kind, in order of need: a newer request takes the place of an older one."""


class Mailbox:
    """Holds the newest request of each kind until the thread takes it; any thread may use it."""

    def __init__(self) -> None:
        self._waiting: dict[str, Request] = {}
        self._wake = Condition()
        self._stopping = False

    def post(self, request: Request) -> None:
        """Leave a request; returns at once. Opening drops all that waits for the video before."""
        with self._wake:
            if isinstance(request, Open):
                self._waiting.clear()
            self._waiting[_SLOTS[type(request)]] = request
            self._wake.notify()

    def put_back(self, request: Request) -> None:
        """Leave a request that was begun, unless a newer one of its kind came."""
        with self._wake:
            self._waiting.setdefault(_SLOTS[type(request)], request)

    def stop(self) -> None:
        """Have `take` return None from now on."""
        with self._wake:
            self._stopping = True
            self._wake.notify()

    def take(self) -> Request | None:
        """The most needed request, waited for; None when all is to end."""
        with self._wake:
            self._wake.wait_for(lambda: self._waiting or self._stopping)
            if self._stopping:
                return None
            return self._waiting.pop(next(slot for slot in _SLOTS.values() if slot in self._waiting))

    def urgent(self) -> bool:
        """Whether something came that cannot wait until the request in hand is served."""
        with self._wake:  # a Condition's lock can be taken again by the thread that has it
            return self._stopping or not self._waiting.keys().isdisjoint(("open", "move"))

    def wait(self, seconds: float) -> None:
        """Sleep, but not beyond something urgent."""
        with self._wake:
            self._wake.wait_for(self.urgent, timeout=max(seconds, 0))
