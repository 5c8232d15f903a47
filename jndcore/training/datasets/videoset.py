"""VideoSet (Wang et al. 2017, arXiv 1701.01500): 220 videos, H.264 at QP 1 to 51, three JNDs of 30 observers.

Read are, from the root or folders in it, the label tables ``1280x720_1st.csv``, ``_2nd.csv``, ``_3rd.csv``
and the videos ``videoSRC001_1280x720_30_qp_00.264`` (the source) to ``_qp_51``, here for one resolution.
`sequence_index` is taken for the number in the videos' names [not at hand]; a table that counts otherwise
than from 1 is refused.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jndcore.errors import JNDError
from jndcore.training.datasets.base import Dataset, Item
from jndcore.training.datasets.listing import by_name, read_text, refuse
from jndcore.training.datasets.videos import Video

RESOLUTIONS = ("1920x1080", "1280x720", "960x540", "640x360")
ORDINALS = ("1st", "2nd", "3rd")
COLUMNS = ("anchor", "jnd", "samples", "sequence_index")
HIGHEST_QP = 51

CONVENTION = (
    "The x264 QP that 75 % of the observers of a five-second video accept (75 % SUR): "
    "round(percentile(samples, 25)) of some 30 observers, levels 2 and 3 against the level before."
)

_VIDEO = re.compile(r"videoSRC(\d{3})_(\d+x\d+)_(\d+)_qp_(\d\d)\.264")


@dataclass(frozen=True)
class Label:
    """One row of a table: QPs of the anchor and of the JND, and the observers' standard deviation."""

    anchor: float
    jnd: float
    sd: float


def open_videoset(root: Path, resolution: str) -> Dataset:
    """All videos of one resolution; no split is assigned.

    Raises
    ------
    JNDError
        Where files are missing or misnamed, or a table breaks VideoSet's convention: `jnd` is
        round(percentile(samples, 25)), `anchor` is 0 for the first JND and the `jnd` of the level before
        for the others.
    """
    if resolution not in RESOLUTIONS:
        raise JNDError(f"{root}: VideoSet has no {resolution}; choose one of {', '.join(RESOLUTIONS)}.")
    files = by_name(root)
    tables = [f"{resolution}_{ordinal}.csv" for ordinal in ORDINALS]
    refuse(
        root,
        [name for name in tables if name not in files],
        [],
        "put VideoSet's label tables there under these names",
    )
    levels = [_read_table(files[name]) for name in tables]
    _check_anchors([files[name] for name in tables], levels)
    videos = _videos(root, files, resolution, levels)
    return Dataset(
        f"VideoSet {resolution}",
        "x264 QP",
        CONVENTION,
        tuple(_item(source, levels, videos) for source in levels[0]),
    )


def _item(source: int, levels: list[dict[int, Label]], videos: dict[tuple[int, int], Path]) -> Item:
    one, two, three = (level[source] for level in levels)
    coded = (videos[source, int(one.jnd)], videos[source, int(two.jnd)], videos[source, int(three.jnd)])
    return Item(
        name=f"SRC{source:03d}",
        group=f"SRC{source:03d}",
        split="",
        jnd=(one.jnd, two.jnd, three.jnd),
        sd=(one.sd, two.sd, three.sd),
        source=Video(videos[source, 0], coded),
    )


def _videos(
    root: Path, files: dict[str, Path], resolution: str, levels: list[dict[int, Label]]
) -> dict[tuple[int, int], Path]:
    """The videos that the labels need, by source and QP."""
    found: dict[tuple[int, int], Path] = {}
    rates: dict[int, str] = {}
    misnamed = []
    for name, path in files.items():
        match = _VIDEO.fullmatch(name)
        if match and match[2] == resolution:
            found[int(match[1]), int(match[4])] = path
            rates[int(match[1])] = match[3]
        elif path.suffix == ".264" and not match:
            misnamed.append(name)
    wanted = [
        (source, qp) for source in levels[0] for qp in (0, *(int(level[source].jnd) for level in levels))
    ]
    missing = [
        f"videoSRC{source:03d}_{resolution}_{rates.get(source, '<fps>')}_qp_{qp:02d}.264"
        for source, qp in dict.fromkeys(wanted)
        if (source, qp) not in found
    ]
    refuse(
        root,
        missing,
        misnamed if missing else [],
        "put VideoSet's videos there, or in folders there, under these names",
    )
    return found


def _read_table(table: Path) -> dict[int, Label]:
    rows = list(csv.DictReader(io.StringIO(read_text(table)), skipinitialspace=True))
    lacking = [column for column in COLUMNS if rows and column not in rows[0]]
    if lacking or not rows:
        raise JNDError(f"{table}: has no {', '.join(lacking) or 'rows'}; take VideoSet's own table.")
    labels = {}
    for line, row in enumerate(rows, 2):
        try:
            source, label = _label(row)
        except (TypeError, ValueError) as error:
            raise JNDError(f"{table}: line {line} is no label of VideoSet ({error}); correct it.") from error
        if source in labels:
            raise JNDError(f"{table}: line {line} labels video {source} again; keep one of the rows.")
        labels[source] = label
    return labels


def _label(row: dict[str, str]) -> tuple[int, Label]:
    source, jnd = int(row["sequence_index"]), float(row["jnd"])
    samples = np.array(json.loads(row["samples"]), np.float64)
    if source < 1:
        raise ValueError(f"sequence_index {source} is below 1")
    if jnd != int(jnd) or not 1 <= jnd <= HIGHEST_QP:
        raise ValueError(f"jnd {jnd} is no QP of 1 to {HIGHEST_QP}")
    if samples.ndim != 1 or not samples.size:
        raise ValueError("samples is no list of QPs")
    quarter = float(np.percentile(samples, 25))
    if abs(jnd - quarter) > 0.5:  # a half may be rounded either way
        raise ValueError(f"jnd {jnd:g} is not the samples' lower quartile {quarter:g}, rounded")
    sd = float(samples.std(ddof=1)) if samples.size > 1 else float("nan")
    return source, Label(float(row["anchor"]), jnd, sd)


def _check_anchors(tables: list[Path], levels: list[dict[int, Label]]) -> None:
    before = {source: 0.0 for source in levels[0]}
    for table, level in zip(tables, levels, strict=True):
        if level.keys() != before.keys():
            odd = sorted(level.keys() ^ before.keys())
            raise JNDError(
                f"{table}: video {odd[0]} is only in one of this table and {tables[0].name}; "
                "take all tables from one copy of VideoSet."
            )
        for source, label in level.items():
            if label.anchor != before[source]:
                raise JNDError(
                    f"{table}: the anchor of video {source} is {label.anchor:g}, not {before[source]:g} "
                    "(the JND of the level before); take all tables from one copy of VideoSet."
                )
        before = {source: label.jnd for source, label in level.items()}
