"""The clips of a run as shots of reels, with the trial encodes that tell what each choice costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jndcore.commands.stages import shown_stages
from jndcore.schedule.crf_map import CrfMap, fit_crf_map, fit_move, moved
from jndcore.schedule.curves import FRAMES
from jndcore.schedule.equal import ClipCurves, grid_keys
from jndcore.schedule.rates import rate_curves
from jndcore.schedule.reel import Reel
from jndcore.schedule.saving import Choice, ToCrf, choices, spend
from jndcore.schedule.saving_report import Outcome
from jndcore.schedule.trial_table import TrialTable

if TYPE_CHECKING:  # it imports torch
    from jndcore.training.evaluation.runs import Run

Rows = NDArray[np.int64]


class ReelTrials:
    """Encodes what the table lacks, and counts.

    Parameters
    ----------
    run : Run
        Held-out predictions of the clips.
    drawn : sequence of ndarray
        For each reel the indices of its clips in the run.
    frames : int
        Of each shot: its clip, forth and back.
    table : TrialTable
    rendered : Path
        Folder of the clips, ``ID.mkv``.
    """

    def __init__(
        self, run: Run, drawn: Sequence[Rows], frames: int, table: TrialTable, rendered: Path
    ) -> None:
        self._run, self._drawn = run, drawn
        all_, some = np.arange(len(run.ids)), np.unique(np.concatenate(drawn))
        self._row = np.concatenate([all_, some])  # the clip of each shot
        # the map from QP to CRF is fitted to the clips as they are too
        shots = [(run.ids[i], FRAMES) for i in all_] + [(run.ids[i], frames) for i in some]
        with shown_stages() as progress:
            wanted = (key for clip, length in shots for key in grid_keys([clip], length))
            table.complete(wanted, rendered, progress)
        self._shots = [ClipCurves(table.known, *shot) for shot in shots]
        self._long = dict(zip(some.tolist(), self._shots[len(all_) :], strict=True))

    def outcomes(self, level: int, share: float, given: Iterable[Choice]) -> list[Outcome]:
        """What each choice costs on each reel.

        Parameters
        ----------
        level : int
            JND level that viewers are not to notice.
        share : float
            Percent of viewers asked for.
        given : iterable of Choice
            To be compared beside `jndcore.schedule.saving.choices`.
        """
        own = list(given)
        found = []
        for picked in self._drawn:
            reel, to_crf = self._reel(picked, level), self._map_without(picked)
            plan = [*choices(reel, share, to_crf), *own]
            spent = {choice.name: spend(choice, reel, share) for choice in plan}
            found.append(Outcome(reel, spent, rate_curves(reel, to_crf)))
        return found

    def fitted_map(self) -> CrfMap:
        """The map from QP to CRF, fitted to all clips, and to the reels' shots at their length."""
        jnd1, groups = self._run.answer.qp[self._row, 0], [self._run.groups[i] for i in self._row]
        lengths = sorted({shot.frames for shot in self._shots})
        about = (
            f"{len(self._run.ids)} clips, as shots of {' and '.join(map(str, lengths))} frames forth and "
            "back; CRFs of equal mean XPSNR, libx264 preset medium"
        )
        return fit_crf_map(self._shots, jnd1, groups, about)

    def _map_without(self, picked: Rows) -> ToCrf:
        """The map as shots of other groups have it."""
        groups = np.array(self._run.groups)
        others = np.flatnonzero(~np.isin(groups[self._row], groups[picked]))
        jnd1 = self._run.answer.qp[self._row[others], 0]
        return partial(moved, fit_move([self._shots[i] for i in others], jnd1))

    def _reel(self, picked: Rows, level: int) -> Reel:
        run, k = self._run, level - 1
        return Reel(
            tuple(run.ids[i] for i in picked),
            run.answer.qp[picked, k],
            run.label[picked, k],
            run.answer.sur_sd[picked, k],
            run.answer.qp[picked, 0],
            tuple(self._long[int(i)] for i in picked),
        )
