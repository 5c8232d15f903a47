"""An encoder for a trial, and the pictures that it is to be given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain

import av

from jndcore.media.coded import CodedFormat
from jndcore.media.encoders import EncodeSettings, set_up
from jndcore.media.errors import MediaError
from jndcore.media.frame import Frame
from jndcore.media.pieces import Piece


def trial_encoder(
    frames: Iterable[Frame],
    piece: Piece,
    settings: EncodeSettings,
    *,
    time_base: Fraction,
    fps: Fraction | None,
    threads: int = 0,
) -> tuple[av.VideoCodecContext, Iterator[av.VideoFrame]]:
    """An open encoder as `jndcore.media.encode_video` has it for a piece, and `frames` stamped for it.

    Parameters are those of `jndcore.media.trial`.

    Raises
    ------
    MediaError
        Where the encoder refuses the video, or there are no frames.
    """
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        raise MediaError(f"frames {piece.start} to {piece.stop - 1}: none can be decoded for a trial encode.")
    coded = CodedFormat.of(first.decoded(), settings.encoder)
    encoder = av.CodecContext.create(settings.encoder, "w")
    encoder.thread_count = threads
    set_up(encoder, settings, coded, piece, time_base=time_base, fps=fps, aspect=None)
    return encoder, _stamped(chain([first], frames), coded, time_base)


def _stamped(frames: Iterable[Frame], coded: CodedFormat, time_base: Fraction) -> Iterator[av.VideoFrame]:
    for frame in frames:
        picture = coded.convert(frame.decoded())
        picture.pts, picture.time_base = frame.pts, time_base
        yield picture
