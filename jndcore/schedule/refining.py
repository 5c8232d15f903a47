"""Correcting an analysis by one probe encode of each shot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.media import Reader, open_video
from jndcore.results import Analysis, Prediction, Shot
from jndcore.schedule.probe import PROBE_FRAMES, log_rate, probe, probe_qp
from jndcore.schedule.refinement import Refinement, shipped_refinement
from jndcore.schedule.schedule import Schedule


@dataclass(frozen=True)
class Move:
    """How far the levels of frames `start` up to but not including `stop` moved: QP, one for each level."""

    start: int
    stop: int
    qp: tuple[float, float, float]


def refine(
    analysis: Analysis,
    video: Path,
    *,
    refinement: Refinement | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Analysis, list[Move]]:
    """Probe each shot once at its predicted JND1, and correct all its levels by what the labels say then.

    Shots of fewer than `PROBE_FRAMES` frames, and those without a first level, stay as they are: the bits of
    so few frames are mostly those of the key frame.

    Parameters
    ----------
    analysis : Analysis
    video : Path
        What was analysed.
    refinement : Refinement, optional
        Fitted for the analysis' model; the one that comes with JNDScope.
    progress : callable, optional
        Told the share done, 0..1.

    Raises
    ------
    JNDError
        Where no correction is fitted for the model or for such a video, or `video` is another one or cannot
        be read.
    """
    refinement = refinement or shipped_refinement()
    reason = why_not(analysis, refinement)
    if reason:
        raise JNDError(f"{analysis.video.name}: {reason}; plan without --refine.")
    shots = list(analysis.shots)
    moves: list[Move] = []
    prediction = _copy(analysis.prediction)
    with open_video(video, cache_bytes=0) as reader:
        found = reader.info.identity
        if (found.size, found.head_sha256) != (analysis.video.size, analysis.video.head_sha256):
            raise JNDError(f"{video}: not the video that was analysed ({analysis.video.name}); analyse it.")
        for i, shot in enumerate(shots):
            jnd = float(shot.prediction.qp[0, 0])
            if shot.stop - shot.start >= PROBE_FRAMES and np.isfinite(jnd):
                move = _probed(reader, shot, jnd, refinement)
                rows = slice(*np.searchsorted(analysis.frame, [shot.start, shot.stop]).tolist())
                prediction.qp[rows] = _moved(prediction.qp[rows], move)
                told = _copy(shot.prediction)
                told.qp[:] = _moved(told.qp, move)
                shots[i] = replace(shot, prediction=told)
                moves.append(Move(shot.start, shot.stop, (move[0], move[1], move[2])))
            if progress:
                progress((i + 1) / len(shots))
    return replace(analysis, prediction=prediction, shots=tuple(shots)), moves


def say_moves(schedule: Schedule, moves: list[Move], shots: int) -> Schedule:
    """The schedule with a note of how far each shot moved at its level; in QP before it was made whole."""
    each = ", ".join(f"{m.start}-{m.stop - 1} {m.qp[schedule.level - 1]:+.1f}" for m in moves)
    kept = f"; {shots - len(moves)} shots too short or unknown stay" if shots > len(moves) else ""
    note = f"refined by a probe of each shot, frames and the QP that they moved: {each or 'none'}{kept}."
    return replace(schedule, warnings=(*schedule.warnings, note))


def why_not(analysis: Analysis, refinement: Refinement | None = None) -> str:
    """Why an analysis cannot be corrected; empty where it can."""
    refinement = refinement or shipped_refinement()
    if (analysis.model, analysis.model_sha256) != (refinement.model, refinement.model_sha256):
        return (
            f"a correction is fitted for {refinement.model} as it comes with this version, not for this "
            f"analysis by {analysis.model}"
        )
    if analysis.video.extrapolated:
        return f"no correction is fitted for such video ({'; '.join(analysis.video.extrapolated)})"
    return ""


def _probed(reader: Reader, shot: Shot, jnd: float, refinement: Refinement) -> NDArray[np.float64]:
    """QP to add to each level, shape (3,), by the frames in the middle of a shot."""
    start = (shot.start + shot.stop - PROBE_FRAMES) // 2
    frames = [frame.planes() for frame in reader.frames(start, start + PROBE_FRAMES)]
    if not frames:
        raise JNDError(f"{reader.info.path}: frame {start} cannot be decoded; plan without --refine.")
    fps = Fraction(reader.info.fps or 25)
    shown = probe(frames, probe_qp(jnd), fps)
    height, width = frames[0].y.shape
    rate = log_rate(shown.bytes, len(frames), float(fps), width, height)
    moves = refinement.move(np.array([jnd]), np.array([shown.xpsnr]), np.array([rate]))
    return np.asarray(moves[0])


def _moved(qp: NDArray[np.float64], move: NDArray[np.float64]) -> NDArray[np.float64]:
    """Levels moved, still in rising order; NaN stays."""
    return np.asarray(np.fmax.accumulate(qp + move, axis=1)) + np.where(np.isfinite(qp), 0.0, np.nan)


def _copy(prediction: Prediction) -> Prediction:
    return Prediction(prediction.qp.copy(), prediction.sur_sd, prediction.err)
