"""Encoding a video piece by piece into one stream, with its audio and subtitles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import OutputContainer
from av.error import FFmpegError

from jndcore.media.copying import CopiedStreams
from jndcore.media.encoders import EncodeSettings
from jndcore.media.errors import MediaError
from jndcore.media.pairing import settle
from jndcore.media.pieces import Piece, check_pieces
from jndcore.media.piecewise import PieceEncoder
from jndcore.media.reader import Reader, open_video
from jndcore.results.atomic import replacing

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
"""FFmpeg's names of what can be written, by the file name's ending."""


@dataclass(frozen=True)
class EncodeProgress:
    """How far an encode is.

    Attributes
    ----------
    done, total : int
        Frames given to the encoder, and frames in all.
    bytes : int
        Of the video stream so far.
    finished : bool
        The file is there, whole; said once, at the end.
    warnings : tuple of str
        What of the source is not kept.
    """

    done: int
    total: int
    bytes: int
    finished: bool
    warnings: tuple[str, ...]


def encode_video(
    source: Path, target: Path, pieces: Sequence[Piece], settings: EncodeSettings | None = None
) -> Iterator[EncodeProgress]:
    """Encode `source` into `target`, each piece at its own QP or CRF. Closing the iterator cancels.

    Frames keep their number, their time stamps (moved with the audio's so that the first of all is 0, rounded
    to milliseconds in Matroska), bit depth, colour tags, sample aspect ratio and rotation. Audio and subtitle
    packets are copied. Until the last step `target` is as it was before.

    Parameters
    ----------
    source : Path
        A video file.
    target : Path
        ``.mp4``, ``.m4v``, ``.mov`` or ``.mkv``; replaced if it is there.
    pieces : sequence of Piece
        From frame 0 to the last without a gap.
    settings : EncodeSettings, optional

    Yields
    ------
    EncodeProgress
        After each frame, and once more when `target` is there.

    Raises
    ------
    MediaError
        Where `source` cannot be read, `pieces` do not fit it, the encoder refuses it, or the container cannot
        hold it.
    JNDError
        Where `target` cannot be written, or the disk is full.
    """
    settings = settings or EncodeSettings()
    kind = _container_kind(source, target)
    with open_video(source, cache_bytes=0) as reader:
        if pieces:
            settle(reader, pieces[-1].stop)
        check_pieces(pieces, len(reader), settings.encoder)
        with replacing(target) as temporary:
            last = None
            for last in _encode(reader, temporary, kind, pieces, settings, target):
                yield last
        if last is not None:
            yield EncodeProgress(last.done, last.done, last.bytes, True, last.warnings)


def _container_kind(source: Path, target: Path) -> str:
    kind = CONTAINERS.get(target.suffix.lower())
    if kind is None:
        raise MediaError(f"{target}: this kind of file cannot be written; name it {', '.join(CONTAINERS)}.")
    if target.exists() and source.exists() and target.samefile(source):
        raise MediaError(f"{target}: this is the video itself; give the encode another name.")
    return kind


def _encode(
    reader: Reader, path: Path, kind: str, pieces: Sequence[Piece], settings: EncodeSettings, target: Path
) -> Iterator[EncodeProgress]:
    """Write all of `path`; `target` is its name for the user."""
    total = pieces[-1].stop
    try:
        with CopiedStreams(reader.info.path) as others, _container(path, kind) as container:
            encoder = PieceEncoder(reader, container, settings, pieces[0], others)
            for done in encoder.run(pieces):
                yield EncodeProgress(done, total, encoder.bytes, False, encoder.warnings)
            others.up_to(None)
        yield EncodeProgress(total, total, encoder.bytes, False, encoder.warnings)
    except FFmpegError as error:
        if isinstance(error, OSError):
            raise  # of the disk: `replacing` tells
        raise MediaError(
            f"{target}: FFmpeg cannot write it ({error.strerror}); try another kind of file."
        ) from error


@contextmanager
def _container(path: Path, kind: str) -> Iterator[OutputContainer]:
    container = av.open(f"file:{path}", "w", format=kind)
    try:
        yield container
    except BaseException:
        with suppress(FFmpegError):  # the file goes away in any case
            container.close()
        raise
    container.close()
