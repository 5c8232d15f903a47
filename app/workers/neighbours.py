"""The frames next to the one on screen, as far as they cost next to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jndcore.errors import JNDError

if TYPE_CHECKING:
    from jndcore.media import Frame, Reader


def neighbours(reader: Reader, frame: Frame) -> list[Frame]:
    """The frame before, where it is at hand, and the one after, which is decoded.

    The frame before lies in memory after a step, and after a seek into a GOP. At a key frame that a seek
    led to it would cost a GOP of decoding, which nobody waits for gladly.

    Returns
    -------
    list of Frame
        In display order; none where reading showed that `frame` has another number.
    """
    before = reader.held(frame.number - 1)
    try:
        after = reader.read(frame.number + 1)
    except (IndexError, JNDError):  # the last frame, or one before damage: there is none to show
        after = None
    if reader.index.place(frame.pts, frame.number) != frame.number:
        return []
    return [one for one in (before, after) if one is not None]
