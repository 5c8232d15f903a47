"""One trial encode of a shot's frames at the predicted QP, in memory, and what is measured on it.

`PROBE_FRAMES` are enough: labels and their curves are for clips of 24 frames with one key frame, so a longer
probe would have other bits than the clips that a correction is fitted on; and the levels of a shot hardly
move within it, or `jndcore.schedule.drift` would split it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from jndcore.media import Planes, measure_x264
from jndcore.media.comparison import Comparison, Scores
from jndcore.media.metrics import EQUAL
from jndcore.media.planes import to_av
from jndcore.results import LABEL_AREA, QP_MAX, QP_MIN

PROBE_FRAMES = 24


@dataclass(frozen=True)
class Probe:
    """What a trial encode shows.

    Attributes
    ----------
    psnr, xpsnr : float
        Mean over the frames of the luma's, dB, at most 100; see `jndcore.media.Metrics`.
    bytes : int
        Of the H.264 stream.
    """

    psnr: float
    xpsnr: float
    bytes: int


def probe(frames: Sequence[Planes], qp: int, fps: Fraction) -> Probe:
    """Encode `frames` by x264 ``-qp N -preset medium`` in one thread, and compare.

    Parameters
    ----------
    frames : sequence of Planes
        At least one; of one size, 8-bit 4:2:0.
    qp : int
        1 to 51.
    fps : Fraction
        Frames a second; XPSNR's weights depend on it.

    Raises
    ------
    MediaError
        Where libx264 refuses the size or the QP.
    """
    made = measure_x264(frames, qp, fps=fps)
    graph = Comparison(to_av(frames[0]), fps)
    rows: list[Scores] = []
    for source, coded in zip(frames, made.planes, strict=True):
        rows += graph.push(to_av(source), to_av(coded))
    rows += graph.finish()
    scores = np.minimum(np.array(rows), EQUAL).mean(0)
    return Probe(float(scores[0]), float(scores[2]), made.bytes)


def probe_qp(jnd: float) -> int:
    """The QP to probe at: the predicted first JND, rounded, within 8..47."""
    return int(np.clip(np.rint(jnd), QP_MIN, QP_MAX))


def log_rate(size: int, frames: int, fps: float, width: int, height: int) -> float:
    """log2 of the bits a second of `size` bytes, scaled to 1280x720 by area."""
    return float(np.log2(8 * size * fps / frames * LABEL_AREA / (width * height)))
