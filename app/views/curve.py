"""One JND level in the plot: error band, line, and dots where single frames are known; or a thin line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.views.decimate import Columns

BAND_ALPHA = 48
BELOW_LINES = 0.5
"""Depth above the bands and below the current model's lines."""

SMOOTH_POINTS = 800
"""Longer lines are drawn without smoothing, which takes Qt a tenth of a second for a few thousand points."""


class Band(pg.GraphicsObject):  # type: ignore[misc]
    """The doubt about a curve, filled; gaps stay gaps."""

    def __init__(self) -> None:
        super().__init__()
        self._polygons: list[QPolygonF] = []
        self._bounds = QRectF()
        self._colour = QColor()

    def set_colour(self, colour: QColor) -> None:
        """Fill in a thin shade of `colour`."""
        self._colour = QColor(colour)
        self._colour.setAlpha(BAND_ALPHA)
        self.update()

    def set_columns(self, columns: Columns) -> None:
        """Show the band of `columns`."""
        self.prepareGeometryChange()
        self._polygons = [_outline(columns, run) for run in columns.runs()]
        self._bounds = QRectF()
        for polygon in self._polygons:
            self._bounds |= polygon.boundingRect()
        self.informViewBoundsChanged()

    def boundingRect(self) -> QRectF:
        """Extent in the plot's own units."""
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Fill the polygons."""
        painter.setPen(pg.mkPen(None))
        painter.setBrush(self._colour)
        for polygon in self._polygons:
            painter.drawPolygon(polygon)


class LevelCurve:
    """The items of one level, drawn together.

    Attributes
    ----------
    band : Band
    line : pyqtgraph.PlotCurveItem
    dots : pyqtgraph.ScatterPlotItem
    """

    def __init__(self, plot: pg.PlotItem) -> None:
        self.band = Band()
        self.line = pg.PlotCurveItem(connect="finite")
        self.dots = pg.ScatterPlotItem(size=5, pxMode=True)
        for depth, item in enumerate((self.band, self.line, self.dots)):
            item.setZValue(depth)
            plot.addItem(item, ignoreBounds=True)

    def set_colour(self, colour: str, ratio: float) -> None:
        """Draw in `colour`, on a screen with `ratio` device pixels for each logical one."""
        self.band.set_colour(QColor(colour))
        self.line.setPen(pg.mkPen(colour, width=1.6 * ratio))
        self.dots.setBrush(pg.mkBrush(colour))
        self.dots.setPen(pg.mkPen(None))

    def set_columns(self, columns: Columns) -> None:
        """Show what is known."""
        self.band.set_columns(columns)
        x, y = columns.line()
        self.line.setData(x, y, antialias=len(x) <= SMOOTH_POINTS)
        self.dots.setData(*columns.lonely())


class ThinCurve:
    """One level as another model than the current one tells it: a thin dashed line, without a band.

    Attributes
    ----------
    line : pyqtgraph.PlotCurveItem
    """

    def __init__(self, plot: pg.PlotItem) -> None:
        self.line = pg.PlotCurveItem(connect="finite")
        self.line.setZValue(BELOW_LINES)
        plot.addItem(self.line, ignoreBounds=True)

    def set_pen(self, colour: str, ratio: float, dashes: Sequence[float]) -> None:
        """Draw in `colour` with `dashes`, see `LevelCurve.set_colour`."""
        pen = pg.mkPen(colour, width=max(round(ratio), 1), dash=dashes)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        self.line.setPen(pen)

    def set_columns(self, columns: Columns) -> None:
        """Show what is known."""
        self.line.setData(*columns.middle(), antialias=False)  # smoothing dashes takes ten times as long


def _outline(columns: Columns, run: slice) -> QPolygonF:
    x = columns.x[run]
    along = np.concatenate([x, x[::-1]])
    across = np.concatenate([columns.band_low[run], columns.band_high[run][::-1]])
    polygon: QPolygonF = pg.functions.create_qpolygonf(len(along))
    pg.functions.ndarray_from_qpolygonf(polygon)[:] = np.column_stack([along, across])
    return polygon
