"""Tables of clips with labels in x264 QP, and their rendered files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.results import OBSERVER_SD, QP_MAX, QP_MIN
from jndcore.training.datasets.base import Bgr, Dataset, Item, Triple
from jndcore.training.datasets.jnd_frames import jnd_planes
from jndcore.training.datasets.listing import spread
from jndcore.training.datasets.videos import bgr, video_frames
from jndcore.training.labels import TABLES, read_clips

CONVENTION = (
    "The QP of x264's P frames (-qp N -preset medium) that 75 % of observers accept (75 % SUR), for a whole "
    "clip, levels 2 and 3 against the level before, as the label tables state it; the spread between "
    "observers is VideoSet's for every clip."
)

SPLITS = ("train", "valid", "test", "")


@dataclass(frozen=True)
class RenderedClip:
    """A `Source` whose JND frames are encoded when asked for.

    Attributes
    ----------
    path : Path
        The clip, without loss.
    jnd : tuple of float
        QPs of the levels.
    cache : Path or None
        Folder that keeps encoded frames; see `jndcore.training.datasets.jnd_frames`.
    """

    path: Path
    jnd: Triple
    cache: Path | None

    @property
    def video(self) -> Path:
        """The clip; see `Source.video`."""
        return self.path

    def frames(self, count: int) -> list[Bgr]:
        """Frames of the clip; see `Source.frames`."""
        return video_frames(self.path, count)

    def at_jnd(self, level: int, count: int) -> list[Bgr]:
        """The frames from an encode of the whole clip at the level's QP, rounded, 8 to 47."""
        if not 1 <= level <= len(self.jnd):
            raise ValueError(f"JND level {level}")
        qp = int(np.clip(np.rint(self.jnd[level - 1]), QP_MIN, QP_MAX))
        with open_video(self.path) as reader:
            numbers = spread(len(reader), count)
            frames = list(reader.frames())
            if len(frames) <= numbers[-1]:
                raise JNDError(f"{self.path}: only {len(frames)} frames can be decoded; render it again.")
            coded = jnd_planes([frame.planes() for frame in frames], qp, numbers, cache=self.cache)
            return [bgr(frames[n], planes) for n, planes in zip(numbers, coded, strict=True)]


def open_clips(root: Path, rendered: Path, cache: Path | None) -> Dataset:
    """The clips of a folder of label tables (see `jndcore.training.labels.read_clips`).

    Parameters
    ----------
    root : Path
        Holds ``clips.csv``, ``real_clips.csv`` or both. A column `split` is used where there is one.
    rendered : Path
        Holds ``<id>.mkv`` for each row.
    cache : Path or None
        For encoded frames.

    Raises
    ------
    JNDError
        Where a table is bad, clips have no file, or a split has an unknown name.
    """
    clips = read_clips(root, rendered)
    splits = _splits(root)
    items = (
        Item(
            name=clip.name,
            group=clip.group,
            split=splits[clip.name],
            jnd=(clip.jnd[0], clip.jnd[1], clip.jnd[2]),
            sd=OBSERVER_SD,
            source=RenderedClip(clip.path, (clip.jnd[0], clip.jnd[1], clip.jnd[2]), cache),
        )
        for clip in clips
    )
    return Dataset(root.name, "x264 QP", CONVENTION, tuple(items))


def _splits(root: Path) -> dict[str, str]:
    """The column `split` of both tables, by id; empty where a table has none."""
    found = {}
    for table in (root / name for name in TABLES if (root / name).is_file()):
        with open(table, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                found[row["id"]] = split = row.get("split") or ""
                if split not in SPLITS:
                    raise JNDError(
                        f"{table}: row {row['id']} is in split {split!r}; name it train, valid or test."
                    )
    return found
