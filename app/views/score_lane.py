"""The lane under the curves: a score of each frame of an encode."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.scores import SCALES
from app.state import AppState, Checked
from app.theme import look
from app.viewing import Viewing
from app.views.curve import SMOOTH_POINTS
from app.views.decimate import Columns, columns
from app.views.score_legend import ScoreLegend
from app.views.score_marks import ScoreMarks
from app.views.scrub_box import ScrubBox
from app.views.time_plot import TimePlot

HEIGHT = 110
"""Pixels of the plot at least."""

SAME = 100.0
"""dB of a frame without any difference, in place of infinity: such frames may lie above the plot."""


class ScoreLane(QWidget):
    """Plots `state.proof`; hidden while there is nothing to plot.

    Its time is that of the plot above it. The timeline draws it together with that.

    Signals
    -------
    appeared(bool)
        It came, or went.
    changed()
        It is to be drawn.
    pointed(object)
        The frame under the pointer; None outside the plot.

    Attributes
    ----------
    legend : ScoreLegend
    plot : TimePlot
    line : pyqtgraph.PlotCurveItem
    marks : ScoreMarks
    """

    appeared = Signal(bool)
    changed = Signal()
    pointed = Signal(object)

    def __init__(
        self, state: AppState, viewing: Viewing, above: ScrubBox, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self.legend, self.plot = ScoreLegend(state), TimePlot()
        self.line = pg.PlotCurveItem(connect="finite")
        self.plot.plot.addItem(self.line, ignoreBounds=True)
        self.marks = ScoreMarks(self.plot.plot)
        self.plot.plot.getAxis("left").enableAutoSIPrefix(False)
        self.plot.setMinimumHeight(HEIGHT)
        self.plot.box.setXLink(above)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.legend)
        layout.addWidget(self.plot, 1)
        self.plot.box.scrubbed.connect(viewing.seek_time)
        self.plot.scene().sigMouseMoved.connect(self._hover)
        state.proof.events.checked.connect(self._renew)
        state.proof.events.score.connect(self._renew)
        self.hide()
        self._renew()

    def colour(self, ratio: float) -> None:
        """Follow the theme, on a screen with `ratio` device pixels for each logical one."""
        self.plot.colour(ratio)
        self.line.setPen(pg.mkPen(look().text, width=max(round(ratio), 1)))
        self.marks.colour(ratio)
        self.legend.colour()

    def draw(self, first: int, stop: int, time: Callable[[int], float], most: int) -> None:
        """Draw frames `first` up to `stop` in at most `most` columns; `time` tells when a frame begins."""
        checked = self._plotted()
        if checked is None:
            return
        times, values = self._state.document.times, checked.values[self._state.proof.score]
        no_doubt = np.broadcast_to(np.nan, values.shape)
        shown = columns(times, values, no_doubt, first, stop, most)
        x, y = shown.line()
        self.line.setData(x, y, antialias=len(x) <= SMOOTH_POINTS)
        low, high = self._height(shown)
        self.plot.box.setYRange(low, high, padding=0)
        off = first + np.flatnonzero(checked.off_plan[first:stop])
        self.marks.draw_off_plan(times[_thinned(off, stop - first, most)], low, high)
        self.marks.draw_worst(checked.worst.get(self._state.proof.score), values, times)
        segments = checked.schedule.segments
        self.marks.draw_borders([time(s.start) for s in segments if first < s.start < stop])

    def _plotted(self) -> Checked | None:
        """What there is to plot of the open video."""
        checked, proof = self._state.proof.checked, self._state.proof
        if checked is None or proof.score not in checked.values:
            return None
        return checked if len(checked.off_plan) == len(self._state.document) else None

    def _renew(self) -> None:
        """Something else is plotted, or nothing."""
        checked, score = self._plotted(), self._state.proof.score
        if checked is None:
            self.line.setData([], [])
            self.marks.clear()
        else:
            scale = SCALES[score]
            unit = f", {scale.unit.strip()}" if scale.unit else ""
            self.plot.plot.setLabel("left", f"{scale.title}{unit}")
        if self.isHidden() == (checked is not None):
            self.setVisible(checked is not None)
            self.appeared.emit(checked is not None)
        self.changed.emit()

    def _height(self, shown: Columns) -> tuple[float, float]:
        """Lowest and highest value in view with some room, and never less than the score's span.

        Frames like the source would make the rest flat: only where there are no others do they count.
        """
        score = self._state.proof.score
        values = np.concatenate([shown.low, shown.high])
        if score in ("xpsnr", "psnr") and (values < SAME).any():
            values = values[values < SAME]
        if not len(values):
            return 0.0, 1.0
        low, high = float(values.min()), float(values.max())
        spare = max(SCALES[score].span - (high - low), 0) / 2 + 0.12 * (high - low)
        return (-0.05 * high if score == "bits" else low - spare), high + spare

    def _hover(self, position: QPointF) -> None:
        box, document = self.plot.box, self._state.document
        inside = box.sceneBoundingRect().contains(position) and len(document)
        self.pointed.emit(document.frame_at(box.mapSceneToView(position).x()) if inside else None)


def _thinned(frames: NDArray[np.intp], in_view: int, most: int) -> NDArray[np.intp]:
    """The first of `frames` in each of at most `most` columns."""
    each = max(-(-in_view // most), 1)
    return frames[np.diff(frames // each, prepend=-1) > 0]
