"""Gathering results that arrive in any order, until they are an Analysis."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jndcore import __version__
from jndcore.media import FrameIndex, Reader, shot_starts
from jndcore.models import ModelCard
from jndcore.results import LABEL_CONVENTION, Analysis, Prediction, Shot

Pool = Callable[[Prediction], Prediction]


class Collector:
    """Predictions by frame number, and shots from the cuts seen so far.

    Parameters
    ----------
    index : FrameIndex
        Of the reader; when a decode corrects it, hand the new one to `follow`.
    fps : float
        Frames a second, 0 where unknown.
    pool : callable
        The model's own pooling: a shot's frames in, one row out.
    """

    def __init__(self, index: FrameIndex, fps: float, pool: Pool) -> None:
        self._index = index
        self._fps = fps
        self._pool = pool
        self._known = Prediction.unknown(len(index.pts))
        self._cuts: set[int] = set()
        self._covered: list[tuple[int, int]] = []
        self._pooled: dict[tuple[int, int], Prediction] = {}

    def follow(self, index: FrameIndex) -> None:
        """Take over a corrected index: results keep their time stamp, their frame number may change."""
        if index is self._index:
            return
        old, new = self._index.pts, index.pts
        place = np.minimum(np.searchsorted(new, old), max(len(new) - 1, 0))
        kept = new[place] == old if len(new) else np.zeros(len(old), dtype=bool)
        moved = Prediction.unknown(len(new))
        for name in ("qp", "sur_sd", "err"):
            getattr(moved, name)[place[kept]] = getattr(self._known, name)[kept]
        self._covered = [
            (int(np.searchsorted(new, old[a])), int(np.searchsorted(new, old[b - 1])) + 1)
            for a, b in self._covered
        ]
        self._known, self._index = moved, index
        self._pooled.clear()

    def add(self, frames: NDArray[np.int64], prediction: Prediction) -> None:
        """Keep the rows of `prediction` for `frames`."""
        self._known.qp[frames] = prediction.qp
        self._known.sur_sd[frames] = prediction.sur_sd
        self._known.err[frames] = prediction.err

    def cut(self, pts: Iterable[int]) -> None:
        """Note that shots start at the frames with these time stamps."""
        self._cuts.update(pts)

    def cover(self, start: int, stop: int) -> None:
        """Note that cuts were looked for in ``start`` up to but not including `stop`, from `start` anew."""
        if self._covered and self._covered[-1][0] == start:
            self._covered.pop()
        self._covered.append((start, stop))

    def shots(self) -> tuple[Shot, ...]:
        """Shots of the parts that were looked through; their edges bound shots too, until they meet."""
        bounds = [self._bounds(start, stop) for start, stop in _joined(self._covered)]
        return tuple(self._shot(a, b) for edges in bounds for a, b in pairwise(edges))

    def analysis(self, reader: Reader, card: ModelCard | None, *, device: str, every: int) -> Analysis:
        """All of it as a value; `card` is the model's, None where it is untrained."""
        self.follow(reader.index)
        frame = np.flatnonzero(self._known.known).astype(np.int64)
        prediction = self._known.take(frame)
        shots = self.shots()
        starts = np.array([shot.start for shot in shots], dtype=np.int64)
        model = card.name if card else "untrained"
        return Analysis(
            video=reader.info.identity,
            model=model,
            model_sha256=card.sha256 if card else "",
            frame=frame,
            pts=self._index.pts[frame],
            time=self._index.time[frame],
            shot=np.searchsorted(starts, frame, side="right") - 1,
            prediction=prediction,
            shots=shots,
            label=card.labels if card else LABEL_CONVENTION,
            version=__version__,
            device=device,
            every=every,
            warnings=(*reader.warnings, *_crossing(prediction, model)),
        )

    def _bounds(self, start: int, stop: int) -> list[int]:
        cuts = np.searchsorted(self._index.pts, sorted(self._cuts)).tolist()
        return [*shot_starts((cut for cut in cuts if start < cut < stop), start, self._fps), stop]

    def _shot(self, start: int, stop: int) -> Shot:
        pooled = self._pooled.get((start, stop))
        if pooled is None:
            rows = self._known.take(slice(start, stop))
            pooled = self._pool(rows.take(rows.known))
            self._pooled[start, stop] = pooled
        return Shot(start, stop, pooled)


def _crossing(prediction: Prediction, model: str) -> list[str]:
    """A sentence where levels lie in the wrong order: they are told as they are, and flagged."""
    crossed = int(prediction.crossed.sum())
    if not crossed:
        return []
    return [f"levels cross at {crossed} of {len(prediction)} frames; {model} does not order them."]


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        elif start < stop:
            joined.append((start, stop))
    return joined
