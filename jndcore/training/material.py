"""What the default network learns from: labelled clips, which it is judged by too, and made ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.training.fit_levels import LevelData
from jndcore.training.frames import cache_frames
from jndcore.training.labels import Clip, labels, measured


@dataclass(frozen=True)
class Material:
    """Clips with their frames and labels.

    Attributes
    ----------
    known, made : list of Clip
        Labelled clips, and made ones (see `jndcore.training.made`), of which there may be none.
    data, more : LevelData
        What is learned from them, in the same order.
    """

    known: list[Clip]
    made: list[Clip]
    data: LevelData
    more: LevelData

    @property
    def groups(self) -> list[str]:
        """Of the labelled clips."""
        return [clip.group for clip in self.known]

    def inside(self, chosen: NDArray[np.int64]) -> tuple[LevelData, LevelData]:
        """The labelled clips chosen, and the made ones of no group that is held out with the others."""
        hidden = set(self.groups) - {self.known[i].group for i in chosen}
        free = [i for i, clip in enumerate(self.made) if clip.group not in hidden]
        return self.data.take(chosen), self.more.take(np.array(free, np.int64))


def gather(
    known: list[Clip], made: list[Clip], scratch: Path, seed: int, progress: Callable[[str, float], None]
) -> Material:
    """Decode and encode the clips into the folder `scratch` (see `cache_frames`).

    Where a clip lacks measured columns, all teach but levels.
    """
    clips = known + made
    frames = cache_frames(clips, scratch, seed, progress)
    area = np.array([clip.pictures[0, 0].size for clip in frames])
    moves = np.array([clip.moves for clip in clips])
    everything = LevelData(frames, labels(clips), moves, measured(clips, area))
    data, more = (everything.take(part) for part in np.split(np.arange(len(clips)), [len(known)]))
    return Material(known, made, data, more)
