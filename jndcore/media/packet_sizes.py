"""The bytes that frames would take, one packet after the other: nothing is kept, and nothing compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from jndcore.media.encoders import EncodeSettings
from jndcore.media.frame import Frame
from jndcore.media.pieces import Piece
from jndcore.media.trial_encoder import trial_encoder


def packet_sizes(
    frames: Iterable[Frame],
    piece: Piece,
    settings: EncodeSettings,
    *,
    time_base: Fraction,
    fps: Fraction | None,
) -> Iterator[int]:
    """Encode frames as `jndcore.media.encode_video` would encode a piece, and tell each packet's size.

    Packets come in coding order, the key frame's first, and later than their frames: an encoder looks ahead.
    Who takes only the first ones does not pay for the others, but has those ahead of them regarded.

    Parameters
    ----------
    frames : iterable of Frame
        At least one. Of a reader that is nobody else's: they are stamped anew.
    piece : Piece
        Whose QP or CRF to take; its frame numbers do not matter.
    settings : EncodeSettings
    time_base : Fraction
        Of the frames' time stamps, seconds.
    fps : Fraction or None
        Frames a second on the average.

    Yields
    ------
    int
        Bytes.

    Raises
    ------
    MediaError
        Where the encoder refuses the video, or there are no frames.
    """
    encoder, pictures = trial_encoder(frames, piece, settings, time_base=time_base, fps=fps)
    for picture in pictures:
        for packet in encoder.encode(picture):
            yield packet.size
    for packet in encoder.encode_lazy(None):  # one by one, so that the caller can leave in between
        yield packet.size
