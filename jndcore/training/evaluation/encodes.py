"""What x264 makes of the clips at whole QPs: measured once, kept in a table from which figures come again."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.results import LABEL_AREA, QP_MAX, QP_MIN
from jndcore.results.atomic import replacing

Array = NDArray[np.float64]

COLUMNS = ("id", "sha256", "width", "height", "frames", "fps", "qp", "psnr", "bytes")


@dataclass(frozen=True)
class Source:
    """A clip as it was encoded.

    Attributes
    ----------
    sha256 : str
        Of its decoded samples, hexadecimal: another clip of the same name has another.
    width, height : int
        Pixels.
    frames : int
    fps : Fraction
    """

    sha256: str
    width: int
    height: int
    frames: int
    fps: Fraction


@dataclass(frozen=True)
class Encoded:
    """One encode: luma PSNR against the source in dB, and bytes of the H.264 stream."""

    psnr: float
    bytes: int


class EncodeTable:
    """Encodes by clip and QP, libx264 ``-qp N -preset medium``.

    Attributes
    ----------
    path : Path
        The CSV file; need not exist yet.
    sources : dict of str to Source
    encodes : dict of str to dict of int to Encoded
        By clip, then by QP.
    """

    def __init__(self, path: Path) -> None:
        """Read `path` where it exists.

        Raises
        ------
        JNDError
            Where the file is damaged, or holds two clips of one name.
        """
        self.path = path
        self.sources: dict[str, Source] = {}
        self.encodes: dict[str, dict[int, Encoded]] = {}
        if path.exists():
            self._read()

    def put(self, clip: str, source: Source, encodes: Mapping[int, Encoded]) -> None:
        """Add encodes of a clip; those of another clip of this name are forgotten."""
        if self.sources.get(clip) != source:
            self.encodes[clip] = {}
        self.sources[clip] = source
        self.encodes[clip] |= encodes

    def lacking(self, wanted: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
        """The QPs of `wanted`, by clip, that are not here; clips that lack none are left out."""
        gaps = {clip: sorted(set(qps) - self.encodes.get(clip, {}).keys()) for clip, qps in wanted.items()}
        return {clip: qps for clip, qps in gaps.items() if qps}

    def psnr(self, clips: Iterable[str], qp: Array) -> Array:
        """Luma PSNR of each clip at its QP, in dB.

        Parameters
        ----------
        clips : iterable of str
            C of them.
        qp : ndarray, shape (C,)
            As predicted; rounded and clipped by `whole`.

        Returns
        -------
        ndarray, shape (C,)
        """
        pairs = zip(clips, whole(qp).tolist(), strict=True)
        return np.array([self.encodes[clip][q].psnr for clip, q in pairs])

    def log_rate(self, clips: Iterable[str], qp: int) -> Array:
        """log2 of each clip's bits a second at QP `qp`, scaled to 1280x720 by area; shape (C,)."""
        rates = []
        for clip in clips:
            source, size = self.sources[clip], self.encodes[clip][qp].bytes
            area = LABEL_AREA / (source.width * source.height)
            rates.append(8 * size * float(source.fps) / source.frames * area)
        return np.log2(rates)

    def write(self) -> None:
        """Write all to `path`, whole or not at all; JNDError where that fails."""
        with replacing(self.path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            for clip, source in sorted(self.sources.items()):
                about = (clip, source.sha256, source.width, source.height, source.frames, source.fps)
                for qp, one in sorted(self.encodes[clip].items()):
                    table.writerow([*about, qp, f"{one.psnr:.4f}", one.bytes])

    def _read(self) -> None:
        try:
            with open(self.path, newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    self._take(row)
        except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError, csv.Error) as error:
            raise JNDError(
                f"{self.path}: not a table of encodes ({error}); delete it and give --data."
            ) from error

    def _take(self, row: dict[str, str]) -> None:
        width, height, frames = (int(row[name]) for name in ("width", "height", "frames"))
        source = Source(row["sha256"], width, height, frames, Fraction(row["fps"]))
        if self.sources.get(row["id"], source) != source:
            raise ValueError(f"two clips are called {row['id']}")
        self.put(row["id"], source, {int(row["qp"]): Encoded(float(row["psnr"]), int(row["bytes"]))})


def whole(qp: Array) -> NDArray[np.int64]:
    """The QPs that x264 is asked for: rounded, within 8..47, where its rates change."""
    return np.clip(np.rint(qp), QP_MIN, QP_MAX).astype(np.int64)
