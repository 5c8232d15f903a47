"""Where CRFs come from: the QPs that were planned."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jndcore.schedule import Encoder, Schedule, Segment

QP_OF_CRF: dict[Encoder, float] = {"libx264": 1.0, "libx265": 1.0, "libsvtav1": 0.43}
"""By how much the QP of equal quality moves with a CRF: one of libsvtav1 costs 0.28 dB of XPSNR, and one of
libx264 0.65 (`jndcore.schedule.crf_xpsnr.SCALES`)."""


@dataclass(frozen=True)
class Mapped:
    """A plan in QPs, and the CRFs that were made of it, before any of them was edited.

    Attributes
    ----------
    qp, crf : Schedule
    """

    qp: Schedule
    crf: Schedule

    def qp_at(self, frame: int, crf: float) -> float:
        """The QP whose quality `crf` gives `frame`.

        A CRF that was edited by hand moves it by as much, for x264 moves all its quantisers so; or by its
        encoder's part of that.
        """
        return self.qp.at(frame).value + self.slope * (crf - self.crf.at(frame).value)

    @property
    def slope(self) -> float:
        """QP for each CRF."""
        return QP_OF_CRF[self.crf.encoder]

    def parts(self, segment: Segment) -> Iterator[tuple[int, int, float]]:
        """Start, stop and QP of the parts of an edited segment: after a join they may differ."""
        edges = {segment.start, segment.stop}
        for schedule in (self.qp, self.crf):
            segments = schedule.segments
            at = bisect_left(segments, segment.start, key=lambda planned: planned.start)
            while at < len(segments) and segments[at].start < segment.stop:
                edges.add(segments[at].start)
                at += 1
        for start, stop in pairwise(sorted(edges)):
            yield start, stop, self.qp_at(start, segment.value)
