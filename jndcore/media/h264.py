"""What an H.264 stream tells of its pictures: the macroblocks' QPs, and whether others refer to a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator

import av
import numpy as np
from av.sidedata.sidedata import Type

_IDR = 5
_SLICES = (1, 2, _IDR)
"""nal_unit_type of a slice, its partition A, and a slice of an IDR picture (ITU-T H.264, table 7-1)."""


def length_size(extradata: bytes | None) -> int | None:
    """Bytes of the length before each NAL unit, by the stream's header; None where start codes part them."""
    if extradata and extradata[0] == 1 and len(extradata) > 4:  # an avcC record (ISO/IEC 14496-15)
        return (extradata[4] & 3) + 1
    return None


def is_referenced(packet: bytes, size: int | None) -> bool:
    """Whether nal_ref_idc of a packet's first slice is above 0.

    Parameters
    ----------
    packet : bytes
        One picture.
    size : int or None
        See `length_size`.
    """
    return any(head >> 5 & 3 for head in _heads(packet, size) if head & 31 in _SLICES)


def is_idr(packet: bytes, size: int | None) -> bool:
    """Whether a packet's picture is an IDR: the decoder forgets all before it.

    An I picture with a recovery point, which starts an open GOP, is none.
    """
    return any(head & 31 == _IDR for head in _heads(packet, size))


def _heads(packet: bytes, size: int | None) -> Iterator[int]:
    """The first byte of each NAL unit."""
    at = 0
    while True:
        if size is None:
            at = packet.find(b"\0\0\1", at) + 3
            if at < 3:
                return
            following = at
        else:
            following = at + size + int.from_bytes(packet[at : at + size], "big")
            at += size
        if at >= len(packet):
            return
        yield packet[at]
        at = following


def macroblock_qps(frame: av.VideoFrame) -> tuple[float, float, float]:
    """Smallest, mean and largest QP of a frame's macroblocks; NaN where the decoder tells of none."""
    found = frame.side_data.get(Type.VIDEO_ENC_PARAMS)  # type: ignore[call-overload]
    if found is None or found.nb_blocks == 0:
        return (math.nan,) * 3
    raw = np.frombuffer(memoryview(found), np.uint8)[found.blocks_offset :]
    blocks = raw[: found.nb_blocks * found.block_size].reshape(-1, found.block_size)
    qps = found.qp + blocks[:, 16:20].copy().view(np.int32)[:, 0]  # AVVideoBlockParams: x, y, w, h, delta_qp
    qps = qps[qps > 0]  # FFmpeg gives raw samples QP 0
    if not len(qps):
        return (math.nan,) * 3
    offset = 6 * (frame.format.components[0].bits - 8)
    return float(qps.min() - offset), float(qps.mean() - offset), float(qps.max() - offset)
