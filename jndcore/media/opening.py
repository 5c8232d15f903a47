"""Opening a file: what is no video is refused in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition

from jndcore.media.errors import MediaError

VIDEO_SUFFIXES = (
    *(".mkv", ".mp4", ".mov", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".ts", ".m2ts", ".mxf", ".y4m"),
    *(".ivf", ".264", ".265"),
)
"""How names of videos end, in the order in which files of one name are looked for."""

TEXT_ART = {"ansi", "bintext", "idf", "xbin"}
"""Decoders by which FFmpeg draws the characters of a text file."""


def open_container(path: Path) -> InputContainer:
    """Open a file that FFmpeg can read.

    Raises
    ------
    MediaError
        Where it is missing, unreadable, empty, a folder, or of no kind that FFmpeg knows.
    """
    try:
        if path.is_dir():
            raise MediaError(f"{path}: this is a folder; choose a video file in it.")
        if path.stat().st_size == 0:
            raise MediaError(f"{path}: the file is empty; copy or download it again.")
        with path.open("rb"):
            pass
        # "file:", so that no colon in a name is taken for a protocol
        return av.open(f"file:{path}", metadata_errors="replace")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MediaError(f"{path}: there is no such file; check the name.") from error
    except PermissionError as error:
        raise MediaError(f"{path}: you may not read this file; change its permissions.") from error
    except FFmpegError as error:
        raise MediaError(
            f"{path}: not a video that FFmpeg can open ({error.strerror}); "
            "it may be another kind of file, or cut off before its index."
        ) from error
    except OSError as error:
        raise MediaError(
            f"{path}: cannot be read ({error.strerror}); check the disk or the connection."
        ) from error


def video_stream(container: InputContainer, path: Path) -> av.VideoStream:
    """The first video stream that is not a cover picture.

    Raises
    ------
    MediaError
        Where there is none, or none that can be decoded; `container` is closed then.
    """
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    complaint = "there is no video in this file; choose one that has a picture."
    if streams:
        context = cast("av.VideoCodecContext | None", streams[0].codec_context)
        if context is None:
            complaint = "FFmpeg has no decoder for its video; convert it to H.264 first."
        elif context.codec.canonical_name in TEXT_ART:
            complaint = "this is a text file; choose a video."
        else:
            return streams[0]
    container.close()
    raise MediaError(f"{path}: {complaint}")
