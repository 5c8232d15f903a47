"""KonJND-1k (Lin et al. 2022, doi 10.1109/TCSVT.2022.3163860): 1,008 pictures, JPEG or BPG, first JND only.

Layout, as three public loaders on GitHub read it (imazen/zensim among them)::

    subjective_ratings.csv     image_id, Compression type, No. of ratings, mean, std, ratings
    source_image/SRC0001.png   640x480
    jpeg/SRC0001_JPEG_001.jpg  .. _100
    bpg/SRC0505_BPG_001.png    .. _051, decoded

`mean` and `std` are over some 42 observers' first JNDs. All those loaders take them for numbers of files;
that is [not at hand] from the authors, whose interface recorded both a "distortion level" and its complement
``101 - level``, the number of the picture (angchen-dev/KonJND-1k, ``GUI/code/study_hit.js``). Which end of
the numbers is the worse is not guessed but measured, on the first picture that has both ends; JPEG numbers
that rise with the distortion are turned into qualities by that complement.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jndcore.errors import JNDError
from jndcore.training.datasets.base import WORSE, Dataset, Item, sur75
from jndcore.training.datasets.listing import read_text, refuse
from jndcore.training.datasets.stills import Still, read_image

TABLE = "subjective_ratings.csv"
COLUMNS = ("image_id", "Compression type", "mean", "std")


@dataclass(frozen=True)
class Codec:
    """How the pictures of one codec are named: folder, tag, suffix, and the last number."""

    folder: str
    tag: str
    suffix: str
    last: int
    scale: str

    def path(self, root: Path, stem: str, number: int) -> Path:
        """The file of a picture at a number."""
        return root / self.folder / f"{stem}_{self.tag}_{number:03d}{self.suffix}"


CODECS = {
    "jpeg": Codec("jpeg", "JPEG", ".jpg", 100, "JPEG quality"),
    "bpg": Codec("bpg", "BPG", ".png", 51, "BPG QP"),
}


@dataclass(frozen=True)
class Rating:
    """One row: the source's file, and mean and standard deviation of the observers' JNDs, file numbers."""

    path: Path
    mean: float
    sd: float


def open_konjnd(root: Path, codec: str) -> Dataset:
    """All pictures rated under one codec; levels 2 and 3 are NaN, no split is assigned.

    Parameters
    ----------
    codec : str
        ``"jpeg"`` or ``"bpg"``.

    Raises
    ------
    JNDError
        Where files are missing, the table is of another form, or the pictures do not show which end of
        the numbers is the worse.
    """
    if codec not in CODECS:
        raise JNDError(f"{root}: KonJND-1k has no codec {codec}; choose one of {', '.join(CODECS)}.")
    root, kind = _find(root), CODECS[codec]
    ratings = _read_table(root, kind)
    worse = next((_worse(root, kind, rating) for rating in ratings if _measurable(root, kind, rating)), None)
    wanted = [rating.path for rating in ratings]
    if worse is None:
        wanted += _ends(root, kind, ratings[0])
    else:
        wanted += [_coded(root, kind, rating, worse) for rating in ratings]
    refuse(
        root,
        [path.relative_to(root).as_posix() for path in dict.fromkeys(wanted) if not path.is_file()],
        [],
        "put KonJND-1k's pictures there under these names",
    )
    worse = worse or _worse(root, kind, ratings[0])  # the files of the first were all there, if no others'
    return Dataset(
        f"KonJND-1k {kind.tag}",
        kind.scale,
        f"The {kind.scale} that 75 % of some 42 observers accept (75 % SUR) in a flicker test, of a normal "
        "distribution with the table's mean and standard deviation; first JND only.",
        tuple(_item(root, kind, rating, worse) for rating in ratings),
    )


def _item(root: Path, kind: Codec, rating: Rating, worse: int) -> Item:
    point = sur75(rating.mean, rating.sd, worse)
    if worse != WORSE[kind.scale]:
        point = kind.last + 1 - point
    stem = rating.path.stem
    still = Still(rating.path, (_coded(root, kind, rating, worse), None, None))
    return Item(stem, stem, "", (point, math.nan, math.nan), (rating.sd, math.nan, math.nan), still)


def _coded(root: Path, kind: Codec, rating: Rating, worse: int) -> Path:
    """The file nearest to the 75 % SUR point."""
    number = int(np.clip(np.rint(sur75(rating.mean, rating.sd, worse)), 1, kind.last))
    return kind.path(root, rating.path.stem, number)


def _ends(root: Path, kind: Codec, rating: Rating) -> list[Path]:
    return [kind.path(root, rating.path.stem, number) for number in (1, kind.last)]


def _measurable(root: Path, kind: Codec, rating: Rating) -> bool:
    return all(path.is_file() for path in (rating.path, *_ends(root, kind, rating)))


def _worse(root: Path, kind: Codec, rating: Rating) -> int:
    """1 where numbers rise with the distortion, -1 where they fall, by mean squared error."""
    source = read_image(rating.path).astype(np.float64)
    ends = _ends(root, kind, rating)
    pictures = [read_image(path) for path in ends]
    same_size = all(picture.shape == source.shape for picture in pictures)
    first, last = (np.square(p - source).mean() for p in pictures) if same_size else (0.0, 0.0)
    worse = int(np.sign(last - first))
    if worse == 0 or (worse != WORSE[kind.scale] and kind is not CODECS["jpeg"]):
        raise JNDError(
            f"{ends[1]}: is not further from {rating.path.name} than {ends[0].name} as its number says; "
            "take both from one copy of KonJND-1k."
        )
    return worse


def _find(root: Path) -> Path:
    """The folder of the table: `root` or one below."""
    found = [root / TABLE, *sorted(root.rglob(TABLE))]
    table = next((path for path in found if path.is_file()), None)
    if table is None:
        raise JNDError(f"{root}: holds no {TABLE}; name KonJND-1k's folder.")
    return table.parent


def _read_table(root: Path, kind: Codec) -> list[Rating]:
    table = root / TABLE
    rows = [
        {(name or "").strip(): value for name, value in row.items()}
        for row in csv.DictReader(io.StringIO(read_text(table)), skipinitialspace=True)
    ]
    lacking = [column for column in COLUMNS if rows and column not in rows[0]]
    if lacking:
        raise JNDError(f"{table}: has no {', '.join(lacking)}; take KonJND-1k's own table.")
    ratings = [
        _rating(root, line, row) for line, row in enumerate(rows, 2) if row["Compression type"] == kind.tag
    ]
    if not ratings:
        raise JNDError(f"{table}: has no rows of {kind.tag}; take KonJND-1k's own table.")
    return ratings


def _rating(root: Path, line: int, row: dict[str, str]) -> Rating:
    table, name = root / TABLE, row["image_id"]
    try:
        mean, sd = float(row["mean"]), float(row["std"])
    except (TypeError, ValueError) as error:
        raise JNDError(f"{table}: line {line} holds a figure that is no number; correct it.") from error
    if not (name and math.isfinite(mean) and math.isfinite(sd) and sd >= 0):
        raise JNDError(f"{table}: line {line} lacks an image_id, a finite mean or a std; correct it.")
    return Rating(root / "source_image" / (name if Path(name).suffix else f"{name}.png"), mean, sd)
