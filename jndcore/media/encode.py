"""Encoding in memory, for training data."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import chain

import av
from av.error import FFmpegError

from jndcore.media.errors import MediaError
from jndcore.media.planes import Planes, from_av, to_av


def encode_x264(
    frames: Iterable[Planes], qp: int, *, fps: Fraction | int = 25, preset: str = "medium"
) -> list[Planes]:
    """What libx264 at a constant QP makes of a clip: encoded and decoded again, nothing written.

    Parameters
    ----------
    frames : iterable of Planes
        One size, 8-bit 4:2:0.
    qp : int
        x264's ``--qp``, 1 to 51: P frames; I frames take 3 less, B frames 1 or 2 more.
    fps : Fraction or int
        Frames a second, above 0; written to the stream, no part of rate control here.
    preset : str
        x264's preset.

    Returns
    -------
    list of Planes
        As many as went in, in the same order.

    Raises
    ------
    MediaError
        Where libx264 refuses the size, QP or preset.
    """
    if not 1 <= qp <= 51:
        raise MediaError(f"libx264 takes a QP of 1 to 51 here (0 is lossless 4:4:4), not {qp}.")
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        return []
    encoder = _encoder(first, qp, Fraction(fps), preset)
    decoder = av.CodecContext.create("h264", "r")
    decoded: list[Planes] = []
    for i, planes in enumerate(chain([first], frames)):
        if planes.y.shape != first.y.shape:
            raise MediaError("libx264 encodes frames of one size; crop or scale the clip's frames first.")
        picture = to_av(planes)
        picture.pts = i
        for packet in encoder.encode(picture):
            decoded += map(from_av, decoder.decode(packet))
    for packet in encoder.encode(None):
        decoded += map(from_av, decoder.decode(packet))
    return decoded + [from_av(picture) for picture in decoder.decode(None)]


def _encoder(first: Planes, qp: int, fps: Fraction, preset: str) -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.height, encoder.width = first.y.shape
    encoder.pix_fmt = "yuv420p"
    encoder.framerate = fps
    encoder.time_base = 1 / fps
    encoder.options = {"qp": str(qp), "preset": preset}
    try:
        encoder.open()
    except FFmpegError as error:
        raise MediaError(
            f"libx264 cannot encode {encoder.width}x{encoder.height} at QP {qp} with preset {preset!r} "
            f"({error.strerror}); choose even sizes and a preset of x264."
        ) from error
    return encoder
