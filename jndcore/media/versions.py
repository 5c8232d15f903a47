"""Which libx264 PyAV's wheel holds: what a cache of encodes must know."""

from __future__ import annotations

import re
from fractions import Fraction

import av
import numpy as np

from jndcore.media.planes import Planes, to_av

SIDE = 16
_BANNER = re.compile(rb"x264 - (core .*?) - ")


def x264_version() -> str:
    """The version that libx264 writes into its streams, ``"core 165"`` or ``"core 164 r3095 baee400"``.

    FFmpeg does not tell it, so one picture of a macroblock is encoded (2 ms) and its SEI message read;
    ``"unknown"`` where the library was built to write none.
    """
    encoder = av.CodecContext.create("libx264", "w")
    encoder.height = encoder.width = SIDE
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"preset": "ultrafast"}
    grey = np.full((SIDE, SIDE), 128, np.uint8)
    half = grey[::2, ::2].copy()
    picture = to_av(Planes(grey, half, half))
    picture.pts = 0
    stream = b"".join(bytes(packet) for frame in (picture, None) for packet in encoder.encode(frame))
    banner = _BANNER.search(stream)
    return banner[1].decode("ascii", "replace") if banner else "unknown"
