"""Walking through a video's frames: where decoding starts, and which number each picture gets.

How frames get their numbers
----------------------------
1. Each packet of the file promises one frame, except packets that the container marks to be discarded;
   sorted by pts they make the index. The decoder is started at the beginning at once, and what it skips
   before its first picture leaves the index: frame 0 is the first picture that FFmpeg gives out.
2. Decoding checks the promise. A *run* begins at the beginning of the file, or at a key packet that decodes
   cleanly, and inside a run the decoder's word is final: a packet that yields no picture (the second field
   of an H.264 frame, a hidden VP9 frame, a damaged packet) leaves the index, a picture that was not
   promised enters it. So numbers behind a run from the beginning never change again; numbers ahead of it
   may, when a run reaches them. After a whole pass from frame 0 the index is the truth.
3. A correction makes a new `FrameIndex`; the first one makes a warning. Pts do not change by it, so whoever
   keeps numbers while the index may change looks them up again: ``index.find(pts)``.
4. Where pts cannot name frames (missing, repeated, running backwards) frames are counted from the
   beginning and shown at even intervals; there is nothing to seek by, so going back decodes anew.

A seek is trusted only if the first picture at or after the key packet is that packet's, is a key frame to
the decoder too, and is whole. Else an earlier key packet is tried, and in the end the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from jndcore.media.decoder import Decoder
from jndcore.media.errors import MediaError
from jndcore.media.frame import Frame
from jndcore.media.index import scan
from jndcore.media.info import VideoInfo, clockwise, describe
from jndcore.media.shortfall import shortfall

CARRY_ON = 8
"""Decoding this many frames further is cheaper than a seek, which empties the decoder's threads."""

UNTIMED = "Timestamps are missing or run backwards: frames are counted, and shown at even intervals."
AMENDED = "Some packets hold no picture of their own: frame numbers are corrected as decoding goes on."
DAMAGED = "Some data are damaged: pictures may be missing or wrong there."
RESIZED = "The picture size changes on the way: all frames are scaled to the first one's."


class _BrokenRunError(Exception):
    """The pictures of this run cannot be trusted."""


