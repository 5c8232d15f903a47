"""An Analysis cut into spans that tile the whole video: its shots, and what no shot covers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.results import Analysis, Prediction
from jndcore.schedule.rate import one_second


@dataclass(frozen=True)
class Spans:
    """Frames 0 up to the video's last, in N spans.

    Attributes
    ----------
    analysis : Analysis
    start, stop : ndarray of int64, shape (N,)
    shot : ndarray of int64, shape (N,)
        Index into the analysis' shots; -1 for a span that no shot covers.
    """

    analysis: Analysis
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    shot: NDArray[np.int64]

    @classmethod
    def of(cls, analysis: Analysis) -> Spans:
        """The spans of an analysis.

        Raises
        ------
        JNDError
            Where its shots or frames do not fit its video.
        """
        frames = analysis.video.frames
        edges = np.array([(shot.start, shot.stop) for shot in analysis.shots], dtype=np.int64).reshape(-1, 2)
        order = np.argsort(edges[:, 0], kind="stable")
        edges = edges[order]
        inside = not len(edges) or (edges[0, 0] >= 0 and edges[-1, 1] <= frames)
        apart = (edges[1:, 0] >= edges[:-1, 1]).all() and (edges[:, 1] > edges[:, 0]).all()
        known = analysis.frame
        numbered = not len(known) or (known[0] >= 0 and known[-1] < frames and (np.diff(known) > 0).all())
        if frames < 1 or not (inside and apart and numbered):
            raise JNDError(
                f"{analysis.video.name}: the analysis does not fit its {frames} frames; analyse again."
            )
        holes_start = np.append(0, edges[:, 1])
        holes_stop = np.append(edges[:, 0], frames)
        holes = holes_stop > holes_start
        start = np.concatenate([edges[:, 0], holes_start[holes]])
        stop = np.concatenate([edges[:, 1], holes_stop[holes]])
        shot = np.concatenate([order, np.full(holes.sum(), -1)])
        by_start = np.argsort(start)
        return cls(analysis, start[by_start], stop[by_start], shot[by_start])

    @cached_property
    def analysed(self) -> NDArray[np.int64]:
        """Analysed frames in each span, shape (N,)."""
        frame = self.analysis.frame
        return np.searchsorted(frame, self.stop) - np.searchsorted(frame, self.start)

    def prediction(self) -> Prediction:
        """A row for each span: the shot's own; of frames outside all shots their mean; NaN without any."""
        told = Prediction.stack([shot.prediction for shot in self.analysis.shots] + [Prediction.unknown(1)])
        told = told.take(np.where(self.shot < 0, len(told) - 1, self.shot))
        for i in np.flatnonzero((self.shot < 0) & (self.analysed > 0)):
            row = pooled(self.analysis, int(self.start[i]), int(self.stop[i]))
            for name in ("qp", "sur_sd", "err"):
                getattr(told, name)[i] = getattr(row, name)[0]
        return told

    def gaps(self) -> list[tuple[int, int]]:
        """Runs of frames that nothing tells of, ``(start, stop)``: where a plan would be a guess.

        A shot without an analysed frame; more than a second outside all shots; `LONGEST_GAP` anywhere.
        """
        second = one_second(self.analysis.video.fps)
        length = self.stop - self.start
        unseen = (self.analysed == 0) & ((self.shot >= 0) | (length > second))
        gaps = list(zip(self.start[unseen].tolist(), self.stop[unseen].tolist(), strict=True))
        known = np.concatenate([[-1], self.analysis.frame, [self.analysis.video.frames]])
        for i in np.flatnonzero(np.diff(known) - 1 > LONGEST_GAP * second):
            gap = int(known[i]) + 1, int(known[i + 1])
            gaps = [g for g in gaps if not (gap[0] <= g[0] and g[1] <= gap[1])] + [gap]
        return sorted(gaps)


LONGEST_GAP = 5
"""Seconds without an analysed frame: as long as VideoSet's clips, of which a label tells as a whole."""


def pooled(analysis: Analysis, start: int, stop: int) -> Prediction:
    """One row for the analysed frames of a range, pooled as a model pools a shot's: the mean.

    Errors are shared by the frames of a shot, so theirs is the root of the mean square, not less.
    """
    rows = slice(*np.searchsorted(analysis.frame, [start, stop]).tolist())
    told = analysis.prediction.take(rows)
    told = told.take(told.known)
    if not len(told):
        return Prediction.unknown(1)
    return Prediction(
        told.qp.mean(0, keepdims=True),
        told.sur_sd.mean(0, keepdims=True),
        np.sqrt(np.square(told.err).mean(0, keepdims=True)),
    )
