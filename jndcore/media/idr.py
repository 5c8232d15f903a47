"""H.264's rule for two key pictures in a row: their idr_pic_id must differ (ITU-T H.264, 7.4.3).

Else nothing tells the second from another slice of the first. An encoder lets its IDR pictures take 0 and 1
by turns, and each piece has an encoder of its own, which starts with 0: where a piece ends in a lone IDR
picture with 0, the next must start with 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from av.video.frame import PictureType

if TYPE_CHECKING:
    import av


class IdrIds:
    """Keeps the ids of a stream of pieces apart."""

    def __init__(self) -> None:
        self._next = 0
        self._last: int | None = None
        self._unwanted = 0

    def start(self, encoder: av.VideoCodecContext, first: av.VideoFrame) -> list[av.Packet[av.VideoStream]]:
        """A new encoder is about to get `first`; its packets so far, usually none.

        Where its first id would repeat the last one it is given that picture once too often, and made to
        start anew: `kept` leaves the packet out. (In CQP the others do not depend on it.)
        """
        self._next = 0
        if self._last != self._next:
            return []
        self._unwanted = 1
        pts = first.pts
        first.pts = (pts or 0) - 1
        packets = encoder.encode(first)
        first.pts = pts
        first.pict_type = PictureType.I
        return packets

    def kept(self, packets: list[av.Packet[av.VideoStream]]) -> list[av.Packet[av.VideoStream]]:
        """Those of an encoder's `packets` that belong to the stream."""
        for packet in packets:
            self._last = self._next if packet.is_keyframe else None
            self._next ^= packet.is_keyframe
        kept = packets[self._unwanted :]
        self._unwanted -= len(packets) - len(kept)
        return kept
