"""Figures of an answer, level by level, with intervals over groups of clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndcore.models.card import Interval
from jndcore.results import LEVELS
from jndcore.training.evaluation.distances import coverage_range, crps, sur_error
from jndcore.training.evaluation.records import LevelScores, Scores, SurScores
from jndcore.training.evaluation.runs import Answer
from jndcore.training.figures import COVERAGE_Z, bootstrap

Array = NDArray[np.float64]

SEED = 0
LEAST = 1e-9


@dataclass(frozen=True)
class Judged:
    """An answer with the PSNR, in dB, of encodes at its QPs; shape (C, 3), NaN where there are none."""

    answer: Answer
    psnr: Array

    def take(self, rows: NDArray[np.bool_]) -> Judged:
        """The clips that `rows` names."""
        return Judged(self.answer.take(rows), self.psnr[rows])


def score(
    answer: Judged, constant: Judged, truth: Judged, groups: Sequence[str], *, curves: bool = True
) -> Scores:
    """How an answer fares against the labels, beside the constant guess.

    Parameters
    ----------
    answer, constant, truth : Judged
        The answer, the constant guess of each clip's fold, and the labels.
    groups : sequence of str
        The group of each clip: the bootstrap draws groups, as clips of one source err alike.
    curves : bool
        Compare SUR curves, which are known in QP of x264 alone.
    """
    levels = [
        _level(k, answer, constant, truth, groups)
        for k in range(len(LEVELS))
        if np.isfinite(answer.answer.qp[:, k]).all()
    ]
    first = bool(levels) and levels[0].level == 1
    return Scores(
        clips=len(groups),
        groups=len(set(groups)),
        levels=tuple(levels),
        sur=_sur(answer.answer, constant.answer, truth.answer, groups) if first and curves else None,
    )


def over_groups(
    groups: Sequence[str], columns: Sequence[Array], statistic: Callable[[Array], Array] | None = None
) -> Interval:
    """A statistic of means over clips, with its 95 % percentile interval from resampled groups.

    Parameters
    ----------
    groups : sequence of str
        C of them.
    columns : sequence of ndarray, shape (C,)
        K figures of each clip.
    statistic : callable, optional
        From K means, shape (..., K), to one number each, shape (...); the first mean where none is given.
    """
    _, member = np.unique(np.asarray(groups), return_inverse=True)
    sums = [np.bincount(member, column) for column in (*columns, np.ones(len(member)))]
    of = statistic or (lambda mean: mean[..., 0])
    return bootstrap(np.stack(sums, axis=1), SEED, lambda sums: of(sums[..., :-1] / sums[..., -1:]))


def _level(k: int, answer: Judged, constant: Judged, truth: Judged, groups: Sequence[str]) -> LevelScores:
    qp, err, label = answer.answer.qp[:, k], answer.answer.err[:, k], truth.answer.qp[:, k]
    error, guess = np.abs(qp - label), np.abs(constant.answer.qp[:, k] - label)
    gain = answer.answer.rebuilt_psnr[:, k] - answer.answer.source_psnr[:, k]
    distance, constant_distance = (np.abs(one.psnr[:, k] - truth.psnr[:, k]) for one in (answer, constant))
    doubts = bool(np.isfinite(err).all())
    return LevelScores(
        level=LEVELS[k],
        mae=over_groups(groups, [error]),
        bias=over_groups(groups, [qp - label]),
        constant_mae=over_groups(groups, [guess]),
        difference=over_groups(groups, [error - guess]),
        ratio=over_groups(groups, [error, guess], _ratio),
        psnr_error=_where_known(groups, distance),
        constant_psnr_error=_where_known(groups, constant_distance),
        coverage80=float((error <= COVERAGE_Z * err).mean()) if doubts else None,
        coverage80_range=coverage_range(len(groups)) if doubts else None,
        crps=over_groups(groups, [crps(qp, err, label)]) if doubts else None,
        gain=_where_known(groups, gain),
    )


def _where_known(groups: Sequence[str], values: Array) -> Interval | None:
    return over_groups(groups, [values]) if np.isfinite(values).all() else None


def _sur(answer: Answer, constant: Answer, truth: Answer, groups: Sequence[str]) -> SurScores:
    label = truth.qp[:, 0]
    error = sur_error(answer.qp[:, 0], answer.sur_sd[:, 0], label)
    guess = sur_error(constant.qp[:, 0], constant.sur_sd[:, 0], label)
    return SurScores(
        error=over_groups(groups, [error]),
        constant_error=over_groups(groups, [guess]),
        ratio=over_groups(groups, [error, guess], _ratio),
    )


def _ratio(mean: Array) -> Array:
    """Of two means; a guess that is never wrong counts as all but never wrong."""
    return np.asarray(mean[..., 0] / np.maximum(mean[..., 1], LEAST))
