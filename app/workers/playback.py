"""The thread that decodes what the window shows, with a reader of its own."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from app.state import Shown
from app.workers.defect import defect
from app.workers.mailbox import Convert, Mailbox, Open, Play, Recount, Show
from app.workers.neighbours import neighbours
from app.workers.pace import Pace
from jndcore.errors import JNDError

if TYPE_CHECKING:
    from jndcore.media import Frame, Reader


class PlaybackThread(QThread):
    """Serves the newest request of each kind; older ones that still wait are dropped.

    Signals
    -------
    opened(int, VideoInfo, FrameIndex, tuple of str)
        The video of this number is open; the strings are the reader's warnings.
    shown(Shown)
        A picture of the original. While playing, call `taken` for each, or no further one comes.
    source(int, Picture)
        Number and picture, with its neighbours, of a frame that was asked for by `Show`: for the network.
    converted(Shown)
        A rebuilt frame.
    ended()
        Playing reached the end.
    corrected(VideoInfo, FrameIndex, tuple of str)
        Decoding showed that the index was wrong; the facts of the video as they are now.
    failed(int, str, str, bool)
        The video's number, a sentence, details, and whether no video is open now.

    Attributes
    ----------
    mailbox : Mailbox
        Where to leave requests.
    """

    opened = Signal(int, object, object, tuple)
    shown = Signal(object)
    source = Signal(int, object)
    converted = Signal(object)
    ended = Signal()
    corrected = Signal(object, object, tuple)
    failed = Signal(int, str, str, bool)

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mailbox = Mailbox()
        self._free = Event()
        self._free.set()
        self._video = 0
        self._reader: Reader | None = None
        self._frame: Frame | None = None
        self._told: tuple[object, tuple[str, ...]] = (None, ())

    def taken(self) -> None:
        """The window took the last picture of `shown`: the next may come."""
        self._free.set()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self.mailbox.stop()
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
        while (request := self.mailbox.take()) is not None:
            try:
                serve[type(request)](request)
            except JNDError as error:
                self._fail(str(error))
            except Exception as error:  # noqa: BLE001 a thread that dies unheard leaves the window waiting
                self._fail(defect("Decoding", error))
        self._close()

    def _fail(self, text: str) -> None:
        self.failed.emit(self._video, text, traceback.format_exc(), self._reader is None)

    def _open(self, request: Open) -> None:
        self._video = request.video
        self._close()
        from jndcore.media import open_video  # PyAV: too slow before the first paint

        self._reader = open_video(request.path)
        self._told = (self._reader.index, self._reader.warnings)
        self.opened.emit(self._video, self._reader.info, *self._told)

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
        if not self.mailbox.urgent():
            picture = frame.picture(neighbours(self._reader, frame))
            self._tell_corrections()
            if not self.mailbox.urgent():
                self.source.emit(frame.number, picture)

    def _read(self, reader: Reader, number: int) -> Frame:
        """Frame `number`, or the last one where decoding shows that there are fewer."""
        try:
            return reader.read(min(number, len(reader) - 1))
        except IndexError:
            return reader.read(len(reader) - 1)

    def _play(self, request: Play) -> None:
        if self._reader is None:
            return
        pace, last = Pace(), None
        self._free.set()
        for frame in self._reader.frames(request.frame):
            if self.mailbox.urgent():
                return
            last = frame
            if pace.behind(frame.time):
                continue
            self.mailbox.wait(pace.ahead(frame.time))
            if self.mailbox.urgent():
                return
            if self._free.is_set():  # else the window is busy still with the frame before
                self._free.clear()
                self._emit(frame)
        if last is not None and last is not self._frame:
            self._emit(last)  # it was dropped for being late, but it is where playing ends
        self.ended.emit()

    def _emit(self, frame: Frame) -> None:
        self._frame = frame
        picture = Shown(frame.number, frame.rgb(), frame.pict_type)
        self._tell_corrections()
        self.shown.emit(picture)

    def _tell_corrections(self) -> None:
        if self._reader is None:
            return
        index, warnings = self._told
        if self._reader.index is index and self._reader.warnings == warnings:
            return
        self._told = (self._reader.index, self._reader.warnings)
        self.corrected.emit(self._reader.info, *self._told)

    def _recount(self, request: Recount) -> None:
        if self._reader is None:
            return
        for _ in self._reader.frames():
            if self.mailbox.urgent():
                self.mailbox.put_back(request)
                return
        self._tell_corrections()

    def _convert(self, request: Convert) -> None:
        frame = self._frame
        if frame is None or frame.number != request.frame:
            return
        rgb = request.picture.rgb()
        self.converted.emit(
            Shown(frame.number, rgb, frame.pict_type, request.level, request.qp, request.model)
        )
