"""The thread that decodes what the window shows, with a reader of its own."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from app.state import Shown
from jndcore.errors import JNDError

if TYPE_CHECKING:
    from jndcore.media import Frame, Planes, Reader

LATE = 0.5
"""Seconds behind the video's own pace after which the clock is set anew rather than chased."""


@dataclass(frozen=True)
class Open:
    """Request: open the video at `path`."""

    path: Path


@dataclass(frozen=True)
class Show:
    """Request: the picture of `frame`, and its planes for the network."""

    frame: int


@dataclass(frozen=True)
class Play:
    """Request: play from `frame` until another request."""

    frame: int


@dataclass(frozen=True)
class Convert:
    """Request: a rebuilt frame's planes in the colours of the original."""

    frame: int
    level: int
    qp: float
    planes: Planes


@dataclass(frozen=True)
class Recount:
    """Request: decode everything once, so that frame numbers are final; other requests go before."""


Request = Open | Show | Play | Convert | Recount


class PlaybackThread(QThread):
    """Serves the newest request of each kind; older ones that still wait are dropped.

    Signals
    -------
    opened(VideoInfo, FrameIndex, tuple of str)
        The video is open; the strings are the reader's warnings.
    shown(Shown)
        A picture of the original. While playing, call `taken` for each, or no further one comes.
    planes(int, Planes)
        Frame number and planes of a frame that was asked for by `Show`.
    converted(Shown)
        A rebuilt frame.
    ended()
        Playing reached the end.
    corrected(VideoInfo, FrameIndex, tuple of str)
        Decoding showed that the index was wrong; the facts of the video as they are now.
    failed(str, str, bool)
        A sentence, details, and whether no video is open now.
    """

    opened = Signal(object, object, tuple)
    shown = Signal(object)
    planes = Signal(int, object)
    converted = Signal(object)
    ended = Signal()
    corrected = Signal(object, object, tuple)
    failed = Signal(str, str, bool)

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[str, Request] = {}
        self._wake = Condition()
        self._stopping = False
        self._free = Event()
        self._free.set()
        self._reader: Reader | None = None
        self._frame: Frame | None = None
        self._told: tuple[object, tuple[str, ...]] = (None, ())

    def post(self, request: Request) -> None:
        """Leave a request; returns at once. Opening drops all that waits for the video before."""
        slot = _SLOTS[type(request)]
        with self._wake:
            if slot == "open":
                self._waiting.clear()
            self._waiting[slot] = request
            self._wake.notify()

    def taken(self) -> None:
        """The window took the last picture of `shown`: the next may come."""
        self._free.set()

    def stop(self) -> None:
        """End the thread and wait for it."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self.wait()

    def run(self) -> None:
        """Body of the thread."""
        serve: dict[type, Callable[..., None]] = {
            Open: self._open,
            Show: self._show,
            Play: self._play,
            Convert: self._convert,
            Recount: self._recount,
        }
        while (request := self._next()) is not None:
            try:
                serve[type(request)](request)
            except JNDError as error:
                self.failed.emit(str(error), traceback.format_exc(), self._reader is None)
        self._close()

    def _next(self) -> Request | None:
        with self._wake:
            self._wake.wait_for(lambda: self._waiting or self._stopping)
            if self._stopping:
                return None
            slot = next(s for s in ("open", "move", "convert", "recount") if s in self._waiting)
            return self._waiting.pop(slot)

    def _interrupted(self) -> bool:
        """Whether something came that cannot wait; the lock is Python's reentrant one."""
        with self._wake:
            return self._stopping or not self._waiting.keys().isdisjoint(("open", "move"))

    def _open(self, request: Open) -> None:
        from jndcore.media import open_video  # PyAV: too slow before the first paint

        self._close()
        self._reader = open_video(request.path)
        self._told = (self._reader.index, self._reader.warnings)
        self.opened.emit(self._reader.info, *self._told)

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = self._frame = None
        self._free.set()

    def _show(self, request: Show) -> None:
        if self._reader is None or not len(self._reader):
            return
        frame = self._read(self._reader, request.frame)
        self._emit(frame)
        self._free.set()
        if not self._interrupted():
            self.planes.emit(frame.number, frame.planes())

    def _read(self, reader: Reader, number: int) -> Frame:
        """Frame `number`, or the last one where decoding shows that there are fewer."""
        try:
            return reader.read(min(number, len(reader) - 1))
        except IndexError:
            return reader.read(len(reader) - 1)

    def _play(self, request: Play) -> None:
        if self._reader is None:
            return
        clock, last = _Clock(), None
        self._free.set()
        for frame in self._reader.frames(request.frame):
            if self._interrupted():
                return
            last = frame
            if not self._free.is_set() or clock.behind(frame.time):
                continue
            self._wait(clock.ahead(frame.time))
            if self._interrupted():
                return
            self._free.clear()
            self._emit(frame)
        if last is not None and last is not self._frame:
            self._emit(last)  # it was dropped for being late, but it is where playing ends
        self.ended.emit()

    def _wait(self, seconds: float) -> None:
        with self._wake:
            self._wake.wait_for(self._interrupted, timeout=max(seconds, 0))

    def _emit(self, frame: Frame) -> None:
        self._frame = frame
        picture = Shown(frame.number, frame.rgb(), frame.pict_type)
        self._tell_corrections()
        self.shown.emit(picture)

    def _tell_corrections(self) -> None:
        if self._reader is None or self._told == (self._reader.index, self._reader.warnings):
            return
        self._told = (self._reader.index, self._reader.warnings)
        self.corrected.emit(self._reader.info, *self._told)

    def _recount(self, request: Recount) -> None:
        if self._reader is None:
            return
        for _ in self._reader.frames():
            if self._interrupted():
                with self._wake:
                    self._waiting.setdefault("recount", request)
                return
        self._tell_corrections()

    def _convert(self, request: Convert) -> None:
        frame = self._frame
        if frame is None or frame.number != request.frame:
            return
        rgb = frame.rgb(request.planes)
        self.converted.emit(Shown(frame.number, rgb, frame.pict_type, request.level, request.qp))


_SLOTS = {Open: "open", Show: "move", Play: "move", Convert: "convert", Recount: "recount"}


class _Clock:
    """The pace of the video against the wall."""

    def __init__(self) -> None:
        self._offset: float | None = None

    def ahead(self, video: float) -> float:
        """Seconds until a frame with time stamp `video` is due; below 0 when it is late."""
        now = time.monotonic()
        if self._offset is None or self._offset + video < now - LATE:
            self._offset = now - video
        return self._offset + video - now

    def behind(self, video: float, slack: float = 0.05) -> bool:
        """Whether the frame is so late that it is better dropped, but not so late that all would be."""
        if self._offset is None:
            return False
        late = time.monotonic() - self._offset - video
        return slack < late <= LATE
