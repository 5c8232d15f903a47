"""Walking through a video's frames: where decoding starts, and whether it can be trusted.

A seek is trusted only if the first picture at or after the key packet is that packet's, is a key frame to
the decoder too, and is whole. Else an earlier key packet is tried, and in the end the beginning.
`jndcore.media.numbering` tells how the pictures of such a run get their numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from jndcore.media.decoder import Decoder
from jndcore.media.errors import MediaError
from jndcore.media.frame import Frame
from jndcore.media.index import FrameIndex, scan
from jndcore.media.info import VideoInfo, clockwise, describe
from jndcore.media.numbering import Numbering, UntimedError
from jndcore.media.shortfall import shortfall

CARRY_ON = 8
"""Decoding this many frames further is cheaper than a seek, which empties the decoder's threads."""

LOOK_AHEAD = 8
"""Frames decoded on opening."""

DAMAGED = "Some data are damaged: pictures may be missing or wrong there."
RESIZED = "The picture size changes on the way: all frames are scaled to the first one's."


class _BrokenRunError(Exception):
    """The pictures of this run cannot be trusted."""


class Walk:
    """The decoder's path through one file.

    Attributes
    ----------
    opening : list of Frame
        The first frames, decoded on opening; whoever wants them takes them.

    Parameters
    ----------
    path : Path

    Raises
    ------
    MediaError
        Where the file cannot be opened or no frame of it can be decoded.
    """

    def __init__(self, path: Path) -> None:
        self._warnings: list[str] = []
        self._unclean: set[int] = set()
        self._surveyed = False
        self.opening: list[Frame] = []
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
        self._warnings += shortfall(self._decoder.container, stream, self._table)
        self._numbering = Numbering(self._table)
        self._begin(None)
        first = self._decoder.next()
        if first is None or not first.width or not first.height:
            raise self._no_frame()
        self._size = (first.width, first.height)
        self._rotation = clockwise(first)
        self._decoder.put_back(first)
        self._look_ahead()
        self._info = describe(path, self._decoder.stream, first, self.index)
        self._info_index = self.index

    def _look_ahead(self) -> None:
        """Decode the first frames, where most of what is odd about a file's timestamps shows."""
        counted = self._numbering.counted
        self.to(min(LOOK_AHEAD, len(self.index)) - 1, self.opening.append)
        if self._numbering.counted and not counted:
            self._running = False
            self._numbering.start_over()
            self.opening.clear()
        self._surveyed = True

    @property
    def index(self) -> FrameIndex:
        """As far as known; another object once it was corrected."""
        return self._numbering.index

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about the file, for the user."""
        return (*self._warnings, *self._numbering.warnings)

    @property
    def info(self) -> VideoInfo:
        """The facts of the video, in step with the index."""
        if self._info_index is not self.index:
            self._info_index = self.index
            self._info = self._info.with_index(self.index)
        return self._info

    def after(self, frame: Frame) -> int:
        """The number of the frame that follows `frame`, in the index as it now is."""
        if self._numbering.counted:
            return frame.number + 1
        return int(np.searchsorted(self.index.pts, frame.pts, side="right"))

    def follows(self, frame: Frame, last: Frame) -> bool:
        """Whether `frame` comes after `last`; where damage has moved the numbers, it may not."""
        return self._numbering.counted or frame.pts > last.pts

    def to(self, n: int, on_the_way: Callable[[Frame], None]) -> Frame | None:
        """Decode up to frame `n` of the index as it then is.

        Gives a later frame where damage keeps `n` itself from being decoded, and None where the index
        turns out to be shorter.

        Parameters
        ----------
        on_the_way : callable
            Given every frame that is decoded, `n` too.
        """
        failures = 0
        while n < len(self.index):
            try:
                if not self._carries_on_to(n):
                    self._begin(self._origin_for(n, failures))
                while (frame := self._step()) is not None:
                    on_the_way(frame)
                    if frame.number >= n:
                        return frame
                return None
            except _BrokenRunError:
                failures += 1
        return None

    def _carries_on_to(self, n: int) -> bool:
        """Whether going on decoding is the quickest way to frame `n`."""
        here = self._numbering.number
        return self._running and here < n and not len(self._starts(here + CARRY_ON + 1, n + 1))

    def _origin_for(self, n: int, failures: int) -> int | None:
        """The pts to seek to for frame `n`, further back with each failure; None for the beginning."""
        starts = self._starts(0, n + 1)
        back = 1 << max(0, failures - 1)
        return int(starts[-back]) if back <= len(starts) else None

    def _starts(self, start: int, stop: int) -> NDArray[np.int64]:
        """Pts of the key frames from `start` to `stop` (exclusive) that have not proved unclean."""
        if self._numbering.counted or not self._surveyed:
            return np.zeros(0, dtype=np.int64)
        pts = self.index.pts[start:stop][self.index.key[start:stop]]
        return pts[~np.isin(pts, list(self._unclean))]

    def _begin(self, origin: int | None) -> None:
        """Start a run at the key packet with pts `origin`, or at the beginning."""
        self._origin, self._fresh, self._running = origin, True, True
        self._numbering.begin(origin)
        if origin is None:
            self._decoder.rewind()
        elif not self._decoder.seek(self._table, origin):
            self._distrust()

    def _step(self) -> Frame | None:
        """The next frame of the run; None at the end of the file."""
        picture = self._next_picture()
        if picture is None:
            self._end_run()
            return None
        return self._accept(picture)

    def _next_picture(self) -> av.VideoFrame | None:
        """The decoder's next picture, once the run has proved that it can be trusted."""
        picture = self._decoder.next()
        if self._fresh and self._origin is not None:
            while picture is not None and (picture.pts is None or picture.pts < self._origin):
                picture = self._decoder.next()  # a leading picture: it needs what lies before the seek
            if not _starts_cleanly(picture, self._origin):
                self._distrust()
        elif self._decoder.damaged and not self._fresh:
            if not self._decoder.careful:
                self._redo_carefully()
            self._warn(DAMAGED)
        return picture

    def _accept(self, picture: av.VideoFrame) -> Frame:
        """The picture as the next frame of the run."""
        try:
            number, pts = self._numbering.accept(picture.pts)
        except UntimedError:
            self._distrust()
        if self._fresh:
            self._decoder.damaged = False  # that was before the first picture, or among the leading ones
            self._fresh = False
        return Frame(
            self._sized(picture),
            number=number,
            pts=pts,
            time=float((pts - int(self.index.pts[0])) * self.index.time_base),
            key=bool(self.index.key[number]),
            rotation=self._rotation,
        )

    def _end_run(self) -> None:
        if self._numbering.shortfall() and not self._decoder.careful:
            self._redo_carefully()  # PyAV drops what threads still hold when one of them reports an error
        if self._decoder.careful and not self._decoder.damaged:
            self._decoder.be_careful(False)
        self._running = False
        if self._numbering.number < 0:
            raise self._no_frame()
        self._numbering.end()

    def _distrust(self) -> NoReturn:
        """Give the run up: its origin is not used again; if that was the beginning, pts are not."""
        self._running = False
        if self._origin is None:
            self._numbering.count()
        else:
            self._unclean.add(self._origin)
        raise _BrokenRunError

    def _redo_carefully(self) -> NoReturn:
        """Give the run up and go on in one thread, which treats damage the same way each time."""
        self._running = False
        self._decoder.be_careful(True)
        raise _BrokenRunError

    def _sized(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The picture at the first one's size: models and windows rely on one size for all."""
        if (picture.width, picture.height) == self._size:
            return picture
        self._warn(RESIZED)
        return VideoReformatter().reformat(
            picture, *self._size, interpolation=Interpolation.BICUBIC, threads=1
        )

    def _no_frame(self) -> MediaError:
        return MediaError(
            f"{self._decoder.path}: no frame of it can be decoded; copy it again, or convert it to H.264."
        )

    def _warn(self, text: str) -> None:
        if text not in self._warnings:
            self._warnings.append(text)


def _starts_cleanly(picture: av.VideoFrame | None, origin: int) -> bool:
    return picture is not None and picture.pts == origin and picture.key_frame and not picture.is_corrupt
