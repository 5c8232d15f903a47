"""A whole video to an Analysis: decoding runs ahead in a thread while the network works."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from jndcore.errors import JNDError
from jndcore.media import Reader
from jndcore.predict.clock import Clock
from jndcore.predict.collect import Collector
from jndcore.predict.cuts import Cuts
from jndcore.predict.events import Finished, Progress
from jndcore.predict.neighbours import View, first_needed, views, views_at
from jndcore.predict.pipeline import Batch, Prepared, predicted
from jndcore.results import Prediction

if TYPE_CHECKING:  # it imports torch
    from jndcore.predict.predictor import Predictor

KEY_FRAMES = 200
"""At most so many key frames, evenly spread, make the first sketch of a video."""


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
    yield from stream.all_frames(playhead)
    ran_on = f"{predictor.device.label}, {predictor.precision}"
    yield Finished(collector.analysis(reader, predictor.model.card, device=ran_on, every=every))


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
        clock = Clock("key frames", len(keys))
        keyed = views_at(self.reader.index.pts[keys].tolist(), self.reader, self.predictor.model)
        for batch, prediction in self._predicted(keyed, 1, self.stop, shots=False):
            yield self._progress(clock, batch, prediction)
            self.sketched.update(item.pts for item in batch)

    def all_frames(self, playhead: int) -> Iterator[Progress]:
        """Analyse from the GOP of `playhead` to the end, then the rest; find the shots on the way."""
        self.stop = min(self.stop, len(self.reader))
        inside = min(max(playhead, self.start), self.stop - 1)
        first = max(self.reader.gop_start(inside), self.start)
        clock = Clock("all frames", len(range(self.start, self.stop, self.every)))
        yield from self._pass(clock, first, self.stop)
        if first > self.start:
            yield from self._pass(clock, self.start, first)

    def _pass(self, clock: Clock, start: int, stop: int) -> Iterator[Progress]:
        cuts = Cuts(float(self.reader.info.fps or 0))
        # a cut shows only once the frames after it are known: look beyond the end
        beyond = min(stop + cuts.lag + 1, self.stop)
        frames = self.reader.frames(first_needed(self.reader, start, self.predictor.model))
        seen = views(frames, self.predictor.model, start, self._pts(beyond))
        for batch, prediction in self._predicted(seen, self.every, stop, shots=True):
            found = cuts.look(batch)
            progress = self._progress(clock, batch, prediction)
            if found:  # only a shot with both its ends known is told
                self.collector.cut(found)
                self.collector.cover(start, min(int(np.searchsorted(self.reader.index.pts, found[-1])), stop))
                self.untold = True
            yield self._with_shots(clock, progress)
        self.collector.follow(self.reader.index)
        self.stop = min(self.stop, len(self.reader))
        self.collector.cover(start, min(stop, self.stop))
        yield self._with_shots(clock, self._progress(clock, [], Prediction.unknown(0)), now=True)

    def _with_shots(self, clock: Clock, progress: Progress, *, now: bool = False) -> Progress:
        """With all shots known, once a second at most: a film has thousands."""
        if not (now or (self.untold and clock.ticks())):
            return progress
        self.untold = False
        return replace(progress, shots=self.collector.shots())

    def _pts(self, number: int) -> float:
        """Time stamp of frame `number`, which no correction changes; beyond the last one infinity."""
        pts = self.reader.index.pts
        return int(pts[number]) if number < len(pts) else math.inf

    def _predicted(
        self, seen: Iterable[View], every: int, stop: int, *, shots: bool
    ) -> Iterator[tuple[Batch, Prediction]]:
        """Batches of what is `seen`; before `stop`, the frames that lie `every` apart are analysed."""

        def prepare(view: View) -> Prepared:
            frame = view.frame
            wanted = frame.number < stop and (frame.number - self.start) % every == 0
            fresh = wanted and frame.pts not in self.sketched
            picture = view.picture() if fresh else None
            return Prepared(frame.number, frame.pts, wanted, picture, frame.small() if shots else None)

        with closing(predicted(seen, prepare, self.predictor)) as batches:
            yield from batches

    def _progress(self, clock: Clock, batch: Batch, prediction: Prediction) -> Progress:
        index = self.reader.index  # decoding may have corrected it since the frames were numbered
        self.collector.follow(index)
        places = [index.place(item.pts, item.number) for item in batch if item.picture is not None]
        frames = np.array(places, dtype=np.int64)
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
