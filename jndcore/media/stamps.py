"""Time stamps of packets: where time starts, and stamps in decoding order, which rise over all pieces."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from fractions import Fraction
from math import floor

import numpy as np

from jndcore.media.index import FrameIndex


def start(index: FrameIndex, sounds: Iterable[Fraction]) -> int:
    """The time stamp of a source that is to become 0, in steps of the index's time base.

    Clocks start anywhere: MPEG-TS at 1.4 s, a recording at hours. As FFmpeg does, what is seen or heard first
    comes at 0. Sound before 0 where the pictures start later is a codec's lead-in, which players leave out:
    it stays where it is.

    Parameters
    ----------
    index : FrameIndex
    sounds : iterable of Fraction
        Seconds at which each audio stream starts.
    """
    first = int(index.pts[0])
    earliest = min([first, *(floor(second / index.time_base) for second in sounds)])
    return max(earliest, 0) if first >= 0 else earliest


class DecodeStamps:
    """Decode stamps of a stream that several encoders write one after the other.

    The encoders' own stamps will not do: each takes its delay from its own first frames, so at a join between
    frames of unlike durations they fall back. Here packet ``k`` in coded order gets the pts of frame
    ``k - delay`` in display order. That rises, and is never after the packet's own pts as long as no picture
    is coded more than `delay` places ahead of its turn; nothing passes the first picture of a piece, so the
    joins need no care.

    Parameters
    ----------
    index : FrameIndex
        Of the source, for the first frames: they are decoded before there is a pts to take.
    delay : int
        Frames, 0 where coded and display order are the same.
    """

    def __init__(self, index: FrameIndex, delay: int) -> None:
        ahead = min(delay, len(index) - 1)
        lead = int(index.pts[ahead] - index.pts[0]) + (delay - ahead)
        first = index.pts[:ahead] if ahead == delay else np.arange(delay) + index.pts[0]
        self._due = deque(int(pts) - lead for pts in first)

    def shown(self, pts: int) -> None:
        """The next frame in display order goes into an encoder."""
        self._due.append(pts)

    def take(self) -> int:
        """The decode stamp of the next packet in coded order."""
        return self._due.popleft()


def duration(index: FrameIndex, pts: int) -> int:
    """Steps of the time base that the frame with this pts lasts; the last one as long as most."""
    following = int(np.searchsorted(index.pts, pts, side="right"))
    if following < len(index):
        return int(index.pts[following]) - pts
    return max(1, int(np.median(np.diff(index.pts)))) if len(index) > 1 else 0
