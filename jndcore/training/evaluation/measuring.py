"""Filling the table of encodes: clips are decoded, known by their samples, and encoded where need be."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from fractions import Fraction
from pathlib import Path

import numpy as np

from jndcore.errors import JNDError
from jndcore.media import Planes, measure_x264, open_video
from jndcore.training.crossval import LEAST_MSE
from jndcore.training.evaluation.encodes import Encoded, EncodeTable, Source

Progress = Callable[[str, float], None]
Measured = tuple[str, Source, dict[int, Encoded]]

KEEP_EVERY = 20
"""Encodes between two writings of the table: what a killed run may lose, beside clips under way."""

MEMORY = 4 * 2**30
"""Bytes that the pictures of all clips under way may take."""

COPIES = 3
"""Bytes of memory for each pixel of a clip: its 4:2:0 samples, and those of an encode."""


class Measuring:
    """Measures what a table of encodes lacks.

    Parameters
    ----------
    table : EncodeTable
    files : mapping of str to Path
        Where the clips lie, videos of any length; empty where only the table is at hand.
    progress : callable
        Told the stage and the share of it done, 0..1.
    """

    def __init__(self, table: EncodeTable, files: Mapping[str, Path], progress: Progress) -> None:
        self._table, self._files, self._progress = table, files, progress
        self._unseen = set(files)

    def complete(self, wanted: Mapping[str, Iterable[int]], stage: str) -> None:
        """Make the table hold these QPs of these clips.

        Each clip at hand is looked at once, so that encodes of another clip of its name are made anew.

        Raises
        ------
        JNDError
            Where encodes lack and the clips are not at hand, or a clip or the table's file cannot be used.
        """
        lacking = self._table.lacking(wanted)
        if not self._files and lacking:
            raise JNDError(_which_lack(self._table.path, lacking))
        jobs = [(clip, set(wanted[clip])) for clip in wanted if clip in self._unseen or clip in lacking]
        with ThreadPoolExecutor(self._workers(jobs)) as pool:
            results = [pool.submit(self._measure, *job) for job in jobs]
            try:
                self._collect(as_completed(results), len(jobs), stage)
            finally:
                pool.shutdown(cancel_futures=True)
        self._unseen.difference_update(clip for clip, _ in jobs)

    def _workers(self, jobs: Sequence[tuple[str, set[int]]]) -> int:
        """So many clips at once as there are cores, or fewer if they are as long and large as the first."""
        cores = os.cpu_count() or 1
        if not jobs:
            return cores
        with open_video(self._files[jobs[0][0]]) as reader:
            pictures = len(reader) * reader.info.width * reader.info.height * COPIES
        return max(1, min(cores, MEMORY // max(pictures, 1)))

    def _collect(self, results: Iterator[Future[Measured]], count: int, stage: str) -> None:
        unwritten = 0
        for done, result in enumerate(results, 1):
            clip, source, made = result.result()
            self._table.put(clip, source, made)
            unwritten += len(made)
            if unwritten >= KEEP_EVERY or (unwritten and done == count):
                self._table.write()
                unwritten = 0
            self._progress(stage, done / count)

    def _measure(self, clip: str, qps: set[int]) -> Measured:
        source, frames = read_source(self._files[clip])
        known = self._table.encodes[clip] if self._table.sources.get(clip) == source else {}
        return clip, source, {qp: encode(frames, qp, source.fps) for qp in sorted(qps - known.keys())}


def read_source(path: Path) -> tuple[Source, list[Planes]]:
    """A clip's identity and its frames; JNDError where it cannot be read or holds none."""
    with open_video(path) as reader:
        fps = Fraction(reader.info.fps or 25)
        frames = [frame.planes() for frame in reader.frames()]
    if not frames:
        raise JNDError(f"{path}: holds no frames; render the clip again.")
    digest = hashlib.sha256()
    for picture in frames:
        for plane in (picture.y, picture.u, picture.v):
            digest.update(np.ascontiguousarray(plane).data)
    height, width = frames[0].y.shape
    return Source(digest.hexdigest(), width, height, len(frames), fps), frames


def encode(frames: list[Planes], qp: int, fps: Fraction) -> Encoded:
    """Encode a clip at `qp`, 1..51; PSNR of the luma's mean squared error over all frames."""
    made = measure_x264(frames, qp, fps=fps)
    errors = [
        np.square(source.y.astype(np.float32) - coded.y).mean()
        for source, coded in zip(frames, made.planes, strict=True)
    ]
    mse = max(float(np.mean(errors, dtype=np.float64)), LEAST_MSE)
    return Encoded(round(10 * np.log10(255**2 / mse), 4), made.bytes)


def _which_lack(path: Path, lacking: Mapping[str, list[int]]) -> str:
    clip, qps = next(iter(lacking.items()))
    count = sum(len(some) for some in lacking.values())
    return (
        f"{path}: lacks {count} encodes of {len(lacking)} clips ({clip} at QP {', '.join(map(str, qps))}, "
        "for one); give the data set with --data, and --rendered for labelled clips, so that they can be "
        "made, or move the table away to go without them."
    )
