"""One JND level in the plot: error band, line, and dots where single frames are known."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.views.decimate import Columns

BAND_ALPHA = 48
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


def _outline(columns: Columns, run: slice) -> QPolygonF:
    x = columns.x[run]
    along = np.concatenate([x, x[::-1]])
    across = np.concatenate([columns.band_low[run], columns.band_high[run][::-1]])
    polygon: QPolygonF = pg.functions.create_qpolygonf(len(along))
    pg.functions.ndarray_from_qpolygonf(polygon)[:] = np.column_stack([along, across])
    return polygon
