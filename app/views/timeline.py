"""The timeline: JND levels over time, shots, and the playhead."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.editing import Editing
from app.state import AppState
from app.theme import look
from app.viewing import Viewing
from app.views.axes import FrameAxis, TimeAxis
from app.views.curve import LevelCurve
from app.views.decimate import Columns, columns
from app.views.legend import Legend
from app.views.model_key import ModelKey
from app.views.overlay_curves import OverlayCurves
from app.views.schedule_line import ScheduleLine
from app.views.scrub_box import ScrubBox
from app.views.shot_lines import ShotLines

REDRAW = 100
"""Milliseconds between two redraws while results stream in."""

MOST_COLUMNS = 1500


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
    """

    def __init__(
        self, state: AppState, viewing: Viewing, editing: Editing, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._box = ScrubBox()
        self._frames = FrameAxis("bottom")
        self._widget = pg.PlotWidget(viewBox=self._box, axisItems={"bottom": TimeAxis("bottom")})
        self.plot: pg.PlotItem = self._widget.getPlotItem()
        self.legend, self.key = Legend(state), ModelKey(state)
        self.curves = [LevelCurve(self.plot) for _ in range(3)]
        self.others = OverlayCurves(self.plot, state.overlays)
        self.shots = ShotLines(self.plot)
        self.schedule = ScheduleLine(self.plot, state.plan, editing)
        self.playhead = pg.InfiniteLine(angle=90)
        self._units = [pg.LabelItem(name, justify="right", size="8pt") for name in ("time", "frame")]
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
        self.legend.point_at(None)
        super().leaveEvent(event)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.legend)
        layout.addWidget(self.key)
        layout.addWidget(self._widget, 1)
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.layout.addItem(self._frames, 4, 1)
        self._frames.linkToView(self._box)
        for row, label in enumerate(self._units, start=3):
            self.plot.layout.addItem(label, row, 0)
        self.plot.layout.setContentsMargins(6, 6, 10, 4)
        self.plot.setLabel("left", "QP at 75 % SUR (x264 -qp)")
        self.plot.getAxis("left").setWidth(54)
        self._box.setMouseEnabled(x=True, y=False)
        self.playhead.setZValue(10)
        self.plot.addItem(self.playhead, ignoreBounds=True)

    def _colour(self) -> None:
        colours = look()
        ratio = self.devicePixelRatioF()  # the pens are cosmetic: their width is in device pixels
        self._widget.setBackground(colours.plot)
        for axis in (self.plot.getAxis("left"), self.plot.getAxis("bottom"), self._frames):
            axis.setPen(pg.mkPen(colours.grid))
            axis.setTextPen(pg.mkPen(colours.faint))
        for curve, colour in zip(self.curves, colours.levels, strict=True):
            curve.set_colour(colour, ratio)
        self.playhead.setPen(pg.mkPen(colours.playhead, width=1.4 * ratio))
        self.shots.set_colours(ratio)
        self.schedule.set_colour(ratio)
        self._later()  # the others' lines get their colours when they are drawn
        for label in self._units:
            label.setAttr("color", colours.faint)
            label.setText(label.text)

    def _renew(self) -> None:
        """Another video."""
        self._frames.set_times(self._state.document.times)
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
        self._frames.set_times(self._state.document.times)
        self._limit()
        self._follow()
        self._later()

    def _limit(self) -> None:
        end = self._time(len(self._state.document))
        self._box.setLimits(xMin=-0.02 * end, xMax=1.02 * end, minXRange=min(0.2, end))

    def _follow(self) -> None:
        times, frame = self._state.document.times, self._state.playhead.frame
        self.playhead.setVisible(len(times) > 0)
        if len(times):
            self.playhead.setValue(times[min(frame, len(times) - 1)])

    def _later(self) -> None:
        if not self._redraw.isActive():
            self._redraw.start()

    def _hover(self, position: QPointF) -> None:
        inside = self._box.sceneBoundingRect().contains(position) and len(self._state.document)
        point = self._box.mapSceneToView(position)
        self.legend.point_at(self._state.document.frame_at(point.x()) if inside else None)
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
