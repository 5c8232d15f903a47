"""What moves the pictures: opening, stepping, playing, and pairing a frame with its rebuilt self."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.state import AppState, Mode, Shown
from app.state.pictures import PictureCache
from app.workers.mailbox import Convert, Open, Play, Recount, Show
from app.workers.playback import PlaybackThread

if TYPE_CHECKING:
    from jndcore.media import FrameIndex, Picture, VideoInfo

SAME_QP = 0.02
"""QPs of one picture differ by less when another batch or precision gives them: nobody sees that."""


class Viewing(QObject):
    """Turns commands into requests to the playback thread, and its answers into state.

    Both sides always show the same frame: a rebuilt picture is let in only while the original on screen
    is of the same number, and leaves with it. One that was made before its frame was analysed is made
    again where the analysis says another QP.

    Signals
    -------
    opened()
        A video is open; `document` has its facts.
    wanted(int, Picture, int)
        Frame number, picture and JND level of a frame that the network should rebuild.
    failed(str, str)
        A sentence and details.
    """

    opened = Signal()
    wanted = Signal(int, object, int)
    failed = Signal(str, str)

    def __init__(self, state: AppState, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._thread = PlaybackThread(parent=self)
        self._source: tuple[int, Picture] | None = None
        self._cache = PictureCache()
        self._outdated: Shown | None = None  # on screen, and asked for anew
        self._video = 0
        self._thread.opened.connect(self._on_opened)
        self._thread.shown.connect(self._on_shown)
        self._thread.source.connect(self._on_source)
        self._thread.converted.connect(self._on_converted)
        self._thread.ended.connect(self.pause)
        self._thread.corrected.connect(self._on_corrected)
        self._thread.failed.connect(self._on_failed)
        state.work.events.shown.connect(self._ask)
        state.results.changed.connect(self._renew)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._thread.stop()

    def open(self, path: Path) -> None:
        """Open another video."""
        state = self._state
        state.playhead.playing = False
        state.playhead.frame = 0
        self._forget_pictures()
        state.pictures.original = None
        state.viewport.fit()
        state.results.reset(0)
        state.overlays.clear()
        state.document.opening(path)
        self._video += 1
        self._thread.mailbox.post(Open(path, self._video))

    def seek(self, frame: int) -> None:
        """Go to `frame`, or to the nearest one that there is; playing goes on from there."""
        state = self._state
        if not len(state.document):
            return
        state.playhead.frame = min(max(frame, 0), len(state.document) - 1)
        if state.playhead.playing:
            self._thread.mailbox.post(Play(state.playhead.frame))
        else:
            self._thread.mailbox.post(Show(state.playhead.frame))

    def seek_time(self, seconds: float) -> None:
        """Go to the frame on screen at `seconds`."""
        self.seek(self._state.document.frame_at(seconds))

    def step(self, frames: int) -> None:
        """Stop playing, and go on or back by `frames`."""
        self._state.playhead.playing = False
        self.seek(self._state.playhead.frame + frames)

    def seek_last(self) -> None:
        """Go to the last frame."""
        self.seek(len(self._state.document) - 1)

    def play_or_pause(self) -> None:
        """Play, from the beginning where the end is reached; or pause."""
        state = self._state
        if state.playhead.playing:
            self.pause()
        elif len(state.document):
            at_end = state.playhead.frame >= len(state.document) - 1
            state.pictures.rebuilt = None
            state.playhead.playing = True
            self.seek(0 if at_end else state.playhead.frame)

    def pause(self) -> None:
        """Stop playing; the frame on screen is then shown with its rebuilt self."""
        if self._state.playhead.playing:
            self._state.playhead.playing = False
            self.seek(self._state.playhead.frame)

    def set_level(self, level: int) -> None:
        """Show JND `level` at the rebuilt side."""
        self._state.comparison.level = level
        self._state.settings.level = level
        self._ask()

    def set_mode(self, mode: Mode) -> None:
        """Show both sides or one."""
        self._state.comparison.mode = mode
        self._ask()

    def swap(self) -> None:
        """Let the sides change places."""
        self._state.comparison.swapped = not self._state.comparison.swapped

    def show_rebuilt(self, frame: int, level: int, qp: float, picture: Picture) -> None:
        """The network's answer to `wanted`; too late an answer is dropped."""
        self._thread.mailbox.post(Convert(frame, level, qp, picture, self._state.work.model))

    def show_refusal(self, frame: int, level: int, text: str) -> None:
        """The answer to `wanted` where the frame cannot be rebuilt; too late an answer is dropped."""
        original = self._state.pictures.original
        if original is not None and (frame, level) == (original.frame, self._state.comparison.level):
            self._state.pictures.trouble, self._state.pictures.refusal = "", text

    def forget_rebuilt(self) -> None:
        """Another model or device is to serve: what the one before showed is void."""
        self._forget_pictures(keep_source=True)

    def check_times(self, frames: NDArray[np.int64], times: NDArray[np.float64]) -> None:
        """Compare frame numbers with those of a complete pass; where they differ, count here too."""
        known = self._state.document.times
        if len(frames) and (frames[-1] >= len(known) or not np.array_equal(known[frames], times)):
            self._thread.mailbox.post(Recount())

    def _forget_pictures(self, *, keep_source: bool = False) -> None:
        self._cache.clear()
        self._state.pictures.rebuilt = self._outdated = None
        self._state.pictures.trouble = self._state.pictures.refusal = ""
        if not keep_source:
            self._source = None

    def _on_opened(self, video: int, info: VideoInfo, index: FrameIndex, warnings: tuple[str, ...]) -> None:
        if video != self._video:
            return  # another one was asked for while this one was being opened
        self._state.document.opened(info, index.time, warnings)
        self._state.results.reset(len(index.time))
        self.opened.emit()
        self.seek(0)

    def _on_corrected(self, info: VideoInfo, index: FrameIndex, warnings: tuple[str, ...]) -> None:
        if self._state.document.status != "open":
            return  # of the video before
        self._state.results.resize(len(index.time))
        self._state.overlays.resize(len(index.time))
        self._state.document.correct(info, index.time, warnings)
        self._state.playhead.frame = min(self._state.playhead.frame, len(index.time) - 1)

    def _on_shown(self, picture: Shown) -> None:
        self._thread.taken()
        state = self._state
        if state.document.status != "open":
            return  # of the video before: the thread had sent it when another was asked for
        self._source = None
        state.pictures.rebuilt, state.pictures.refusal = None, ""
        state.pictures.original = picture
        if state.playhead.playing:
            state.playhead.frame = picture.frame
        else:
            state.pictures.rebuilt = self._cache.get(picture.frame, state.comparison.level)

    def _on_source(self, frame: int, picture: Picture) -> None:
        if self._state.document.status == "open":
            self._source = (frame, picture)
            self._ask()

    def _ask(self) -> None:
        """Show the frame at the chosen level, from the cache or by asking the network."""
        original, level = self._state.pictures.original, self._state.comparison.level
        if original is None or self._state.playhead.playing or self._state.comparison.mode == "original":
            return
        self._state.pictures.refusal = ""
        kept = self._state.pictures.rebuilt = self._cache.get(original.frame, level)
        settled = self._up_to_date(kept) or level not in self._state.work.shown
        if not settled and self._source is not None and self._source[0] == original.frame:
            self._outdated = kept
            self.wanted.emit(*self._source, level)

    def _up_to_date(self, rebuilt: Shown | None) -> bool:
        """Whether it is a picture at the QP that is known of its frame, if one is."""
        if rebuilt is None:
            return False
        qp = self._state.known_qp(rebuilt.frame, rebuilt.level)
        return qp is None or abs(qp - rebuilt.qp) <= SAME_QP

    def _renew(self) -> None:
        """Ask once for the frame on screen again where the analysis says another QP of it."""
        rebuilt = self._state.pictures.rebuilt
        if rebuilt is not None and rebuilt is not self._outdated and not self._up_to_date(rebuilt):
            self._ask()

    def _on_converted(self, picture: Shown) -> None:
        if self._state.document.status != "open" or picture.model != self._state.work.model:
            return  # of the video or the model before
        self._cache.keep(picture)
        self._state.pictures.trouble = ""
        original = self._state.pictures.original
        same_frame = original is not None and original.frame == picture.frame
        if same_frame and picture.level == self._state.comparison.level and not self._state.playhead.playing:
            self._state.pictures.rebuilt = picture
            self._renew()

    def _on_failed(self, video: int, text: str, details: str, closed: bool) -> None:
        if video != self._video:
            return  # nobody waits for it any more
        self._state.playhead.playing = False
        if closed:
            self._state.document.close()
        self.failed.emit(text, details)
