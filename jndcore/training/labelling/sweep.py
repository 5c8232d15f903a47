"""A clip at many QPs: what x264 makes of it, measured by the teacher, VMAF and PSNR."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.media import Planes, measure_x264, open_video
from jndcore.media.lossless import write_lossless
from jndcore.media.vmaf import vmaf_scores
from jndcore.training.labelling.formula import crossing, jnd_qps, rate_720p
from jndcore.training.labelling.teacher import FRAMES, PATCH, Teacher, clip_sur

ALL_QPS = (18, 21, 24, 27, 30, 33, 36, 39, 42, 45)
QUICK_QPS = ALL_QPS[:7]
"""Nearly all labels lie here."""

LENGTH = 2 * FRAMES
"""Frames of a clip that are swept: the teacher sees every second one."""

SUR, VMAF = 75.0, 95.0
"""What is looked for: the share of satisfied viewers, and VMAF's point of the same meaning."""


@dataclass(frozen=True)
class Sweep:
    """One clip, measured.

    Attributes
    ----------
    qps : ndarray of int64, shape (Q,)
    teacher : ndarray, shape (Q,)
        First-JND SUR in per cent, uncalibrated.
    vmaf, psnr : ndarray, shape (Q,)
        Means over frames; PSNR of luma in dB.
    size : ndarray of int64, shape (Q,)
        Bytes of the stream, without a container.
    rate : float
        Bits a second for each byte of a stream, at the area of 1280x720.
    """

    qps: NDArray[np.int64]
    teacher: NDArray[np.float64]
    vmaf: NDArray[np.float64]
    psnr: NDArray[np.float64]
    size: NDArray[np.int64]
    rate: float

    @property
    def crossings(self) -> tuple[float, float]:
        """QPs at which the teacher's SUR crosses 75 and VMAF crosses 95."""
        qps = self.qps.astype(np.float64)
        return crossing(qps, self.teacher, SUR), crossing(qps, self.vmaf, VMAF)

    @property
    def jnd(self) -> tuple[float, float, float]:
        """QPs of the first three JNDs; needs the QPs 24 and 30."""
        rate24, rate30 = (float(self.size[self.qps == qp][0]) * self.rate for qp in (24, 30))
        return jnd_qps(*self.crossings, rate24, rate30)


def sweep_clip(
    path: Path, teacher: Teacher, qps: tuple[int, ...], check: Callable[[], None] = lambda: None
) -> Sweep:
    """Encode the first 24 frames of a clip at each QP (x264, medium, one thread) and measure.

    Parameters
    ----------
    check : callable
        Called before each encode; what it raises ends the work.

    Raises
    ------
    JNDError
        Where the clip cannot be read, is too short or too small, or VMAF is not installed.
    """
    with open_video(path) as reader:
        fps = Fraction(reader.info.fps or 25)
        source = [frame.planes() for frame in islice(reader.frames(), LENGTH)]
    _check(path, source)
    luma = np.stack([planes.y for planes in source])
    found = []
    with tempfile.TemporaryDirectory(prefix="jnd-label-") as folder:
        reference, coded = Path(folder) / "source.mkv", Path(folder) / "coded.mkv"
        write_lossless(reference, source, fps)
        for qp in qps:
            check()
            encode = measure_x264(source, qp, fps=fps)
            write_lossless(coded, encode.planes, fps)
            shown = np.stack([planes.y for planes in encode.planes])
            vmaf = float(vmaf_scores(reference, coded, len(source)).mean())
            found.append((clip_sur(teacher, luma, shown), vmaf, _psnr(luma, shown), encode.bytes))
    columns = [np.array(column) for column in zip(*found, strict=True)]
    rate = rate_720p(1, len(source), float(fps), luma[0].size)
    return Sweep(np.array(qps), columns[0], columns[1], columns[2], columns[3], rate)


def _check(path: Path, source: list[Planes]) -> None:
    if len(source) < LENGTH:
        raise JNDError(f"{path}: has {len(source)} frames; a clip to label needs {LENGTH}, choose another.")
    height, width = source[0].y.shape
    if min(height, width) < PATCH:
        raise JNDError(f"{path}: is {width}x{height}; the teacher needs {PATCH} pixels each way.")
    if height % 2 or width % 2:
        raise JNDError(f"{path}: is {width}x{height}; x264 needs even sizes, crop it first.")


def _psnr(source: NDArray[np.uint8], shown: NDArray[np.uint8]) -> float:
    """Mean over frames, dB; a frame kept exactly counts as 100."""
    wrong = np.square(source.astype(np.float32) - shown).mean((1, 2), dtype=np.float64)
    return float((10 * np.log10(255**2 / np.maximum(wrong, 255**2 * 1e-10))).mean())