class Walk:
    """The decoder's path through one file.

    Attributes
    ----------
    index : FrameIndex
        As far as known; replaced when decoding shows it to be wrong.
    counted : bool
        Frames are counted, since pts cannot name them.
    info : VideoInfo
    warnings : list of str

    Parameters
    ----------
    path : Path

    Raises
    ------
    MediaError
        Where the file cannot be opened or no frame of it can be decoded.
    """

    def __init__(self, path: Path) -> None:
        self.warnings: list[str] = []
        self._unclean: set[int] = set()
        self._decoder = Decoder(path)
        try:
            self._survey(path)
        except BaseException:
            self._decoder.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._decoder.close()

    def _survey(self, path: Path) -> None:
        stream = self._decoder.stream
        self._table = scan(self._decoder.container, stream)
        self.counted = not self._table.timed
        self.index = self._table.counted_frames() if self.counted else self._table.frames()
        self.warnings += shortfall(self._decoder.container, stream, self._table)
        if self.counted:
            self._warn(UNTIMED)
        self._begin(None)
        first = self._decoder.next()
        if first is None or not first.width or not first.height:
            raise MediaError(f"{path}: no frame of it can be decoded; copy it again, or convert it to H.264.")
        self._size = (first.width, first.height)
        self._rotation = clockwise(first)
        self.opening = self._accept(first)
        self._info = describe(path, self._decoder.stream, first, self.index, self._table.step)

    @property
    def info(self) -> VideoInfo:
        """The facts of the video, in step with the index."""
        if self._info.frames != len(self.index):
            self._info = self._info.with_index(self.index, self._table.step)
        return self._info

    def to(self, n: int, on_the_way: Callable[[Frame], None]) -> Frame | None:
        """Decode up to frame `n` of the index as it then is; None where it turns out to be shorter.

        Parameters
        ----------
        on_the_way : callable
            Given every frame that is decoded, `n` too.
        """
        failures = 0
        while n < len(self.index):
            try:
                if not self._carries_on_to(n):
                    self._begin(self._start_for(n, failures))
                while (frame := self._step()) is not None:
                    on_the_way(frame)
                    if frame.number == n:
                        return frame
            except _BrokenRunError:
                failures += 1
        return None

    def _carries_on_to(self, n: int) -> bool:
        """Whether going on decoding is the quickest way to frame `n`."""
        if not self._running or n <= self._number:
            return False
        starts = self._starts(n)
        return not len(starts) or starts[-1] <= self._number + CARRY_ON

    def _starts(self, n: int) -> list[int]:
        """Key frames up to `n` that have not proved unclean, rising."""
        if self.counted:
            return []
        keys = np.flatnonzero(self.index.key[: n + 1])
        return [int(k) for k in keys if int(self.index.pts[k]) not in self._unclean]

    def _start_for(self, n: int, failures: int) -> int | None:
        """The pts to seek to for frame `n`, further back with each failure; None for the beginning."""
        starts = self._starts(n)
        back = 1 << max(0, failures - 1)
        return int(self.index.pts[starts[-back]]) if back <= len(starts) else None

    def _begin(self, origin: int | None) -> None:
        """Start a run at the key packet with pts `origin`, or at the beginning."""
        self._origin, self._fresh, self._running = origin, True, True
        self._before_run = self.index, len(self.warnings)
        if origin is None:
            self._number, self._last = -1, None
            self._decoder.rewind()
            return
        self._number, self._last = self.index.find(origin) - 1, origin - 1
        if not self._decoder.seek(self._table, origin):
            raise self._broken()

    def _step(self) -> Frame | None:
        """The next frame of the run; None at the end of the file."""
        picture = self._decoder.next()
        while self._fresh and self._origin is not None and _before(picture, self._origin):
            picture = self._decoder.next()
        if self._fresh and self._origin is not None and not _starts_at(picture, self._origin):
            raise self._broken()
        if self._decoder.damaged and not self._fresh:
            self._face_damage()
        if picture is None:
            return self._end_run()
        return self._accept(picture)

    def _end_run(self) -> None:
        """Take what the file did not hold out of the index; PyAV drops pictures of threads behind an error."""
        missing = self._number + 1 < len(self.index)
        if missing and not self._decoder.careful:
            self._redo_carefully()
        if self._decoder.careful and not self._decoder.damaged:
            self._decoder.be_careful(False)
        self._running = False
        self._correct(self._number + 1, len(self.index), None)

    def _accept(self, picture: av.VideoFrame) -> Frame:
        """Number a picture of the run, and correct the index by it."""
        pts = self._stamp(picture)
        number = self._number + 1
        stop = int(np.searchsorted(self.index.pts, pts))
        promised = stop < len(self.index) and self.index.pts[stop] == pts
        self._correct(number, stop, None if promised else pts)
        if self._fresh:
            self._decoder.damaged = False  # that was before the first picture, or among the leading ones
        self._number, self._last, self._fresh = number, pts, False
        return Frame(
            self._sized(picture),
            number=number,
            pts=pts,
            time=float((pts - self.index.pts[0]) * self.index.time_base),
            key=bool(self.index.key[number]),
            rotation=self._rotation,
        )

    def _stamp(self, picture: av.VideoFrame) -> int:
        """The picture's pts; a count where frames are counted."""
        if self.counted:
            return 0 if self._last is None else self._last + self._table.step
        if picture.pts is None or (self._last is not None and picture.pts <= self._last):
            raise self._broken()
        return picture.pts

    def _broken(self) -> _BrokenRunError:
        """End the run: its start is not to be used again; from the beginning on, pts are not."""
        self._undo_run()
        if self._origin is not None:
            self._unclean.add(self._origin)
        else:
            self.counted = True
            self.index = self._table.counted_frames()
            self._warn(UNTIMED)
        return _BrokenRunError()

    def _undo_run(self) -> None:
        self._running = False
        self.index, warnings = self._before_run
        del self.warnings[warnings:]

    def _correct(self, start: int, stop: int, missed: int | None) -> None:
        """Take frames `start` to `stop` (exclusive) out of the index, put one with pts `missed` in."""
        if start == stop and missed is None:
            return
        self.index = self.index.amended(start, stop, missed)
        self._warn(AMENDED)

    def _face_damage(self) -> None:
        """Decode in one thread, which treats damage the same way each time."""
        if not self._decoder.careful:
            self._redo_carefully()
        self._warn(DAMAGED)

    def _redo_carefully(self) -> NoReturn:
        self._undo_run()
        self._decoder.be_careful(True)
        raise _BrokenRunError

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    def _sized(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The picture at the first one's size: models and windows rely on one size for all."""
        if (picture.width, picture.height) == self._size:
            return picture
        self._warn(RESIZED)
        return VideoReformatter().reformat(
            picture, *self._size, interpolation=Interpolation.BICUBIC, threads=1
        )


def _before(picture: av.VideoFrame | None, origin: int) -> bool:
    """A leading picture of the key frame: its references may lie before the seek."""
    return picture is not None and (picture.pts is None or picture.pts < origin)


def _starts_at(picture: av.VideoFrame | None, origin: int) -> bool:
    return picture is not None and picture.pts == origin and picture.key_frame and not picture.is_corrupt
