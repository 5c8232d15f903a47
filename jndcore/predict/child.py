"""The window's handle on the process that holds torch, a reader and the model.

Measured: importing torch in a thread holds Python's lock for 190 to 250 ms at a stretch, in which no
window can paint. So the window's process never imports it; a child process does, and decodes and
infers too.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jndcore.media import Picture
from jndcore.models import DEFAULT_MODEL
from jndcore.predict.events import Event, Failed, NotRebuilt, Rebuilt

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


@dataclass(frozen=True)
class Analyse:
    """Request: analyse the video at `path`, sequentially from the GOP of frame `playhead`."""

    path: Path
    playhead: int


@dataclass(frozen=True)
class Cancel:
    """Request: end the analysis under way."""


@dataclass(frozen=True)
class Rebuild:
    """Request: `picture`, which is of frame `frame`, at JND `level`; `qp` None has it predicted."""

    frame: int
    picture: Picture
    level: int
    qp: float | None


Request = Analyse | Cancel | Rebuild


class InferenceChild:
    """A child process that analyses videos and rebuilds frames on request.

    One thread uses it: requests return at once, `poll` brings the events. The process starts with the
    object, loads the model, and ends with `close` or with its parent.

    Parameters
    ----------
    model : str
        ``name.tag`` of a registered model with weights.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    """

    def __init__(self, model: str = DEFAULT_MODEL, device: str = "auto") -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_run, args=(theirs, model, device), name="jnd-inference", daemon=True
        )
        self._process.start()
        theirs.close()
        self._ended = False
        self._video = 0

    def analyse(self, path: Path, *, playhead: int = 0) -> None:
        """Ask for an analysis; one that is under way is given up, and its events no longer arrive."""
        self._video += 1
        self._send(Analyse(Path(path), playhead))

    def cancel(self) -> None:
        """Ask for the end of the analysis under way; `Cancelled` answers."""
        self._send(Cancel())

    def rebuild(self, frame: int, picture: Picture, level: int, qp: float | None = None) -> None:
        """Ask for a frame at JND `level`, which lies at `qp` or at what is predicted for it then.

        Of several requests only the newest is served: a frame that is being rebuilt makes way for it.
        """
        self._send(Rebuild(frame, picture, level, qp))

    def poll(self, timeout: float) -> Event | None:
        """The next event, or None when `timeout` seconds bring none.

        A process that died on its own gives one `Failed`.
        """
        if self._ended:
            time.sleep(timeout)
            return None
        try:
            if not self._connection.poll(timeout):
                return None
            video, event = self._connection.recv()
            rebuilt = isinstance(event, Rebuilt | NotRebuilt)  # of a picture, and so of one video
            return event if video == self._video or (video == 0 and not rebuilt) else None
        except (EOFError, OSError):  # OSError: it died in the middle of an event
            self._ended = True
            self._process.join(1)
            if self._process.exitcode == 0:  # it has said why
                return None
            return Failed(
                "The analysis process ended unexpectedly, perhaps for want of memory; "
                "choose the device again to restart it.",
                f"exit code {self._process.exitcode}",
            )

    def close(self) -> None:
        """End the process and wait for it; it writes no files, so nothing is lost. Twice is no error."""
        self._ended = True
        self._process.terminate()
        self._process.join()
        self._connection.close()

    def _send(self, request: Request) -> None:
        if self._ended:
            return
        try:
            self._connection.send((self._video, request))
        except OSError:
            return  # it died; poll says so


def _run(connection: Connection, model: str, device: str) -> None:
    """Body of the child process; imports torch, which the parent must not."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C ends the parent, which closes this process
    from jndcore.predict.serve import serve

    serve(connection, model, device)
