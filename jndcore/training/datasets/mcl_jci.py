"""MCL-JCI (Jin et al. 2016, doi 10.2352/ISSN.2470-1173.2016.13.IQSP-222): 50 pictures, JPEG quality 1 to 100.

Layout, as read by imazen/zensim (GitHub, ``benchmarks/mcl-jci.pointer.md`` and the worklog beside it)::

    .../ImageJND_SRC01/ImageJND_SRC01_100.jpg .. ImageJND_SRC01_001.jpg   the number is the JPEG quality
    .../JND_samples/JND_image_01.txt                                      a line for each of 30 observers

A line lists the qualities at which one observer saw JND 1, 2, ...: JND k is the highest quality noticeably
different from JND k - 1, and JND 0 is quality 100, which is therefore the source here. What parts the numbers
of a line is [not at hand]; blanks, commas and brackets are understood, anything else is refused.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.results import LEVELS
from jndcore.training.datasets.base import Dataset, Item, Triple
from jndcore.training.datasets.listing import by_name, natural_key, read_text, refuse
from jndcore.training.datasets.stills import Still

ANCHOR = 100
"""Quality of the pictures that observers compared with."""

CONVENTION = (
    "The JPEG quality that 75 % of 30 observers accept (75 % SUR): the upper quartile of the qualities at "
    "which each saw the JND, levels 2 and 3 against the level before; whoever saw none counts as below all."
)

_PICTURE = re.compile(r"ImageJND_SRC(\d\d)_(\d{3})\.jpg", re.IGNORECASE)
_SAMPLES = re.compile(r"JND_image_(\d\d)\.txt", re.IGNORECASE)
_LIKE_ONE = re.compile(r"(ImageJND.*\.jpe?g|JND_image.*\.txt)", re.IGNORECASE)


def open_mcl_jci(root: Path) -> Dataset:
    """All pictures that there are, wherever below `root`; no split is assigned.

    Raises
    ------
    JNDError
        Where files are missing or misnamed, or a file of labels is of another form.
    """
    pictures: dict[tuple[int, int], Path] = {}
    samples: dict[int, Path] = {}
    misnamed = []
    for name, path in by_name(root).items():
        if match := _PICTURE.fullmatch(name):
            pictures[int(match[1]), int(match[2])] = path
        elif match := _SAMPLES.fullmatch(name):
            samples[int(match[1])] = path
        elif _LIKE_ONE.fullmatch(name):
            misnamed.append(name)
    sources = sorted({source for source, _ in pictures} | set(samples))
    if not sources:
        raise JNDError(
            f"{root}: holds no ImageJND_SRC01_100.jpg and no JND_image_01.txt; name MCL-JCI's folder."
        )
    labels = {source: jnd_points(samples[source]) for source in sources if source in samples}
    missing = [f"JND_image_{source:02d}.txt" for source in sources if source not in samples]
    missing += [
        f"ImageJND_SRC{source:02d}_{quality:03d}.jpg"
        for source in sources
        for quality in (ANCHOR, *(_nearest(point) for point in labels.get(source, ((), ()))[0]))
        if quality is not None and (source, quality) not in pictures
    ]
    refuse(
        root,
        sorted(set(missing), key=natural_key),
        misnamed if missing else [],
        "put MCL-JCI's files there, or in folders there, under these names",
    )
    return Dataset(
        "MCL-JCI", "JPEG quality", CONVENTION, tuple(_item(n, *labels[n], pictures) for n in sources)
    )


def _item(source: int, jnd: Triple, sd: Triple, pictures: dict[tuple[int, int], Path]) -> Item:
    one, two, three = (
        None if (quality := _nearest(point)) is None else pictures[source, quality] for point in jnd
    )
    name = f"SRC{source:02d}"
    return Item(name, name, "", jnd, sd, Still(pictures[source, ANCHOR], (one, two, three)))


def jnd_points(path: Path) -> tuple[Triple, Triple]:
    """75 % SUR points of levels 1 to 3, and standard deviations between observers, JPEG quality.

    A point is NaN where so many observers did not see the level at any quality that the upper quartile falls
    on them.

    Raises
    ------
    JNDError
        Where the file is of another form.
    """
    observers = [
        _observer(path, n, line) for n, line in enumerate(read_text(path).splitlines(), 1) if line.strip()
    ]
    if not observers:
        raise JNDError(f"{path}: is empty; it needs a line of JPEG qualities for each observer.")
    columns = [
        np.array([seen[k] for seen in observers if len(seen) > k], np.float64) for k in range(len(LEVELS))
    ]
    one, two, three = (_upper_quartile(column, len(observers)) for column in columns)
    sds = [float(column.std(ddof=1)) if len(column) > 1 else float("nan") for column in columns]
    return (one, two, three), (sds[0], sds[1], sds[2])


def _observer(path: Path, number: int, line: str) -> list[int]:
    """JPEG qualities of one observer's JNDs, highest (first seen) first."""
    try:
        seen = [int(part) for part in re.split(r"[\s,;]+", line.strip(" \t,;[]()"))]
    except ValueError:
        seen = []
    falling = sorted(set(seen), reverse=True)
    if not seen or len(falling) < len(seen) or not 1 <= falling[-1] <= falling[0] < ANCHOR:
        raise JNDError(
            f"{path}: line {number} is no list of different JPEG qualities of 1 to {ANCHOR - 1} "
            f"({line.strip()!r}); take MCL-JCI's own file."
        )
    return falling


def _upper_quartile(seen: NDArray[np.float64], observers: int) -> float:
    """The 75th percentile, observers without an answer being below all."""
    lacking = observers - len(seen)
    if int(0.75 * (observers - 1)) < lacking:
        return float("nan")
    return float(np.percentile(np.concatenate([np.zeros(lacking), seen]), 75))


def _nearest(point: float) -> int | None:
    return None if np.isnan(point) else int(np.rint(point))
