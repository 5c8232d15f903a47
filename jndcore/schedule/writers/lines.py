"""Pieces of command lines and files that several targets share."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from jndcore.errors import JNDError
from jndcore.schedule.rate import one_second
from jndcore.schedule.schedule import QP_OFFSETS, Schedule
from jndcore.schedule.writers.colours import scaling
from jndcore.schedule.writers.target import VideoFacts

KEY_SECONDS = 5
"""A key frame at least so often, for seeking."""

LONGEST_ARGUMENT = 131_071
"""Bytes that Linux takes as one argument; x264 and x265 themselves followed 100 kB of zones exactly."""

LONGEST_ON_WINDOWS = 32_000


def key_interval(schedule: Schedule) -> int:
    """Frames from a key frame to the next within a segment."""
    return KEY_SECONDS * one_second(schedule.fps)


def key_frames(schedule: Schedule) -> Iterator[tuple[int, float]]:
    """Each frame that must be a key frame, with its segment's value: the first, and some after it."""
    every = key_interval(schedule)
    for segment in schedule.segments:
        for frame in range(segment.start, segment.stop, every):
            yield frame, segment.value


def key_lines(schedule: Schedule) -> str:
    """A qpfile that names each key frame and its QP."""
    return "".join(f"{frame} I {int(q) + QP_OFFSETS['I']}\n" for frame, q in key_frames(schedule))


def runs(schedule: Schedule) -> Iterator[tuple[int, int, float]]:
    """Start, stop (exclusive) and value of neighbouring segments with one value, taken together."""
    for value, group in groupby(schedule.segments, key=lambda segment: segment.value):
        segments = list(group)
        yield segments[0].start, segments[-1].stop, value


def checked_zones(zones: str, what: str) -> tuple[str, tuple[str, ...]]:
    """Zones that fit into one argument, and a note where Windows would not take them.

    Raises
    ------
    JNDError
        Where they are longer than Linux takes.
    """
    if len(zones) > LONGEST_ARGUMENT:
        raise JNDError(
            f"{what}: the zones of this schedule fill {len(zones):,} characters, and a command line takes "
            f"{LONGEST_ARGUMENT:,}; write it for ffmpeg instead, or encode in JNDScope (jnd encode)."
        )
    if len(zones) > LONGEST_ON_WINDOWS:
        return zones, (f"zones of {len(zones):,} characters are too long for a command line of Windows.",)
    return zones, ()


def quoted(path: Path) -> str:
    """A path as a word of a command line, never to be taken for an option."""
    return shlex.quote(str(path) if path.is_absolute() else f"./{path}")


def decoding(facts: VideoFacts) -> str:
    """The first video stream to a pipe, each frame once, in display order, 8-bit 4:2:0."""
    scale = scaling(facts)
    return (
        f"ffmpeg -nostdin -v error -i {ffmpeg_input(facts.path)} -map 0:V:0 -fps_mode passthrough "
        f"{f'-vf {scale} ' if scale else ''}-pix_fmt yuv420p -f yuv4mpegpipe -"
    )


def ffmpeg_input(path: Path) -> str:
    """A path for ffmpeg's -i, so that no colon in it is taken for a protocol."""
    return shlex.quote(f"file:{path}")


def out_name(schedule: Schedule, facts: VideoFacts, suffix: str) -> str:
    """Name for the encode, as a word of a command line."""
    return quoted(Path(f"{facts.path.stem}.jnd{schedule.level}-{schedule.share:g}{suffix}"))


def script(command: str, needs: str) -> str:
    """A shell script around a command; it works in its own folder."""
    return (
        "#!/usr/bin/env bash\n"
        f"# Written by JNDScope; needs {needs}. Check the result: jnd verify OUT --schedule schedule.json\n"
        'set -euo pipefail\ncd "$(dirname "$0")"\n'
        f"{command}\n"
    )
