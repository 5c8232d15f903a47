"""``jnd make-clips``: a folder of clips to label and to train on, from stills, videos and nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from jndcore.errors import JNDError
from jndcore.media import Planes, measure_x264
from jndcore.media.lossless import write_lossless
from jndcore.media.planes import from_bgr
from jndcore.results.atomic import make_folder, replacing
from jndcore.training.labels import write_rows
from jndcore.training.made.footage import cut_video
from jndcore.training.made.motion import Bytes, draw_move, move_still
from jndcore.training.made.scenes import draw_scene

RATE = Fraction(30)
"""Frames a second of moved stills."""

COMPRESSED = 0.3
"""Share of moved stills that were compressed before, as most video that people have."""

SLICES = 2
"""Of a frame in such an encode, whatever the machine: the clips are the same on all."""

TABLE = "made.csv"
COLUMNS = ("id", "group", "source", "seed", "fps")


@dataclass(frozen=True)
class Source:
    """What a clip is made of: a still, a video, or (`path` None) a scene drawn for it alone.

    Clips with one `group` show the same and never lie in two folds.
    """

    group: str
    path: Path | None
    video: bool = False


def make_clips(
    sources: list[Source], count: int, out: Path, seed: int, progress: Callable[[float], None]
) -> Path:
    """Write ``ID.mkv`` (FFV1, 24 frames of 640x352) and the table ``made.csv`` into a folder.

    The sources take turns; the same sources, count and seed give the same clips. The table comes last:
    what was stopped leaves whole clips without one.

    Parameters
    ----------
    progress : callable
        Given the share of the clips done, 0 to 1.

    Returns
    -------
    Path
        Of the table.

    Raises
    ------
    JNDError
        Where a source cannot be read, or the folder not be written or holds made clips already.
    """
    make_folder(out)
    if (out / TABLE).exists():
        raise JNDError(f"{out / TABLE}: is there already; name an empty folder for the clips.")
    rows = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = pool.map(lambda i: _make(sources[i % len(sources)], i, seed, out), range(count))
        for row in jobs:
            rows.append(row)
            progress(len(rows) / count)
    write_rows(out / TABLE, rows)
    return out / TABLE


def _make(source: Source, number: int, seed: int, out: Path) -> dict[str, str]:
    draw = np.random.default_rng([seed, number])
    name = f"m{number:05d}"
    clip, rate = cut_video(source.path, draw) if source.video and source.path else _moved(source, draw)
    with replacing(out / f"{name}.mkv") as path:
        write_lossless(path, clip, rate)
    group = source.group or name
    shown = source.path.name if source.path else "scene"
    return dict(zip(COLUMNS, (name, group, shown, str(seed), str(rate)), strict=True))


def _moved(source: Source, draw: np.random.Generator) -> tuple[list[Planes], Fraction]:
    still = draw_scene(draw) if source.path is None else _still(source.path)
    frames = move_still(still, draw_move(draw), draw)
    clip = [from_bgr(frame) for frame in frames]
    if draw.random() < COMPRESSED:
        clip = measure_x264(clip, int(draw.integers(18, 31)), fps=RATE, threads=SLICES).planes
    return clip, RATE


def _still(path: Path) -> Bytes:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise JNDError(f"{path}: cannot be read as a picture; leave it out.")
    return np.asarray(picture, np.uint8)
