"""What a user without predictions does: encode, measure VMAF, choose another QP, encode again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from jndcore.media import Piece, encode_video, open_video
from jndcore.media.vmaf import vmaf_scores
from jndcore.results import QP_MAX, QP_MIN

TARGET = 95.0
"""VMAF; the crossing that the labels contain."""

PROBES = 4
"""As Av1an and ab-av1 take at most."""

FIRST = 30
FALL = 1.5
"""VMAF that one QP costs around `TARGET`, for the first step; from then on the probes tell."""


def search(score: Callable[[int], float], target: float = TARGET, probes: int = PROBES) -> tuple[float, int]:
    """The QP at which a falling `score` crosses `target`, by a secant search over whole QPs.

    Returns
    -------
    qp : float
        Between the probes, linear; within 8..47.
    made : int
        Probes that were needed: no QP is tried twice.
    """
    known: dict[int, float] = {}
    qp = float(FIRST)
    for _ in range(probes):
        tried = int(np.clip(np.rint(qp), QP_MIN, QP_MAX))
        if tried in known and len(known) > 1:
            break
        if tried in known:  # one probe tells of no slope
            tried += 1 if known[tried] >= target else -1
        known[tried] = score(tried)
        qp = _crossing(known, target)
    return qp, len(known)


def _crossing(known: dict[int, float], target: float) -> float:
    """Where the line through the two probes nearest to the target crosses it."""
    if len(known) == 1:
        ((qp, value),) = known.items()
        crossing = qp + (value - target) / FALL
    else:
        above = [qp for qp, value in known.items() if value >= target]
        below = [qp for qp, value in known.items() if value < target]
        if above and below:
            a, b = max(above), min(below)
        else:
            a, b = sorted(known)[-2:] if above else sorted(known)[:2]
        fall = known[a] - known[b]
        crossing = a + (b - a) * (known[a] - target) / fall if fall > 0 else (b if above else a)
    return float(np.clip(crossing, QP_MIN, QP_MAX))


def vmaf_at(video: Path, qp: int) -> float:
    """Mean VMAF of a whole video encoded by x264 ``-qp N -preset medium``.

    Raises
    ------
    MediaError
        Where the extra ``vmaf`` is not installed, or the video cannot be encoded.
    """
    with open_video(video) as reader:
        frames = len(reader)
    with tempfile.TemporaryDirectory(prefix="jnd-search-") as folder:
        made = Path(folder) / "probe.mp4"
        for _ in encode_video(video, made, [Piece(0, frames, qp=qp)]):
            pass
        return float(vmaf_scores(video, made, frames).mean())
