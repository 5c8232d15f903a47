"""Encoding by a schedule, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jndcore.errors import JNDError
from jndcore.media import EncodeProgress, EncodeSettings, Piece, encode_video, open_video
from jndcore.results import VideoIdentity
from jndcore.schedule.schedule import Mode, Schedule
from jndcore.schedule.writers.lines import key_interval


def encode(video: Path, schedule: Schedule, target: Path) -> Iterator[EncodeProgress]:
    """Encode `video` as `schedule` says. Closing the iterator cancels; see `jndcore.media.encode_video`.

    Raises
    ------
    JNDError
        Where `video` is not the one that was planned, or cannot be encoded or written.
    """
    with open_video(video) as reader:
        check_is_of(reader.info.identity, schedule, video)
    settings = EncodeSettings(schedule.encoder, schedule.preset, keyint=key_interval(schedule))
    return encode_video(video, target, pieces(schedule), settings)


def is_of(found: VideoIdentity, schedule: Schedule) -> bool:
    """Whether a file is the video of a schedule, whatever its name is now."""
    planned = schedule.video
    return (found.size, found.head_sha256) == (planned.size, planned.head_sha256)


def check_is_of(found: VideoIdentity, schedule: Schedule, video: Path) -> None:
    """JNDError unless a file, `video` for the user, is the video of a schedule."""
    if not is_of(found, schedule):
        raise JNDError(
            f"{video}: not the video that was planned ({schedule.video.name}, {schedule.video.size:,} bytes);"
            " analyse and plan this one."
        )


def pieces(schedule: Schedule) -> list[Piece]:
    """The segments as an encoder takes them."""
    return [piece(s.start, s.stop, s.value, schedule.mode) for s in schedule.segments]


def piece(start: int, stop: int, value: float, mode: Mode) -> Piece:
    """Frames `start` to `stop` (exclusive) at a QP or a CRF."""
    if mode == "crf":
        return Piece(start, stop, crf=float(value))
    return Piece(start, stop, qp=int(value))
