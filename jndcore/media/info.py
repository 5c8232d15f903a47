"""What a file says about its video."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from jndcore.media.colour import MATRICES, PRIMARIES, RANGES, TRANSFERS
from jndcore.media.hdr import hdr_name
from jndcore.media.index import FrameIndex
from jndcore.results import VideoIdentity

HEAD = 1 << 20
"""Bytes of a file that its identity hashes."""

SMALLEST, LARGEST = (640, 360), (1280, 720)
"""Picture sizes that the labels cover."""


@dataclass(frozen=True)
class VideoInfo:
    """The facts of one video stream.

    Attributes
    ----------
    path : Path
    identity : VideoIdentity
    container, codec, profile, pix_fmt : str
        FFmpeg's names; `profile` is empty where unknown.
    width, height : int
        Pixels as displayed, after rotation.
    bit_depth : int
        Bits a sample.
    chroma : str
        ``"4:2:0"``, ``"4:2:2"``, ``"4:4:4"``, ``"4:0:0"`` (gray), ``"RGB"`` ...
    fps : Fraction or None
        Average frames a second.
    time_base : Fraction
        Seconds of one pts step.
    duration : float
        Seconds from the start of the first frame to the end of the last.
    frames : int
        Displayed frames, as far as known; corrected along with the reader's index.
    rotation : int
        Clockwise turn of the decoded picture for display, 0, 90, 180 or 270 degrees.
    color_range, color_matrix, color_primaries, color_transfer : str
        As the first frame states them; ``"unspecified"`` where it does not.
    hdr : str or None
        ``"PQ"`` or ``"HLG"``.
    interlaced : bool
        The first frame is interlaced.
    variable_frame_rate : bool
        Frames last differently long: more than rounding to the time base, or a frame dropped here and there.
    start_time : float
        Seconds, the first displayed frame's pts.
    extrapolated : tuple of str
        Why the labels do not cover this video.
    """

    path: Path
    identity: VideoIdentity
    container: str
    codec: str
    profile: str
    pix_fmt: str
    width: int
    height: int
    bit_depth: int
    chroma: str
    fps: Fraction | None
    time_base: Fraction
    duration: float
    frames: int
    rotation: int
    color_range: str
    color_matrix: str
    color_primaries: str
    color_transfer: str
    hdr: str | None
    interlaced: bool
    variable_frame_rate: bool
    start_time: float
    extrapolated: tuple[str, ...]

    def with_index(self, index: FrameIndex) -> VideoInfo:
        """These facts with the frame count, the rate and the duration of a corrected index."""
        frames, duration = len(index), _duration(index, self.fps)
        fps = _rate(self.fps, frames, duration)
        return replace(
            self,
            identity=replace(self.identity, frames=frames, duration=duration, fps=float(fps or 0)),
            frames=frames,
            duration=duration,
            fps=fps,
            variable_frame_rate=_varies(index),
        )


def describe(path: Path, stream: av.VideoStream, first: av.VideoFrame, index: FrameIndex) -> VideoInfo:
    """Gather what the stream, its first frame and its index say."""
    rotation = clockwise(first)
    width, height = (first.height, first.width) if rotation in (90, 270) else (first.width, first.height)
    bits = first.format.components[0].bits
    hdr = hdr_name(int(first.color_trc))
    extrapolated = _beyond_labels(hdr, bits, first.interlaced_frame, width, height)
    duration = _duration(index, stream.average_rate)
    fps = _rate(stream.average_rate, len(index), duration)
    return VideoInfo(
        path=path,
        identity=VideoIdentity(
            name=path.name,
            size=path.stat().st_size,
            duration=duration,
            head_sha256=head_sha256(path),
            width=width,
            height=height,
            fps=float(fps or 0),
            frames=len(index),
            time_base=str(index.time_base),
            extrapolated=extrapolated,
        ),
        container=stream.container.format.name,
        codec=stream.codec_context.codec.canonical_name,
        profile=stream.profile or "",
        pix_fmt=first.format.name,
        width=width,
        height=height,
        bit_depth=bits,
        chroma=_chroma(first),
        fps=fps,
        time_base=index.time_base,
        duration=duration,
        frames=len(index),
        rotation=rotation,
        color_range=RANGES.get(int(first.color_range), "unspecified"),
        color_matrix=MATRICES.get(int(first.colorspace), "unspecified"),
        color_primaries=PRIMARIES.get(int(first.color_primaries), "unspecified"),
        color_transfer=TRANSFERS.get(int(first.color_trc), "unspecified"),
        hdr=hdr,
        interlaced=first.interlaced_frame,
        variable_frame_rate=_varies(index),
        start_time=float(index.pts[0] * index.time_base),
        extrapolated=extrapolated,
    )


def clockwise(frame: av.VideoFrame) -> int:
    """The clockwise turn that a frame's display matrix asks for, to the nearest quarter, in degrees.

    FFmpeg counts anticlockwise. A mirror in the matrix is not applied.
    """
    return round(-frame.rotation / 90) % 4 * 90


def head_sha256(path: Path) -> str:
    """SHA-256 of the first MiB of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.sha256(file.read(HEAD)).hexdigest()


def _duration(index: FrameIndex, rate: Fraction | None) -> float:
    """Seconds; the last frame is taken to last as long as most, an only frame as long as the rate says."""
    if len(index) < 2:
        return float(1 / rate) if rate else 0.0
    last = float(np.median(np.diff(index.pts)))
    return (float(index.pts[-1] - index.pts[0]) + last) * float(index.time_base)


def _rate(stated: Fraction | None, frames: int, duration: float) -> Fraction | None:
    """The stated average rate where it fits what is there; files with edit lists or a made-up rate do not."""
    if stated and abs(float(stated) * duration - frames) <= max(1.5, frames / 200):
        return stated
    return Fraction(frames / duration).limit_denominator(1001) if duration > 0 else None


def _chroma(frame: av.VideoFrame) -> str:
    if frame.format.is_rgb or frame.format.has_palette:
        return "RGB"
    if len(frame.format.components) < 3:
        return "4:0:0"
    luma, chroma = frame.format.components[:2]
    return {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (1, 2): "4:4:0", (4, 1): "4:1:1"}.get(
        (round(luma.width / chroma.width), round(luma.height / chroma.height)), "other"
    )


def _varies(index: FrameIndex) -> bool:
    """Over 1 interval in 100 differs beyond rounding: a step of the time base, a twentieth of a frame."""
    steps = np.diff(index.pts)
    if len(steps) < 2:
        return False
    usual = float(np.median(steps))
    return bool((np.abs(steps - usual) > max(1.0, usual / 20)).mean() > 0.01)


def _beyond_labels(hdr: str | None, bits: int, interlaced: bool, width: int, height: int) -> tuple[str, ...]:
    reasons = []
    if hdr:
        reasons.append(f"HDR ({hdr})")
    if bits > 8:
        reasons.append(f"{bits} bits a sample")
    if interlaced:
        reasons.append("interlaced")
    if not SMALLEST[0] * SMALLEST[1] <= width * height <= LARGEST[0] * LARGEST[1]:
        reasons.append(f"{width}x{height}: the labels know 640x360 to 1280x720")
    return tuple(reasons)
