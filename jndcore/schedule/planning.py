"""From an Analysis to a Schedule: the QP that a share of viewers accepts, for each shot."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.results import LEVELS, OBSERVER_SD, QP_MAX, QP_MIN, Analysis, Prediction, qp_at_share
from jndcore.schedule.drift import change_points
from jndcore.schedule.rate import one_second, varies
from jndcore.schedule.schedule import Encoder, Level, Schedule, Segment
from jndcore.schedule.shares import Told
from jndcore.schedule.spans import Spans, pooled
from jndcore.schedule.tidying import Run, fill_unknown, join_short, limit_steps

SHARES = (50.0, 95.0)
"""Percent of viewers that can be planned for; beyond, a normal curve tells nothing of real viewers."""

_ROUNDING = 1e-6
"""QP: the mean of equal levels may lie a hair below them."""


def plan(
    analysis: Analysis,
    *,
    level: Level,
    share: float,
    max_step: int | None = None,
    force: bool = False,
    encoder: Encoder = "libx264",
    preset: str = "medium",
) -> Schedule:
    """Plan a QP for each shot of a video.

    A shot gets the highest integer QP that the share of viewers accepts, by its own pooled prediction. Shots
    in which the level drifts are split (`jndcore.schedule.drift`), those shorter than a second joined to a
    neighbour at the lower QP.

    Parameters
    ----------
    analysis : Analysis
    level : 1, 2 or 3
        The JND that `share` percent of viewers are not to notice.
    share : float
        Percent of viewers, 50 to 95. For levels 2 and 3: who see no loss beyond the level before.
    max_step : int, optional
        Largest difference between neighbouring segments, QP, at least 1; the higher one is lowered.
    force : bool
        Plan although parts were not analysed, the labels do not cover the video, or the model tells no
        spread between observers (then VideoSet's is taken); the schedule's warnings tell.
    encoder, preset : str
        What is to encode.

    Raises
    ------
    JNDError
        For an argument out of range, where `force` is needed, or where nothing is known of the level.
    """
    _check(level, share, max_step)
    spans = Spans.of(analysis)
    doubts = _doubts(spans, level)
    if doubts and not force:
        curable = len(doubts) > bool(analysis.video.extrapolated)
        anew = "analyse the whole of it with a model that tells all, or " if curable else ""
        raise JNDError(
            f"{analysis.video.name}: {'; '.join(doubts)}; a plan would be a guess: {anew}plan all the same "
            "(jnd schedule --force)."
        )
    edges, rows = _parts(spans, level)
    told = Told.of(rows, level)
    if not np.isfinite(told.jnd).any():
        raise JNDError(
            f"{analysis.video.name}: {analysis.model} tells no JND{level} of it; choose another level or "
            "analyse with another model."
        )
    wanted = np.floor(qp_at_share(share / 100, told.jnd, told.sur_sd) + _ROUNDING)
    qp = fill_unknown(np.clip(wanted, QP_MIN, QP_MAX)).astype(np.int64)
    levels = fill_unknown(told.jnd).tolist()
    runs = [
        Run(a, b, q, jnd, row)
        for row, ((a, b), q, jnd) in enumerate(zip(edges, qp.tolist(), levels, strict=True))
    ]
    runs = join_short(runs, one_second(analysis.video.fps))
    segments = _segments(runs, rows, level, max_step)
    return Schedule(
        video=analysis.video,
        variable_frame_rate=varies(analysis.frame, analysis.pts),
        mode="qp",
        level=level,
        share=share,
        model=analysis.model,
        model_sha256=analysis.model_sha256,
        encoder=encoder,
        preset=preset,
        segments=segments,
        warnings=(*(f"planned all the same: {doubt}." for doubt in doubts), *_shortfalls(segments, share)),
    )


def _check(level: int, share: float, max_step: int | None) -> None:
    if level not in LEVELS:
        raise JNDError(f"level {level}: there are JND levels 1, 2 and 3.")
    if not SHARES[0] <= share <= SHARES[1]:
        raise JNDError(f"a share of {share:g} %: choose 50 to 95 % of viewers.")
    if max_step is not None and max_step < 1:
        raise JNDError(f"a largest step of {max_step}: choose 1 QP or more.")


def _doubts(spans: Spans, level: int) -> list[str]:
    analysis = spans.analysis
    beyond = "; ".join(analysis.video.extrapolated)
    doubts = [f"extrapolated ({beyond})"] if beyond else []
    gaps = spans.gaps()
    if gaps:
        start, stop = max(gaps, key=lambda gap: gap[1] - gap[0])
        others = f" and {len(gaps) - 1} more ranges" if len(gaps) > 1 else ""
        doubts.append(
            f"frames {start} to {stop - 1}{others} were not analysed, whole shots or over 5 s of it"
        )
    told = analysis.prediction
    columns = sorted({0, level - 1})
    silent = np.isfinite(told.qp[:, columns]) & ~np.isfinite(told.sur_sd[:, columns])
    if silent.any():
        constants = ", ".join(f"{OBSERVER_SD[k]:g}" for k in columns)
        doubts.append(
            f"{analysis.model} tells no spread between observers, and VideoSet's average ({constants} QP) "
            "would have to stand for it"
        )
    return doubts


def _parts(spans: Spans, level: int) -> tuple[list[tuple[int, int]], Prediction]:
    """The spans, or the parts of those in which the level drifts, and what is told of each."""
    told = spans.prediction()
    edges: list[tuple[int, int]] = []
    rows: list[Prediction] = []
    whole = 0  # spans before this one are in `rows`
    for i, cuts in _split(spans, level):
        edges += zip(spans.start[whole:i].tolist(), spans.stop[whole:i].tolist(), strict=True)
        rows.append(told.take(slice(whole, i)))
        bounds = [int(spans.start[i]), *cuts, int(spans.stop[i])]
        for a, b in pairwise(bounds):
            edges.append((a, b))
            rows.append(pooled(spans.analysis, a, b))
        whole = i + 1
    edges += zip(spans.start[whole:].tolist(), spans.stop[whole:].tolist(), strict=True)
    return edges, Prediction.stack([*rows, told.take(slice(whole, None))])


def _split(spans: Spans, level: int) -> Iterator[tuple[int, list[int]]]:
    """Which spans to split, and where."""
    frame, qp = spans.analysis.frame, spans.analysis.prediction.qp[:, level - 1]
    second = one_second(spans.analysis.video.fps)
    first = np.searchsorted(frame, spans.start)
    last = np.searchsorted(frame, spans.stop)
    for i in np.flatnonzero((spans.shot >= 0) & (spans.stop - spans.start >= 2 * second)).tolist():
        rows = slice(int(first[i]), int(last[i]))
        cuts = change_points(frame[rows], qp[rows], int(spans.start[i]), int(spans.stop[i]), second)
        if cuts:
            yield i, cuts


def _segments(runs: list[Run], rows: Prediction, level: int, max_step: int | None) -> tuple[Segment, ...]:
    qp: NDArray[np.int64] = np.array([run.qp for run in runs], dtype=np.int64)
    if max_step is not None:
        qp = limit_steps(qp, max_step)
    told = Told.of(rows.take(np.array([run.row for run in runs])), level)
    return tuple(
        Segment(run.start, run.stop, value, predicted)
        for run, value, predicted in zip(runs, qp.tolist(), told.at(qp), strict=True)
    )


def _shortfalls(segments: tuple[Segment, ...], share: float) -> list[str]:
    """Segments whose viewers would need a QP below the scale's end."""
    kept = (segment.predicted.share_no_further_loss for segment in segments)
    short = sum(value is not None and value < share - 1e-3 for value in kept)
    if not short:
        return []
    return [f"{short} of {len(segments)} segments cannot keep {share:g} %: QP {QP_MIN} is the lowest of use."]
