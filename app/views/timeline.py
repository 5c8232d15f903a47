"""The timeline: JND levels over time, shots, the playhead, and below them the scores of an encode."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.editing import Editing
from app.state import AppState
from app.theme import look
from app.viewing import Viewing
from app.views.curve import LevelCurve
from app.views.decimate import Columns, columns
from app.views.legend import Legend
from app.views.model_key import ModelKey
from app.views.overlay_curves import OverlayCurves
from app.views.schedule_line import ScheduleLine
from app.views.score_lane import ScoreLane
from app.views.shot_lines import ShotLines
from app.views.time_plot import TimePlot

REDRAW = 100
"""Milliseconds between two redraws while results stream in."""

MOST_COLUMNS = 1500

LABEL, SHORT_LABEL = "QP at 75 % SUR (x264 -qp)", "QP at 75 % SUR"


class Timeline(QWidget):
    """Plots `state.results`, thinner `state.overlays`, the schedule, and moves the playhead.

    Results stream in faster than they need be drawn: redraws are bundled, and only what the visible
    columns can show is drawn, so the cost does not grow with the video.

    Attributes
    ----------
    plot : pyqtgraph.PlotItem
    curves : list of LevelCurve
        The current model's.
    others : OverlayCurves
    shots : ShotLines
    schedule : ScheduleLine
    playhead : pyqtgraph.InfiniteLine
    legend : Legend
    key : ModelKey
    scores : ScoreLane
        Under the curves, once an encode was checked.
    """

    def __init__(
        self, state: AppState, viewing: Viewing, editing: Editing, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._widget = TimePlot()
        self._box, self._frames = self._widget.box, self._widget.frames
        self.plot, self.playhead = self._widget.plot, self._widget.playhead
        self.legend, self.key = Legend(state), ModelKey(state)
        self.curves = [LevelCurve(self.plot) for _ in range(3)]
        self.others = OverlayCurves(self.plot, state.overlays)
        self.shots = ShotLines(self.plot)
        self.schedule = ScheduleLine(self.plot, state.plan, editing)
        self.scores = ScoreLane(state, viewing, self._box)
        self._redraw = QTimer(self, singleShot=True, interval=REDRAW)
        self._lay_out()
        self._colour()
        self._redraw.timeout.connect(self.draw)
        self._box.scrubbed.connect(viewing.seek_time)
        self._box.holds = self._on_schedule
        self._box.grabbed.connect(lambda time: self.schedule.grab(state.document.frame_at(time)))
        self._box.dragged.connect(self.schedule.drag)
        self._box.sigXRangeChanged.connect(self._later)
        self._widget.scene().sigMouseMoved.connect(self._hover)
        self.scores.pointed.connect(self._point)
        self.scores.appeared.connect(self._share)
        self.scores.changed.connect(self._later)
        state.results.changed.connect(self._later)
        state.overlays.changed.connect(self._later)
        state.plan.events.planned.connect(self._later)
        state.plan.events.shown.connect(self._later)
        state.document.changed.connect(self._renew)
        state.document.corrected.connect(self._correct)
        state.playhead.events.frame.connect(self._follow)
        self._renew()

    def show_whole(self) -> None:
        """Zoom out to the whole video."""
        self._limit()
        self._box.setXRange(0, self._time(len(self._state.document)), padding=0.008)

    def draw(self) -> None:
        """Draw what is known in the visible range."""
        times, results = self._state.document.times, self._state.results
        if len(times) != len(results.qp) or not len(times):
            return
        low, high = self._box.viewRange()[0]
        first, stop = (int(n) for n in np.searchsorted(times, [low, high]))
        first, stop = max(first - 1, 0), min(stop + 1, len(times))
        shown = [
            columns(times, results.qp[:, level], results.err[:, level], first, stop, MOST_COLUMNS)
            for level in range(len(self.curves))
        ]
        for curve, level_columns in zip(self.curves, shown, strict=True):
            curve.set_columns(level_columns)
        others = self.others.draw(times, first, stop, MOST_COLUMNS, self.devicePixelRatioF())
        self.shots.draw([s for s in results.shots if s.stop > first and s.start < stop], self._time)
        planned = self.schedule.draw(first, stop, self._time)
        self.scores.draw(first, stop, self._time, MOST_COLUMNS)
        self._fit_height(shown + others, planned)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Follow the screen's scale."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._colour()
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The legend goes back to the playhead."""
        self._point(None)
        super().leaveEvent(event)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.legend)
        layout.addWidget(self.key)
        layout.addWidget(self._widget, 1)
        layout.addWidget(self.scores, 1)
        self.plot.setLabel("left", LABEL)

    def _colour(self) -> None:
        colours = look()
        ratio = self.devicePixelRatioF()  # the pens are cosmetic: their width is in device pixels
        self._widget.colour(ratio)
        self.scores.colour(ratio)
        for curve, colour in zip(self.curves, colours.levels, strict=True):
            curve.set_colour(colour, ratio)
        self.shots.set_colours(ratio)
        self.schedule.set_colour(ratio)
        self._later()  # the others' lines get their colours when they are drawn

    def _renew(self) -> None:
        """Another video."""
        for curve in self.curves:
            curve.set_columns(columns(*(np.zeros(0),) * 3, 0, 0, 1))
        self.others.clear()
        self.shots.clear()
        self.schedule.clear()
        self._box.setYRange(15, 45)
        self.show_whole()
        self._follow()

    def _correct(self) -> None:
        """The same video with other times: what is in view stays."""
        self._limit()
        self._follow()
        self._later()

    def _limit(self) -> None:
        times = self._state.document.times
        for plot in (self._widget, self.scores.plot):
            plot.set_times(times, self._time(len(times)))

    def _follow(self) -> None:
        for plot in (self._widget, self.scores.plot):
            plot.follow(self._state.playhead.frame, self._state.document.times)

    def _share(self, lane: bool) -> None:
        """The lowest plot has the scale of all."""
        self._widget.show_scale(not lane)
        self.plot.setLabel("left", SHORT_LABEL if lane else LABEL)

    def _point(self, frame: int | None) -> None:
        """The legends tell of `frame`; None: of that at the playhead."""
        self.legend.point_at(frame)
        self.scores.legend.point_at(frame)

    def _later(self) -> None:
        if not self._redraw.isActive():
            self._redraw.start()

    def _hover(self, position: QPointF) -> None:
        inside = self._box.sceneBoundingRect().contains(position) and len(self._state.document)
        point = self._box.mapSceneToView(position)
        self._point(self._state.document.frame_at(point.x()) if inside else None)
        on_line = inside and self._on_schedule(point)
        self._widget.viewport().setCursor(
            Qt.CursorShape.SizeVerCursor if on_line else Qt.CursorShape.ArrowCursor
        )

    def _on_schedule(self, point: QPointF) -> bool:
        """Whether a point of the plot is on the schedule's line."""
        frame = self._state.document.frame_at(point.x())
        return self.schedule.near(frame, point.y(), float(self._box.viewPixelSize()[1]))

    def _fit_height(self, shown: list[Columns], planned: tuple[float, float]) -> None:
        """Show all that is known in the visible range with its band, and never less than 12 QP."""
        low = np.fmin.reduce([np.fmin(c.low, c.band_low) for c in shown], axis=None)
        high = np.fmax.reduce([np.fmax(c.high, c.band_high) for c in shown], axis=None)
        low, high = np.fmin(low, planned[0]), np.fmax(high, planned[1])
        if not np.isnan(low):
            spare = max(12 - (high - low), 3) / 2
            top = max(min(high + spare, 54), high)  # a model that was never fitted may answer above any QP
            self._box.setYRange(max(low - spare, 0), top, padding=0)

    def _time(self, frame: int) -> float:
        """Seconds at which `frame` begins; the last one is taken to be as long as the one before."""
        times = self._state.document.times
        if frame < len(times):
            return float(times[frame])
        return float(2 * times[-1] - times[-2]) if len(times) > 1 else 1.0
