"""Trial encodes that tell how large the parts of an encode get."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np

from jndcore.media import EncodeSettings, Frame, Reader
from jndcore.media.packet_sizes import packet_sizes
from jndcore.schedule.encoding import piece
from jndcore.schedule.schedule import Mode, Schedule
from jndcore.schedule.writers.lines import key_interval


class Part(NamedTuple):
    """Frames `start` to `stop` (exclusive) between two key frames, and how they are encoded.

    At `key` lies the key frame before, or at `start`; the next one is at `end`.
    """

    key: int
    start: int
    stop: int
    end: int
    value: float
    mode: Mode
    encoder: str
    preset: str


class Sizes(NamedTuple):
    """Bytes of a key frame, and of each other frame in the mean."""

    key: float
    other: float


def parts(schedule: Schedule, most: int) -> list[Part]:
    """All of a schedule, in parts of `most` frames and none across a key frame.

    Each segment begins with a key frame, and has others every `key_interval` frames.
    """
    every = key_interval(schedule)
    how = (schedule.mode, schedule.encoder, schedule.preset)
    made = []
    for segment in schedule.segments:
        for key in range(segment.start, segment.stop, every):
            end = min(key + every, segment.stop)
            count = -(-(end - key) // most)
            edges = [key + (end - key) * i // count for i in range(count + 1)]
            made += [Part(key, start, stop, end, segment.value, *how) for start, stop in pairwise(edges)]
    return made


class SizeTrials:
    """Encodes frames of parts, in rising order, as the schedule's encoder would.

    Parameters
    ----------
    reader : Reader
        Nobody else's: its pictures are stamped anew.
    schedule : Schedule
    frames : int
        Of a part, at most.
    tick : callable
        Called for each frame that is decoded and each one that is encoded; what it raises ends the work.
    """

    def __init__(self, reader: Reader, schedule: Schedule, frames: int, tick: Callable[[], None]) -> None:
        self._reader = reader
        self._settings = EncodeSettings(schedule.encoder, schedule.preset, keyint=key_interval(schedule))
        self._most = frames
        self._tick = tick
        self._next = 0  # the frame that the reader comes to next

    def sizes(self, part: Part) -> Sizes:
        """Encode the frames in the middle; those behind them, up to the next key frame, are in sight.

        Raises
        ------
        MediaError
            Where they cannot be decoded, or the encoder refuses them.
        """
        start = max((part.start + part.stop - self._most) // 2, part.start)
        coded = packet_sizes(
            self._frames(start, part.end),
            piece(part.start, part.stop, part.value, part.mode),
            self._settings,
            time_base=self._reader.index.time_base,
            fps=self._reader.info.fps,
        )
        found = []
        for size in islice(coded, min(self._most, part.stop - part.start)):
            found.append(size)
            self._tick()
        key, *others = found
        return Sizes(key, float(np.mean(others)) if others else 0.0)

    def _frames(self, start: int, stop: int) -> Iterator[Frame]:
        """Frames from `start` on; those that must be decoded before it tick too."""
        key = self._reader.gop_start(start)
        begin = max(key, self._next) if self._next <= start else key
        for frame in self._reader.frames(begin, stop):
            self._next = frame.number + 1
            self._tick()
            if frame.number >= start:
                yield frame
