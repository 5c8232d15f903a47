"""Which number each decoded picture gets, and how the index is corrected on the way.

1. Each packet of the file promises one frame, except packets that the container marks to be discarded;
   sorted by pts they make the index. A reader decodes the first picture at once, and what the decoder skips
   before it leaves the index: frame 0 is the first picture that FFmpeg gives out.
2. Decoding checks the promise. A *run* begins at the beginning of the file, or at a key packet that decodes
   cleanly, and inside a run the decoder's word is final: a packet that yields no picture (the second field
   of an H.264 frame, a hidden AV1 frame, a damaged packet) leaves the index, a picture that was not
   promised enters it. So numbers behind a run from the beginning never change again; numbers ahead of it
   may, when a run reaches them. After a whole pass from frame 0 the index is the truth. (Damage is the
   exception: what is lost may depend on where decoding began. A frame seen once stays in the index.)
3. A correction makes a new `FrameIndex`; the first one makes a warning. Pts do not change by it, so whoever
   keeps numbers while the index may change looks them up again: ``index.find(pts)``.
4. Where pts cannot name frames (missing, repeated, running backwards) frames are counted from the
   beginning and shown at even intervals; there is nothing to seek by, so going back decodes anew. Should
   that show only in the middle of the file, the frames up to there keep their pts.
"""

from __future__ import annotations

import numpy as np

from jndcore.media.index import FrameIndex, PacketTable

UNTIMED = "Timestamps are missing or run backwards: frames are counted, and shown at even intervals."
AMENDED = "Some packets hold no picture of their own: frame numbers are corrected as decoding goes on."


class UntimedError(Exception):
    """A picture's pts does not follow the one before."""


class Numbering:
    """The index of one video, and the place of a run in it.

    Attributes
    ----------
    index : FrameIndex
        As far as known.
    counted : bool
        Frames are counted, since pts cannot name them.
    amended : bool
        The index was corrected.
    number : int
        Of the last picture in the run; -1 before the first of the file.
    """

    def __init__(self, table: PacketTable) -> None:
        self._table = table
        self.counted = not table.timed
        self.index: FrameIndex = table.counted_frames() if self.counted else table.frames()
        self._seen = np.zeros(len(self.index), dtype=bool)
        self.amended = False
        self.begin(None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about the numbers, for the user."""
        return (UNTIMED,) * self.counted + (AMENDED,) * self.amended

    def begin(self, origin: int | None) -> None:
        """A run starts with the picture whose pts is `origin`, or with the first of the file."""
        self.number = -1 if origin is None else self.index.find(origin) - 1
        self._last = None if origin is None else origin - 1

    def accept(self, pts: int | None) -> tuple[int, int]:
        """The number and the pts of the run's next picture, which itself claims `pts`.

        Raises
        ------
        UntimedError
            Where frames are not counted yet, and `pts` is missing or not later than the last one.
        """
        if self.counted:
            pts = self._due(self.number + 1)
        elif pts is None or (self._last is not None and pts <= self._last):
            raise UntimedError
        self._drop(self.number + 1, int(np.searchsorted(self.index.pts, pts)))
        number = int(np.searchsorted(self.index.pts, pts))
        if number == len(self.index) or int(self.index.pts[number]) != pts:
            self._add(number, pts)
        self._seen[number] = True
        self.number, self._last = number, pts
        return number, pts

    def shortfall(self) -> bool:
        """Frames of the index lie ahead of the run."""
        return self.number + 1 < len(self.index)

    def end(self) -> None:
        """The file has ended: what lies ahead of the run is not there."""
        self._drop(self.number + 1, len(self.index))

    def count(self) -> None:
        """From now on, count; what the run has shown so far stays."""
        shown = self.number + 1
        self.counted = True
        self.index = self.index.counted_from(shown, self._table.shown, self._table.step)
        self._seen = np.arange(len(self.index)) < shown

    def start_over(self) -> None:
        """Count, and forget what was shown."""
        self.begin(None)
        self.counted, self.index, self.amended = True, self._table.counted_frames(), False
        self._seen = np.zeros(len(self.index), dtype=bool)

    def _due(self, number: int) -> int:
        """The pts of a counted frame; the index may turn out too short for it."""
        if number < len(self.index):
            return int(self.index.pts[number])
        return 0 if self._last is None else self._last + self._table.step

    def _drop(self, start: int, stop: int) -> None:
        """Frames `start` to `stop` (exclusive) leave the index, unless they were seen once."""
        gone = start + np.flatnonzero(~self._seen[start:stop])
        if len(gone):
            self.index = self.index.without(gone)
            self._seen = np.delete(self._seen, gone)
            self.amended = True

    def _add(self, number: int, pts: int) -> None:
        self.index = self.index.including(number, pts)
        self._seen = np.insert(self._seen, number, False)
        self.amended = True
