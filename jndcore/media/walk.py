"""Getting to a frame: going on from where the decoder is, or starting at the key frame before it.

Where the run from that key frame cannot be trusted, an earlier one is tried, and in the end the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from jndcore.media.decoder import Decoder
from jndcore.media.frame import Frame
from jndcore.media.index import FrameIndex, scan
from jndcore.media.info import VideoInfo, clockwise, describe
from jndcore.media.numbering import Numbering
from jndcore.media.run import BrokenRunError, Numbered, Run, nothing_decodes
from jndcore.media.shortfall import shortfall

CARRY_ON = 8
"""Decoding this many frames further is cheaper than a seek, which empties the decoder's threads."""

LOOK_AHEAD = 8
"""Frames decoded on opening."""

DAMAGED = "Some data are damaged: pictures may be missing or wrong there."
RESIZED = "The picture size changes on the way: all frames are scaled to the first one's."


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
        self.opening: list[Frame] = []
        self._resized = False
        self._surveyed = False
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
        table = scan(self._decoder.container, stream)
        self._shortfall = shortfall(self._decoder.container, stream, table)
        self._numbering = Numbering(table)
        self._run = Run(self._decoder, table, self._numbering)
        self._run.begin(None)
        first = self._decoder.next()
        if first is None or not first.width or not first.height:
            raise nothing_decodes(path)
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
            self._run.alive = False
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
        damaged, resized = (DAMAGED,) * self._run.damaged, (RESIZED,) * self._resized
        return (*self._shortfall, *damaged, *resized, *self._numbering.warnings)

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
                    self._run.begin(self._origin_for(n, failures))
                while (numbered := self._run.step()) is not None:
                    frame = self._frame(numbered)
                    on_the_way(frame)
                    if frame.number >= n:
                        return frame
                return None
            except BrokenRunError:
                failures += 1
        return None

    def _carries_on_to(self, n: int) -> bool:
        """Whether going on decoding is the quickest way to frame `n`."""
        here = self._numbering.number
        return self._run.alive and here < n and not len(self._starts(here + CARRY_ON + 1, n + 1))

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
        return pts[~np.isin(pts, list(self._run.unclean))]

    def _frame(self, numbered: Numbered) -> Frame:
        picture, number, pts = numbered
        return Frame(
            self._sized(picture),
            number=number,
            pts=pts,
            time=float((pts - int(self.index.pts[0])) * self.index.time_base),
            key=bool(self.index.key[number]),
            rotation=self._rotation,
        )

    def _sized(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The picture at the first one's size: models and windows rely on one size for all."""
        if (picture.width, picture.height) == self._size:
            return picture
        self._resized = True
        return VideoReformatter().reformat(
            picture, *self._size, interpolation=Interpolation.BICUBIC, threads=1
        )
