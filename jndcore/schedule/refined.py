"""Plans by an analysis that a probe of each shot corrected, as the terminal and the window make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from jndcore.results import Analysis
from jndcore.schedule.planning import plan
from jndcore.schedule.refining import Move, refine, say_moves, why_not
from jndcore.schedule.schedule import Encoder, Level, Schedule

Progress = Callable[[float], None]
"""Told the share done, 0..1; what it raises ends the work."""


@dataclass(frozen=True)
class Terms:
    """What a plan keeps to; see `jndcore.schedule.plan`."""

    level: Level = 1
    share: float = 75.0
    max_step: int | None = None
    force: bool = False


def planned_by(
    analysis: Analysis, terms: Terms, encoder: Encoder = "libx264", preset: str = "medium"
) -> Schedule:
    """`jndcore.schedule.plan` by terms; raises JNDError as that does."""
    return plan(analysis, **vars(terms), encoder=encoder, preset=preset)


@dataclass(frozen=True)
class Corrected:
    """An analysis whose levels probes moved, or one that they cannot.

    Attributes
    ----------
    analysis : Analysis
        After the moves.
    moves : tuple of Move
    reason : str
        Why no correction is fitted; empty where one is.
    """

    analysis: Analysis
    moves: tuple[Move, ...] = ()
    reason: str = ""

    def plan(self, terms: Terms, encoder: Encoder = "libx264", preset: str = "medium") -> Schedule:
        """QPs by these levels; the schedule's warnings tell the moves, or why there are none.

        Raises
        ------
        JNDError
            As `jndcore.schedule.plan`.
        """
        planned = planned_by(self.analysis, terms, encoder, preset)
        if not self.reason:
            return say_moves(planned, list(self.moves), len(self.analysis.shots))
        note = f"the levels are as predicted, without a probe's correction: {self.reason}."
        return replace(planned, warnings=(*planned.warnings, note))


def correct(analysis: Analysis, video: Path, progress: Progress | None = None) -> Corrected:
    """Correct the levels by one probe encode of each shot.

    Raises
    ------
    JNDError
        As `jndcore.schedule.refining.refine`: where no correction is fitted too.
    """
    better, moves = refine(analysis, video, progress=progress)
    return Corrected(better, tuple(moves))


def correct_where_fitted(analysis: Analysis, video: Path, progress: Progress | None = None) -> Corrected:
    """The same for QPs whose quality CRFs are matched to: those can be had of any analysis.

    Raises
    ------
    JNDError
        Where `video` is another one or cannot be read.
    """
    reason = why_not(analysis)
    return Corrected(analysis, reason=reason) if reason else correct(analysis, video, progress)
