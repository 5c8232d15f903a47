"""Planning a schedule, with trial encodes where they are wanted, for a thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, NamedTuple, cast

from app.state.mapped import Mapped
from app.state.plan import Planned, PlanOptions, TargetChoice
from jndcore.errors import JNDError

if TYPE_CHECKING:
    from jndcore.results import Analysis
    from jndcore.schedule import Level, Schedule
    from jndcore.schedule.refined import Corrected, Terms

FORCED = "planned all the same: "
"""How a schedule's warnings begin that tell what it was planned in spite of."""

PROBES, CRFS = "a probe of each shot", "CRFs of {0.encoder}, preset {0.preset}"
"""What there is to encode for."""

PACE = 0.1
"""Seconds between two reports of one stage at least."""

MOST_KEPT = 50
"""Refined plans that are kept of an analysis; the oldest go."""


class Subject(NamedTuple):
    """What is planned; trial encodes are of `video`, and CRFs are matched for the encoder of `target`."""

    analysis: Analysis
    video: Path
    options: PlanOptions
    target: TargetChoice


@dataclass(frozen=True)
class Outcome:
    """What planning came to; `planned` is None where the doubts need the user's consent first."""

    planned: Planned | None
    doubts: tuple[str, ...]


@dataclass
class Kept:
    """What trial encodes found of one analysis, so that nothing is encoded twice."""

    corrected: Corrected | None = None
    planned: dict[tuple[PlanOptions, str, str], Planned] = field(default_factory=dict)


class Cancelled(Exception):
    """The plan is not wanted any more."""


class PlanJob:
    """One plan; `cancel` may be called from any thread.

    Parameters
    ----------
    subject : Subject
    kept : Kept
        Of the analysis; what is found is added.
    progress : callable
        Told what is encoded for, and the share of it done, 0..1; in the thread.

    Attributes
    ----------
    subject : Subject
    """

    def __init__(self, subject: Subject, kept: Kept, progress: Callable[[str, float], None]) -> None:
        self.subject = subject
        self._kept = kept
        self._progress = progress
        self._cancelled = Event()
        self._told = ("", 0.0)

    def cancel(self) -> None:
        """End with the frame under way; a probe ends with its shot."""
        self._cancelled.set()

    def __call__(self) -> Outcome | None:
        """Plan; None where it was cancelled. Where there are doubts they are told. Raises JNDError."""
        options = self.subject.options
        schedule, doubts = _unrefined(self.subject.analysis, _terms(options))
        if schedule is None:
            return Outcome(None, doubts)
        try:
            return Outcome(self._refined() if options.refine else _steered(options, schedule), doubts)
        except Cancelled:
            return None

    def _refined(self) -> Planned:
        """As it was found before, or by trial encodes."""
        options, target, known = self.subject.options, self.subject.target, self._kept.planned
        coding = (target.encoder, target.preset) if options.matched else ("", "")
        key = (options, *coding)
        if key not in known:
            qps = self._correct().plan(_terms(options))
            planned = self._match(qps) if options.matched else Planned(options, qps)
            if len(known) >= MOST_KEPT:
                del known[next(iter(known))]
            known[key] = planned
        return known[key]

    def _correct(self) -> Corrected:
        """The levels after a probe of each shot: the same for all options."""
        from jndcore.schedule.refined import correct_where_fitted

        if self._kept.corrected is None:
            self._tell(PROBES, 0.0)
            analysis, video = self.subject.analysis, self.subject.video
            self._kept.corrected = correct_where_fitted(
                analysis, video, lambda done: self._tell(PROBES, done)
            )
        return self._kept.corrected

    def _match(self, qps: Schedule) -> Planned:
        """CRFs of the quality of these QPs."""
        from jndcore.schedule.crf_match import match_crf

        target, stage = self.subject.target, CRFS.format(self.subject.target)
        self._tell(stage, 0.0)
        made = match_crf(
            qps,
            self.subject.video,
            lambda done: self._tell(stage, done),
            encoder=target.encoder,
            preset=target.preset,
        )
        return Planned(self.subject.options, made, mapped=Mapped(qps, made), target=target)

    def _tell(self, stage: str, done: float) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        now = time.monotonic()
        if stage != self._told[0] or now - self._told[1] >= PACE:
            self._told = (stage, now)
            self._progress(stage, done)


def _unrefined(analysis: Analysis, terms: Terms) -> tuple[Schedule | None, tuple[str, ...]]:
    """A plan by the levels as predicted, and the doubts; None where they are not overruled."""
    from jndcore.schedule.refined import planned_by

    try:
        return planned_by(analysis, replace(terms, force=False)), ()
    except JNDError:
        forced = planned_by(analysis, replace(terms, force=True))  # raises again where no doubts forbid it
    doubts = tuple(
        text.removeprefix(FORCED).removesuffix(".") for text in forced.warnings if text.startswith(FORCED)
    )
    return forced if terms.force else None, doubts


def _steered(options: PlanOptions, schedule: Schedule) -> Planned:
    """The plan in the values that the encoder is to be steered by.

    CRFs are those of the quality of the QPs, by a map that was fitted to encodes.
    """
    if options.mode == "qp":
        return Planned(options, schedule)
    from jndcore.schedule.crf_map import by_map

    made = by_map(schedule)
    return Planned(options, made, mapped=Mapped(schedule, made))


def _terms(options: PlanOptions) -> Terms:
    from jndcore.schedule.refined import Terms

    return Terms(cast("Level", options.level), options.share, options.max_step, options.force)
