"""Encoders for pieces of one stream: each piece its own encoder, all with the same stream headers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import av
from av.codec.context import Flags, ThreadType
from av.error import FFmpegError

from jndcore.media.coded import CodedFormat
from jndcore.media.errors import MediaError
from jndcore.media.pieces import Piece

EncoderName = Literal["libx264", "libx265", "libsvtav1"]

_PRESETS = {"libx264": "medium", "libx265": "medium", "libsvtav1": "8"}

_DELAYS = {"libx264": 2, "libx265": 2, "libsvtav1": 0}
"""Places that a picture may be coded ahead of its turn: two, for a B-frame that others refer to."""

_FIXED = {
    "libx264": {"x264-params": "stitchable=1", "forced-idr": "1"},
    # its information SEI would tell the first piece's QP in the header of the whole stream
    "libx265": {"x265-params": "info=0:log-level=none"},
    "libsvtav1": {},
}
"""x264 writes a piece's QP into the headers unless it is told that pieces will be joined."""


@dataclass(frozen=True)
class EncodeSettings:
    """What all pieces have in common.

    Attributes
    ----------
    encoder : str
        ``"libx264"``, ``"libx265"`` or ``"libsvtav1"``.
    preset : str or None
        The encoder's own; None: medium, of SVT-AV1 8.
    keyint : int or None
        Largest distance of key frames inside a piece; None: the encoder's choice.
    """

    encoder: EncoderName = "libx264"
    preset: str | None = None
    keyint: int | None = None

    @property
    def delay(self) -> int:
        """Places that a picture may be coded ahead of its turn in display order."""
        return _DELAYS[self.encoder]


def set_up(
    context: av.VideoCodecContext,
    settings: EncodeSettings,
    coded: CodedFormat,
    piece: Piece,
    *,
    time_base: Fraction,
    fps: Fraction | None,
    aspect: Fraction | None,
) -> None:
    """Set an encoder up for one piece and open it.

    Parameters
    ----------
    context : av.VideoCodecContext
        New.
    settings, coded, piece
        What to make of what.
    time_base : Fraction
        Seconds of one pts step.
    fps : Fraction or None
        Average rate, for rate control by CRF.
    aspect : Fraction or None
        Width of a sample by its height.

    Raises
    ------
    MediaError
        Where the encoder refuses the size, the preset or the value.
    """
    context.width, context.height, context.pix_fmt = coded.width, coded.height, coded.pix_fmt
    context.color_range, context.colorspace = coded.color_range, coded.colorspace
    context.color_primaries, context.color_trc = coded.color_primaries, coded.color_trc
    context.time_base = time_base
    if fps:
        context.framerate = fps
    if aspect:
        context.sample_aspect_ratio = aspect
    if settings.keyint:
        context.gop_size = settings.keyint
    if settings.encoder == "libsvtav1":
        os.environ.setdefault("SVT_LOG", "1")  # errors alone: else it talks on stderr
    context.thread_type = ThreadType.FRAME  # PyAV's default cuts pictures into slices, which costs quality
    context.flags |= Flags.global_header
    preset = settings.preset or _PRESETS[settings.encoder]
    context.options = {"preset": preset, **_value(piece, coded, settings), **_FIXED[settings.encoder]}
    try:
        context.open()
    except FFmpegError as error:
        raise MediaError(
            f"{settings.encoder} refuses {coded.width}x{coded.height} in {coded.pix_fmt} with preset "
            f"{preset!r} ({error.strerror}); choose a preset that it knows."
        ) from error


def _value(piece: Piece, coded: CodedFormat, settings: EncodeSettings) -> dict[str, str]:
    if piece.qp is None:
        return {"crf": f"{piece.crf:g}"}
    # x264 counts --qp, unlike all else, from the bit depth's finest step: at 10 bits 12 below H.264's QP 0
    finer = 6 * (coded.bits - 8) if settings.encoder == "libx264" else 0
    return {"qp": str(piece.qp + finer)}
