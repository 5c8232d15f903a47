"""Encoding in memory, for training data and for figures of error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

import av
from av.error import FFmpegError

from jndcore.media.errors import MediaError
from jndcore.media.planes import Planes, from_av, to_av


@dataclass(frozen=True)
class Encode:
    """What came of a clip.

    Attributes
    ----------
    planes : list of Planes
        The decoded frames, as many as went in, in the same order.
    bytes : int
        Of the H.264 stream: the sum of its packets, without a container.
    """

    planes: list[Planes]
    bytes: int


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
    return measure_x264(frames, qp, fps=fps, preset=preset, threads=0).planes


def measure_x264(
    frames: Iterable[Planes],
    qp: int,
    *,
    fps: Fraction | int,
    preset: str = "medium",
    threads: int = 1,
    x264: str = "",
) -> Encode:
    """Encode a clip with libx264 at a constant QP and decode it again, nothing written.

    Parameters
    ----------
    frames, qp, fps, preset
        See `encode_x264`.
    threads : int
        Of x264. With 1 the result is the same on every machine; 0 is PyAV's choice, a slice for each core,
        which is about 1 % larger on two cores and more on many.
    x264 : str
        Parameters of x264's own, ``name=value`` joined by colons, over those of the preset.

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
        return Encode([], 0)
    encoder = _encoder(first, qp, Fraction(fps), threads, {"preset": preset, "x264-params": x264})
    decoder = av.CodecContext.create("h264", "r")
    decoded: list[Planes] = []
    size = 0
    for packet in _packets(encoder, chain([first], frames), first.y.shape):
        size += packet.size
        decoded += map(from_av, decoder.decode(packet))
    return Encode(decoded + [from_av(picture) for picture in decoder.decode(None)], size)


def _packets(
    encoder: av.VideoCodecContext, frames: Iterable[Planes], shape: tuple[int, ...]
) -> Iterator[av.Packet[av.VideoStream]]:
    for i, planes in enumerate(frames):
        if planes.y.shape != shape:
            raise MediaError("libx264 encodes frames of one size; crop or scale the clip's frames first.")
        picture = to_av(planes)
        picture.pts = i
        yield from encoder.encode(picture)
    yield from encoder.encode(None)


def _encoder(
    first: Planes, qp: int, fps: Fraction, threads: int, options: dict[str, str]
) -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.height, encoder.width = first.y.shape
    encoder.pix_fmt = "yuv420p"
    encoder.framerate = fps
    encoder.time_base = 1 / fps
    encoder.thread_count = threads
    encoder.options = {"qp": str(qp), **options}
    try:
        encoder.open()
    except FFmpegError as error:
        told = " and ".join(filter(None, (f"preset {options['preset']!r}", options["x264-params"])))
        raise MediaError(
            f"libx264 cannot encode {encoder.width}x{encoder.height} at QP {qp} with {told} "
            f"({error.strerror}); choose even sizes and a preset of x264."
        ) from error
    return encoder
