"""Parts of a video that get a quantiser of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jndcore.media.errors import MediaError

QPS = (4, 49)
"""QPs that can be kept: I frames take 3 less (0 is lossless), B frames up to 2 more (51 at most)."""

CRF_MAX = {"libx264": 51.0, "libx265": 51.0, "libsvtav1": 63.0}
"""CRFs that the encoders take reach from above 0, which is lossless, to here."""


@dataclass(frozen=True)
class Piece:
    """Frames of a video, in display order, that are encoded alike. Either `qp` or `crf` is set.

    Attributes
    ----------
    start, stop : int
        Frame numbers, `stop` exclusive.
    qp : int or None
        As ``-qp``: P frames; I frames take 3 less, referenced B frames 1 more, other B frames 2 more.
        Adaptive quantisation is off.
    crf : float or None
        As ``-crf``: adaptive quantisation and MB-tree (cutree) stay on.
    """

    start: int
    stop: int
    qp: int | None = None
    crf: float | None = None


def check_pieces(pieces: Sequence[Piece], frames: int, encoder: str) -> None:
    """See that `pieces` cover frames 0 to `frames` without a gap, in a way that `encoder` can follow.

    Parameters
    ----------
    pieces : sequence of Piece
    frames : int
        Of the video.
    encoder : str
        FFmpeg's name.

    Raises
    ------
    MediaError
        Where they do not: the first fault found.
    """
    if len({piece.qp is None for piece in pieces}) > 1:
        raise MediaError("some pieces have a QP and some a CRF; an encode takes one of the two.")
    due = 0
    for piece in pieces:
        name = f"piece {piece.start} to {piece.stop}"
        if piece.start != due or piece.stop <= piece.start:
            raise MediaError(f"{name}: pieces must follow each other without a gap; frame {due} is due.")
        _check_value(piece, name, encoder)
        due = piece.stop
    if due != frames:
        raise MediaError(
            f"the pieces cover {due} frames and the video has {frames}; plan it for this very video."
        )


def _check_value(piece: Piece, name: str, encoder: str) -> None:
    if (piece.qp is None) == (piece.crf is None):
        raise MediaError(f"{name}: give it either a QP or a CRF.")
    if piece.qp is not None:
        if encoder == "libsvtav1":
            raise MediaError(f"{name}: AV1's quantisers are no QPs of H.264; give it a CRF for {encoder}.")
        if not QPS[0] <= piece.qp <= QPS[1]:
            raise MediaError(
                f"{name}: QP {piece.qp} is outside {QPS[0]} to {QPS[1]}, so no encoder keeps it."
            )
    elif piece.crf is not None:
        if not 0 < piece.crf <= CRF_MAX[encoder]:
            limits = f"above 0, up to {CRF_MAX[encoder]:g}"
            raise MediaError(f"{name}: {encoder} takes a CRF {limits}, not {piece.crf:g}.")
        if encoder == "libsvtav1" and piece.crf != round(piece.crf):
            raise MediaError(f"{name}: {encoder} takes whole CRFs only, not {piece.crf:g}.")
