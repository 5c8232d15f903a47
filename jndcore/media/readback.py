"""What an encoder really did, read back from the stream: frame types and QPs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import PictureType
from numpy.typing import NDArray

from jndcore.media.demux import packets
from jndcore.media.errors import MediaError
from jndcore.media.h264 import is_idr, is_referenced, length_size, macroblock_qps
from jndcore.media.opening import open_container, video_stream
from jndcore.media.trace import trace_hevc

Progress = Callable[[float], None]
"""Told the share done, 0 to 1; what it raises ends the work."""


@dataclass(frozen=True)
class ReadBack:
    """The frames of an encoded file in display order, as decoding gives them.

    Attributes
    ----------
    codec : str
        ``"h264"``, ``"hevc"`` ...
    time_base : Fraction
        Seconds of one pts step.
    pts : ndarray of int64, shape (F,)
    types : ndarray of str, shape (F,)
        ``"I"``, ``"P"``, ``"B"`` (other frames refer to it), ``"b"`` (none does), ``"?"``.
    key : ndarray of bool, shape (F,)
        Nothing after it in display order refers to a frame before it: H.264's IDR; in other codecs whatever
        FFmpeg calls a key frame, an open GOP's too.
    bytes : ndarray of int64, shape (F,)
        Of the frame's packet.
    qp : ndarray of float64, shape (F,)
        Mean over the macroblocks (H.264) or slices (HEVC), on the scale of 8-bit video. Macroblocks of raw
        samples (I_PCM) have none and do not count. NaN where there is none, or the codec's cannot be read.
    qp_min, qp_max : ndarray of float64, shape (F,)
        Likewise.
    uniform : bool
        One QP for a slice is certain for all its blocks; in HEVC the stream may leave it open.
    damaged : int
        Frames that the decoder flags.
    """

    codec: str
    time_base: Fraction
    pts: NDArray[np.int64]
    types: NDArray[np.str_]
    key: NDArray[np.bool_]
    bytes: NDArray[np.int64]
    qp: NDArray[np.float64]
    qp_min: NDArray[np.float64]
    qp_max: NDArray[np.float64]
    uniform: bool
    damaged: int

    def __len__(self) -> int:
        return len(self.pts)


class _Coded(NamedTuple):
    """What a packet says of its frame."""

    bytes: int
    referenced: bool
    idr: bool
    qps: tuple[int, ...]
    varies: bool


class _Shown(NamedTuple):
    """A decoded frame, and (min, mean, max) of its macroblocks' QPs."""

    pts: int
    kind: int
    key: bool
    corrupt: bool
    qps: tuple[float, float, float]


def read_back(path: Path, progress: Progress | None = None) -> ReadBack:
    """Decode a file and read the type and the QPs of each frame; frame and packet are paired by pts.

    H.264: every macroblock's QP as the decoder used it, and nal_ref_idc. HEVC: every slice's QP and the
    picture's NAL type, from the headers; x265's message about itself is not believed. Other codecs: types.

    Parameters
    ----------
    path : Path
    progress : callable, optional

    Raises
    ------
    MediaError
        Where the file cannot be read, or its time stamps do not name its frames.
    """
    told = progress or _nobody
    coded: dict[int, _Coded] = {}
    container = open_container(path)
    with closing(container):
        stream = video_stream(container, path)
        codec = stream.codec_context.codec.canonical_name
        share = 0.5 if codec == "hevc" else 1.0
        shown = list(_decode(container, stream, path, coded, lambda done: told(done * share)))
        time_base = stream.time_base or Fraction(1)
    if codec == "hevc":
        _add_headers(path, coded, len(shown), lambda done: told(0.5 + done / 2))
    return _gathered(codec, time_base, shown, coded)


def _decode(
    container: InputContainer, stream: av.VideoStream, path: Path, coded: dict[int, _Coded], told: Progress
) -> Iterator[_Shown]:
    """Decoded frames; what their packets say goes into `coded`."""
    context = stream.codec_context
    if context.codec.canonical_name == "h264":
        context.options = {"export_side_data": "venc_params"}
    stream.thread_type = "NONE"  # with frame threads, QPs of frames under way are exported half filled
    size, length = path.stat().st_size, length_size(context.extradata)
    last: int | None = None
    for packet in chain(packets(container, stream), [None]):
        if packet is not None:
            if packet.pts is None or packet.pts in coded:
                raise MediaError(
                    f"{path}: its time stamps do not name its frames; put it into MP4 or Matroska with "
                    "a program that times frames anew (MP4Box, mkvmerge)."
                )
            data = bytes(packet)
            coded[packet.pts] = _Coded(
                packet.size, is_referenced(data, length), is_idr(data, length), (), False
            )
            told(min(1.0, (packet.pos or 0) / size))
        try:
            frames = context.decode(packet)
        except FFmpegError as error:
            raise MediaError(f"{path}: it cannot be decoded ({error.strerror}); encode it again.") from error
        for frame in frames:
            if frame.pts not in coded or (last is not None and frame.pts <= last):
                raise MediaError(f"{path}: its frames come out of order; encode it again.")
            last = frame.pts
            yield _Shown(last, int(frame.pict_type), frame.key_frame, frame.is_corrupt, macroblock_qps(frame))


def _add_headers(path: Path, coded: dict[int, _Coded], frames: int, told: Progress) -> None:
    """Put into `coded` what the headers of HEVC pictures say."""
    done = 0
    with closing(trace_hevc(path)) as batches:
        for batch in batches:
            for pts, referenced, qps, varies in batch:
                if pts in coded:
                    coded[pts] = coded[pts]._replace(referenced=referenced, qps=qps, varies=varies)
            done += len(batch)
            told(min(1.0, done / max(1, frames)))


def _gathered(codec: str, time_base: Fraction, shown: list[_Shown], coded: dict[int, _Coded]) -> ReadBack:
    own = [coded[frame.pts] for frame in shown]
    qps = [
        (min(c.qps), float(np.mean(c.qps)), max(c.qps)) if c.qps else frame.qps
        for frame, c in zip(shown, own, strict=True)
    ]
    keys = [c.idr for c in own] if codec == "h264" else [frame.key for frame in shown]
    low, mean, high = np.array(qps, dtype=np.float64).reshape(-1, 3).T
    return ReadBack(
        codec,
        time_base,
        np.array([frame.pts for frame in shown], dtype=np.int64),
        np.array(
            [_type(frame.kind, c.referenced) for frame, c in zip(shown, own, strict=True)], dtype=np.str_
        ),
        np.array(keys, dtype=bool),
        np.array([c.bytes for c in own], dtype=np.int64),
        mean,
        low,
        high,
        not any(c.varies for c in own),
        sum(frame.corrupt for frame in shown),
    )


def _type(kind: int, referenced: bool) -> str:
    if kind == PictureType.B:
        return "B" if referenced else "b"
    return {PictureType.I: "I", PictureType.P: "P"}.get(PictureType(kind), "?")


def _nobody(_: float) -> None:
    """Nobody wants to know."""
