"""The child process: it alternates between requests and the analysis under way."""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Generator
from multiprocessing.connection import Connection
from pathlib import Path

from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.predict.child import Analyse, Cancel, Rebuild, Request
from jndcore.predict.devices import list_devices
from jndcore.predict.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Loaded,
    Message,
    Moved,
    NotRebuilt,
    Progress,
    Rebuilt,
)
from jndcore.predict.inbox import Inbox
from jndcore.predict.stream import analyse

NICENESS = 5
"""On a busy machine the window comes first: where both want a core, its thread gets it."""


def serve(connection: Connection, model: str, device: str) -> None:
    """Serve requests from `connection` until the parent is gone."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        _Server(connection, model, device).run()
    except (EOFError, ConnectionError):
        return
    except Exception as error:  # noqa: BLE001 the boundary of the process: the window must hear of it
        connection.send((0, _failed(error)))


class _Interrupted(Exception):
    """Something else was asked for while a frame was being rebuilt."""


class _Server:
    def __init__(self, connection: Connection, model: str, device: str) -> None:
        self._connection = connection
        self._inbox = Inbox()
        threading.Thread(target=self._receive, name="requests", daemon=True).start()
        self._analysis: Generator[Progress | Finished] | None = None
        self._video = 0  # the parent's number of the video that events are about; 0 before the first
        self._load(model, device)

    def _load(self, model: str, device: str) -> None:
        from jndcore.predict.predictor import Predictor  # torch: takes seconds

        began = time.perf_counter()
        self._predictor = Predictor(model, device=device, say=lambda text: self._tell(Message(text)))
        self._device = self._predictor.device.label
        card = self._predictor.model.card
        self._tell(
            Loaded(
                model=model,
                model_sha256=card.sha256 if card else "",
                levels=self._predictor.levels,
                shown=self._predictor.model.shown,
                detail=self._predictor.detail,
                device=self._device,
                devices=list_devices(),
                seconds=time.perf_counter() - began,
            )
        )

    def run(self) -> None:
        """Serve until the parent is gone."""
        while (taken := self._inbox.take(wait=self._analysis is None)) is not None:
            self._video, requests = taken
            for request in requests:
                self._guarded(request)
            if self._analysis is not None:
                self._guarded(None)

    def _receive(self) -> None:
        """Take requests off the pipe at once, whatever this process is busy with.

        Else both ends could wait for room in their pipes: frames are larger than a pipe holds.
        """
        try:
            while True:
                self._inbox.put(*self._connection.recv())
        except (EOFError, OSError):
            self._inbox.end()

    def _guarded(self, request: Request | None) -> None:
        try:
            self._handle(request)
        except _Interrupted:
            assert request is not None
            self._inbox.put_back(self._video, request)
        except Exception as error:  # noqa: BLE001 one bad request must not end the process
            self._on_error(request, error)
        if self._predictor.device.label != self._device:
            self._device = self._predictor.device.label
            self._tell(Moved(self._device))

    def _on_error(self, request: Request | None, error: Exception) -> None:
        if isinstance(request, Rebuild):  # of one frame: the analysis goes on
            failed = _failed(error, "Rebuilding the frame")
            details = "" if isinstance(error, JNDError) else failed.details
            self._tell(NotRebuilt(request.frame, request.level, failed.text, details))
        else:
            self._stop()
            self._tell(_failed(error))

    def _handle(self, request: Request | None) -> None:
        match request:
            case None:
                self._advance()
            case Analyse(path, playhead):
                self._stop()
                self._analysis = self._events(path, playhead)
            case Rebuild(frame, picture, level, known):
                rebuilt, qp = self._predictor.rebuild(picture, level, known, between=self._look_up)
                self._tell(Rebuilt(frame, level, qp, rebuilt))
            case Cancel():
                self._stop()
                self._tell(Cancelled())

    def _look_up(self) -> None:
        """End the rebuilding of a frame where something newer waits: the frame is made later, if at all."""
        if self._inbox.waits():
            raise _Interrupted

    def _events(self, path: Path, playhead: int) -> Generator[Progress | Finished]:
        with open_video(path) as reader:
            yield from analyse(reader, self._predictor, playhead=playhead, key_frames_first=True)

    def _advance(self) -> None:
        event = next(self._analysis, None) if self._analysis is not None else None
        if event is None:
            self._analysis = None
        else:
            self._tell(event)

    def _stop(self) -> None:
        if self._analysis is not None:
            self._analysis.close()
            self._analysis = None

    def _tell(self, event: Event) -> None:
        self._connection.send((self._video, event))


def _failed(error: Exception, work: str = "The analysis") -> Failed:
    if isinstance(error, JNDError):
        return Failed(str(error), traceback.format_exc())
    return Failed(
        f"{work} met a defect of this program ({error}); the details help to mend it.",
        traceback.format_exc(),
    )
