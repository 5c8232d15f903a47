"""Small videos made for the tests, and plain sequential decoding to compare with."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, FRAMES, GOP = 160, 96, 60, 20


def picture(i: int, pix_fmt: str = "yuv420p", size: tuple[int, int] = (WIDTH, HEIGHT)) -> av.VideoFrame:
    """Moving blocks that change every GOP; the top left corner spells `i` in black and white."""
    width, height = size
    blocks = np.random.default_rng(i // GOP).integers(
        40, 200, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8
    )
    rgb = np.roll(blocks.repeat(8, 0).repeat(8, 1), (2 * i, 3 * i), (0, 1))[:height, :width].copy()
    for bit in range(8):
        rgb[:8, 8 * bit : 8 * bit + 8] = 255 * (i >> bit & 1)
    return av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format=pix_fmt)


def encode(
    path: Path,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    *,
    frames: int = FRAMES,
    pix_fmt: str = "yuv420p",
    size: tuple[int, int] = (WIDTH, HEIGHT),
    pts: Callable[[int], int] = int,
    time_base: Fraction = Fraction(1, 25),
    muxer: dict[str, str] | None = None,
    picture_of: Callable[[int], av.VideoFrame] | None = None,
) -> Path:
    """Write a video; 25 frames a second unless `pts` and `time_base` say otherwise."""
    with av.open(str(path), "w", options=muxer or {}) as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.codec_context.time_base = time_base
        for i in range(frames):
            frame = picture_of(i) if picture_of else picture(i, pix_fmt, size)
            frame.pts, frame.time_base = pts(i), time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def x264(extra: str = "") -> dict[str, str]:
    """A GOP of `GOP` frames with a pyramid of B-frames."""
    gop = f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=3:b-pyramid=normal"
    return {"preset": "fast", "x264-params": f"{gop}:{extra}" if extra else gop}


def x265() -> dict[str, str]:
    """Open GOPs: CRA pictures with RASL pictures before them."""
    gop = f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=4:open-gop=1"
    return {"preset": "ultrafast", "x265-params": f"{gop}:log-level=none"}


def remux(
    source: Path,
    target: Path,
    change: Callable[[int, av.Packet], av.Packet | None] = lambda _, packet: packet,
    muxer: dict[str, str] | None = None,
) -> Path:
    """Copy the packets of `source`, each after `change` (None leaves it out)."""
    with av.open(str(source)) as given, av.open(str(target), "w", options=muxer or {}) as out:
        stream = given.streams.video[0]
        copy = out.add_stream_from_template(stream)
        for i, packet in enumerate(p for p in given.demux(stream) if p.size):
            changed = change(i, packet)
            if changed is not None:
                changed.stream = copy
                out.mux(changed)
    return target


def decode(path: Path) -> list[tuple[int | None, bytes]]:
    """Pts and samples of every frame, decoded from the beginning in one thread: the reference."""
    decoded = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        for packet in container.demux(stream):
            try:
                pictures = stream.codec_context.decode(packet if packet.size else None)
            except av.error.InvalidDataError:
                continue
            decoded += [(frame.pts, frame.to_ndarray().tobytes()) for frame in pictures]
    return decoded


def pixel_format(path: Path) -> str:
    """FFmpeg's name of the samples' layout."""
    with av.open(str(path)) as container:
        return container.streams.video[0].format.name
