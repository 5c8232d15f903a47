"""From answers to rows: figures of all clips, and of those of real motion apart."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndcore.training.evaluation.costs import build_of
from jndcore.training.evaluation.encodes import EncodeTable
from jndcore.training.evaluation.records import Row, Scores
from jndcore.training.evaluation.runs import X264, Answer, Run
from jndcore.training.evaluation.scores import Judged, score

REAL_MOTION = re.compile(r"v\d+")
"""Names of the clips of ``real_clips.csv``: real motion, not a still under a camera move."""


class Rows:
    """Makes the rows of one table.

    Parameters
    ----------
    run : Run
        Whose clips, groups, folds and scale are those of all rows.
    encodes : EncodeTable or None
        Holds every encode that is needed; None to leave out what rests on encodes.
    truth, constant : Answer
        The labels, and the constant guess of each clip's fold.
    """

    def __init__(self, run: Run, encodes: EncodeTable | None, truth: Answer, constant: Answer) -> None:
        self._ids, self._groups, self._encodes = run.ids, np.array(run.groups), encodes
        self._moves = np.array([bool(REAL_MOTION.fullmatch(clip)) for clip in run.ids])
        self._curves = run.scale == X264
        self._truth, self._constant = self._judged(truth), self._judged(constant)

    def make(self, answer: Answer, **about: Any) -> Row:
        """A row with its scores; `about` are its other fields."""
        judged = self._judged(answer)
        return Row(
            **about,
            scores=self._score(judged, np.ones_like(self._moves)),
            real_motion=self._score(judged, self._moves) if self._moves.any() else None,
        )

    def of_run(self, run: Run) -> Row:
        """A network's row."""
        told = run.about
        return self.make(
            run.answer,
            kind="network",
            name=run.name,
            network=run.network,
            build=told.get("build") or build_of(run.network, list(run.levels)),
            title=str(told.get("title") or ""),
            settings=told.get("settings"),
            seconds=told.get("seconds"),
            device=str(told.get("device") or ""),
            own_spread=run.own_spread,
        )

    def _score(self, answer: Judged, clips: NDArray[np.bool_]) -> Scores:
        one, constant, truth = (each.take(clips) for each in (answer, self._constant, self._truth))
        return score(one, constant, truth, self._groups[clips].tolist(), curves=self._curves)

    def _judged(self, answer: Answer) -> Judged:
        psnr = np.full(answer.qp.shape, np.nan)
        for k, qp in enumerate(answer.qp.T):
            if self._encodes and np.isfinite(qp).all():
                psnr[:, k] = self._encodes.psnr(self._ids, qp)
        return Judged(answer, psnr)
