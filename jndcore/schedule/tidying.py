"""Rules on the QPs of neighbouring segments: none too short, no step too large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Run:
    """Frames `start` to `stop` at `qp`; `level` is their JND, of span `row`, whose viewers notice first."""

    start: int
    stop: int
    qp: int
    level: float
    row: int

    def join(self, after: Run) -> Run:
        """Both at the lower QP."""
        lower = self if self.qp <= after.qp else after
        return Run(self.start, after.stop, lower.qp, min(self.level, after.level), lower.row)


def join_short(runs: list[Run], shortest: int) -> list[Run]:
    """Join runs of fewer than `shortest` frames to a neighbour, from the first on, at the lower QP.

    Of the two neighbours it is the one that loses less: JND above what it is joined to, times frames. That
    does not depend on the share of viewers, so for more of them no frame's QP can come out higher.
    """
    kept: list[Run] = []
    waiting = list(reversed(runs))
    while waiting:
        run = waiting.pop()
        if run.stop - run.start >= shortest or not (kept or waiting):
            kept.append(run)
        elif kept and (not waiting or _loss(kept[-1], run) <= _loss(run, waiting[-1])):
            kept[-1] = kept[-1].join(run)
        else:
            waiting.append(run.join(waiting.pop()))
    return kept


def limit_steps(qp: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Lower QPs, none more than needed, until neighbours differ by at most `most`."""
    ramp = most * np.arange(len(qp))
    falling = np.minimum.accumulate(qp - ramp) + ramp  # no more than `most` above any QP before
    rising = (np.minimum.accumulate((qp + ramp)[::-1]) - ramp[::-1])[::-1]
    return np.minimum(falling, rising)


def fill_unknown(qp: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each NaN the lower of the nearest known QPs before and after it; at least one is known."""
    known = np.flatnonzero(np.isfinite(qp))
    after = np.searchsorted(known, np.arange(len(qp)))
    before = np.maximum(after - 1, 0)
    nearest = np.minimum(qp[known[before]], qp[known[np.minimum(after, len(known) - 1)]])
    return np.where(np.isfinite(qp), qp, nearest)


def _loss(a: Run, b: Run) -> float:
    higher = a if a.level > b.level else b
    return abs(a.level - b.level) * (higher.stop - higher.start)
