"""What one round of made clips shows: each labelled still, pieces of videos, and scenes out of nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jndcore.errors import JNDError
from jndcore.media import VIDEO_SUFFIXES, open_video
from jndcore.training.labels import read_rows
from jndcore.training.made.make import Source

PIECES, SCENES = 12, 30
"""In each round: of every video, and drawn."""


def list_sources(clips: Path, videos: Path | None, say: Callable[[str], None]) -> list[Source]:
    """The sources of one round, in the order in which they take turns.

    Parameters
    ----------
    clips : Path
        Folder of ``clips.csv``, whose column ``still`` names the pictures of ``stills/`` in it, and whose
        groups are kept.
    videos : Path, optional
        Folder of videos, each a group of its own; HDR of the PQ kind is left out, since its samples are no
        picture to an ordinary screen or codec.
    say : callable
        Told what is left out.

    Raises
    ------
    JNDError
        Where the table, a still or a video is missing or cannot be read.
    """
    return [
        *_stills(clips),
        *(_videos(videos, say) * PIECES if videos else []),
        *[Source("", None)] * SCENES,
    ]


def _stills(clips: Path) -> list[Source]:
    groups = {row["still"]: row["group"] for row in read_rows(clips / "clips.csv", ("still", "group"))}
    sources = [Source(group, clips / "stills" / still) for still, group in groups.items()]
    for source in sources:
        if source.path and not source.path.is_file():
            raise JNDError(f"{source.path}: is not there, but {clips / 'clips.csv'} names it; put it back.")
    return sources


def _videos(folder: Path, say: Callable[[str], None]) -> list[Source]:
    kept = []
    for path in sorted(folder.glob("*")):
        if path.suffix.lower() in VIDEO_SUFFIXES:
            with open_video(path) as reader:
                hdr = reader.info.hdr
            if hdr == "PQ":
                say(f"warning: {path}: HDR (PQ), left out.")
            else:
                kept.append(Source(path.stem, path, video=True))
    if not kept:
        raise JNDError(f"{folder}: holds no videos to cut clips from; name another folder.")
    return kept
