"""A whole video to an Analysis: decoding runs ahead in a thread while the network works."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.media import Frame, FrameIndex, Reader, ShotDetector, decode_ahead
from jndcore.predict.collect import Collector
from jndcore.predict.events import Finished, Progress, Stage
from jndcore.results import Prediction

if TYPE_CHECKING:  # it imports torch
    from jndcore.predict.predictor import Predictor

KEY_FRAMES = 200
"""At most so many key frames, evenly spread, make the first sketch of a video."""

LONGEST_WAIT = 64
"""At most so many frames are decoded before an event, even where few of them are analysed."""


@dataclass(frozen=True)
class _Prepared:
    """A decoded frame as the stream needs it.

    `wanted` says that it is one of those to analyse, `picture` is None where it need not be (again),
    `small` where no shots are looked for.
    """

    number: int
    pts: int
    wanted: bool
    picture: NDArray[np.uint8] | None
    small: NDArray[np.uint8] | None

    def place(self, index: FrameIndex) -> int:
        """Its number in `index`, which may be newer than `number`; pts do not change by a correction."""
        try:
            return index.find(self.pts)
        except KeyError:  # frames that pts cannot name are counted, and their numbers hold
            return self.number


def analyse(
    reader: Reader,
    predictor: Predictor,
    *,
    every: int = 1,
    start: int = 0,
    stop: int | None = None,
    playhead: int = 0,
    key_frames_first: bool = False,
) -> Generator[Progress | Finished]:
    """JND levels of a video, in order of need; the last event carries the Analysis.

    First, if asked, key frames over the whole range; then one sequential pass that starts at the GOP of
    `playhead`, wraps round, and finds the shots. Closing the iterator cancels. Memory does not grow with
    the video but for 72 bytes a frame.

    Parameters
    ----------
    every : int
        Analyse frames `start`, ``start + every``, ...; shots are looked for on all frames.
    start, stop : int
        Range of frame numbers, `stop` exclusive and None for the end.

    Raises
    ------
    JNDError
        For an empty range, or where the file cannot be read.
    """
    stop = len(reader) if stop is None else min(stop, len(reader))
    if every < 1 or not 0 <= start < stop:
        raise JNDError(
            f"{reader.info.path}: frames {start} to {stop} in steps of {every} are none of its "
            f"{len(reader)}; choose a start below the stop and a step of at least 1."
        )
    collector = Collector(reader.index, float(reader.info.fps or 0), predictor.model.pool)
    stream = _Stream(reader, predictor, collector, every, start, stop)
    if key_frames_first:
        yield from stream.key_frames()
    yield from stream.all_frames(max(reader.gop_start(min(max(playhead, start), stop - 1)), start))
    card = predictor.model.card
    name, sha256 = (card.name, card.sha256) if card else ("untrained", "")
    ran_on = f"{predictor.device.label}, {predictor.precision}"
    yield Finished(collector.analysis(reader, model=name, model_sha256=sha256, device=ran_on, every=every))


@dataclass
class _Stream:
    reader: Reader
    predictor: Predictor
    collector: Collector
    every: int
    start: int
    stop: int
    untold: bool = False  # shots were found that no event has told of
    sketched: set[int] = field(default_factory=set)  # pts of the key frames that are done

    def key_frames(self) -> Iterator[Progress]:
        """Analyse key frames spread over the range, by seeking."""
        keys = self.reader.key_frames
        keys = keys[(keys >= self.start) & (keys < self.stop)]
        keys = keys[:: max(-(-len(keys) // KEY_FRAMES), 1)]
        frames = (self.reader.read(int(key)) for key in keys)
        clock = _Clock("key frames", len(keys))
        for batch in self._batches(frames, 1, self.stop, shots=False):
            yield self._progress(clock, batch)
            self.sketched.update(item.pts for item in batch)

    def all_frames(self, first: int) -> Iterator[Progress]:
        """Analyse `first` to the end, then the start up to `first`; find the shots on the way."""
        clock = _Clock("all frames", len(range(self.start, self.stop, self.every)))
        yield from self._pass(clock, first, self.stop)
        if first > self.start:
            yield from self._pass(clock, self.start, first)

    def _pass(self, clock: _Clock, start: int, stop: int) -> Iterator[Progress]:
        cuts = _Cuts(float(self.reader.info.fps or 0))
        # a cut shows only once the frames after it are known: look beyond the end
        beyond = min(stop + cuts.lag + 1, self.stop)
        frames = self.reader.frames(start, beyond)
        for batch in self._batches(frames, self.every, stop, shots=True):
            found = cuts.look(batch)
            progress = self._progress(clock, batch)
            if found:  # only a shot with both its ends known is told
                self.collector.cut(found)
                self.collector.cover(start, min(int(np.searchsorted(self.reader.index.pts, found[-1])), stop))
                self.untold = True
            yield self._with_shots(clock, progress)
        self.collector.follow(self.reader.index)
        self.stop = min(self.stop, len(self.reader))
        self.collector.cover(start, min(stop, self.stop))
        yield self._with_shots(clock, self._progress(clock, []), now=True)

    def _with_shots(self, clock: _Clock, progress: Progress, *, now: bool = False) -> Progress:
        """With all shots known, once a second at most: a film has thousands."""
        if not (now or (self.untold and clock.ticks())):
            return progress
        self.untold = False
        return replace(progress, shots=self.collector.shots())

    def _batches(
        self, frames: Iterable[Frame], every: int, stop: int, *, shots: bool
    ) -> Iterator[list[_Prepared]]:
        """Frames in lists that hold `predictor.batch` pictures to analyse, decoded ahead.

        Of the frames before `stop`, those that lie `every` apart are analysed.
        """

        def prepare(frame: Frame) -> _Prepared:
            wanted = frame.number < stop and (frame.number - self.start) % every == 0
            fresh = wanted and frame.pts not in self.sketched
            picture = self.predictor.model.prepare(frame.luma()) if fresh else None
            return _Prepared(frame.number, frame.pts, wanted, picture, frame.small() if shots else None)

        ahead = decode_ahead(iter(frames), prepare, depth=2 * self.predictor.batch)
        batch: list[_Prepared] = []
        pictures = 0
        try:
            for item in ahead:
                batch.append(item)
                pictures += item.picture is not None
                if pictures == self.predictor.batch or len(batch) == LONGEST_WAIT:
                    yield batch
                    batch, pictures = [], 0
            if batch:
                yield batch
        finally:
            ahead.close()

    def _progress(self, clock: _Clock, batch: list[_Prepared]) -> Progress:
        fresh = [item for item in batch if item.picture is not None]
        index = self.reader.index  # decoding may have corrected it since these were numbered
        self.collector.follow(index)
        frames = np.array([item.place(index) for item in fresh], dtype=np.int64)
        prediction = Prediction.unknown(0)
        if fresh:
            prediction = self.predictor.predict(
                np.stack([item.picture for item in fresh if item.picture is not None])
            )
            self.collector.add(frames, prediction)
        clock.count(sum(item.wanted for item in batch))
        return Progress(
            frame=frames,
            prediction=prediction,
            shots=None,
            done=clock.done,
            total=clock.total,
            stage=clock.stage,
            fps=clock.fps,
            seconds_left=clock.seconds_left,
            warnings=self.reader.warnings,
        )


class _Cuts:
    """A detector over one pass that names cuts by their pts: numbers may be corrected meanwhile."""

    def __init__(self, fps: float) -> None:
        self._detector = ShotDetector(fps)
        self.lag = self._detector.lag
        self._recent: deque[tuple[int, int]] = deque(maxlen=self.lag + 1)

    def look(self, batch: list[_Prepared]) -> list[int]:
        """Pts of the frames that turn out to start a shot, in rising order."""
        found = []
        for item in batch:
            if item.small is not None:
                self._recent.append((item.number, item.pts))
                cuts = self._detector.push(item.number, item.small)
                found += [pts for number, pts in self._recent if number in cuts]
        return found


class _Clock:
    """Counts the frames of a stage against the time since it began."""

    def __init__(self, stage: Stage, total: int) -> None:
        self.stage: Stage = stage
        self.total = total
        self.done = 0
        self._began = self._told = time.perf_counter()

    def ticks(self) -> bool:
        """Whether a second has gone by since it last said so; the first time at once."""
        due = self._told == self._began or time.perf_counter() - self._told >= 1
        if due:
            self._told = time.perf_counter()
        return due

    def count(self, frames: int) -> None:
        self.done = min(self.done + frames, self.total)

    @property
    def fps(self) -> float:
        return self.done / max(time.perf_counter() - self._began, 1e-9)

    @property
    def seconds_left(self) -> float | None:
        return (self.total - self.done) / self.fps if self.done else None
