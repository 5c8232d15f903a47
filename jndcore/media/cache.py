"""A cache of decoded frames, bounded in bytes."""

from __future__ import annotations

from collections import OrderedDict

from jndcore.media.frame import Frame


class FrameCache:
    """The frames decoded last, by pts; the ones used longest ago leave first.

    Parameters
    ----------
    capacity : int
        Bytes of picture data to hold. One frame is kept however large it is.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.nbytes = 0
        self._frames: OrderedDict[int, Frame] = OrderedDict()

    def __len__(self) -> int:
        return len(self._frames)

    def get(self, pts: int) -> Frame | None:
        """The frame with this pts, now the one used last; None where it is not held."""
        frame = self._frames.get(pts)
        if frame is not None:
            self._frames.move_to_end(pts)
        return frame

    def put(self, frame: Frame) -> None:
        """Hold `frame`, and let go of others until the bytes fit."""
        old = self._frames.pop(frame.pts, None)
        self.nbytes += frame.nbytes - (old.nbytes if old is not None else 0)
        self._frames[frame.pts] = frame
        while self.nbytes > self.capacity and len(self._frames) > 1:
            _, gone = self._frames.popitem(last=False)
            self.nbytes -= gone.nbytes

    def clear(self) -> None:
        """Let go of everything."""
        self._frames.clear()
        self.nbytes = 0
