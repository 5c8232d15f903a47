"""One side of the comparison: a picture under the shared viewport, exact to the device pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.state import Shown, Viewport
from app.theme import look

WHEEL_STEP = 120
"""Qt's units for one notch of a mouse wheel (eighths of a degree)."""


class PictureView(QWidget):
    """Paints one picture; wheel and drag move the viewport that all views share.

    At 1:1 and whole multiples each picture pixel becomes whole device pixels, unsmoothed, on every
    scale factor; shrunk, it is averaged over area.

    Signals
    -------
    resized()
        A fitted picture has another scale now.

    Attributes
    ----------
    picture : Shown or None
    """

    resized = Signal()

    def __init__(self, viewport: Viewport, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture: Shown | None = None
        self._viewport = viewport
        self._note = ""
        self._wheel = 0
        self._grip: QPointF | None = None
        self._scaled: tuple[object, NDArray[np.uint8]] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 80)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        viewport.events.connect(self._refresh)

    def show_picture(self, picture: Shown | None, note: str = "") -> None:
        """Paint `picture`; without one, say `note`."""
        self.picture, self._note = picture, note
        self._scaled = None
        self.update()

    def scale(self) -> float | None:
        """Device pixels for each picture pixel; None without a picture."""
        if self.picture is None:
            return None
        return self._viewport.scale(self._picture_size(), self._view_size())

    def zoom(self, steps: int, at: QPointF | None = None) -> None:
        """Go `steps` along the zoom ladder about a point of the widget, its middle by default."""
        if self.picture is None:
            return
        at = QPointF(self.rect().center()) if at is None else at
        ratio = self.devicePixelRatioF()
        self._viewport.zoom_at(
            steps, (at.x() * ratio, at.y() * ratio), self._picture_size(), self._view_size()
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the surround, and the picture or the note."""
        painter = QPainter(self)
        colours = look()
        painter.fillRect(self.rect(), QColor(colours.surround))
        if self.picture is None:
            painter.setPen(QColor(colours.surround_faint))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(16, 16, -16, -16), flags, self._note)
        else:
            _use_device_pixels(painter)
            self._paint(painter, self.picture.rgb)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell of the new size."""
        super().resizeEvent(event)
        self.resized.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor, a step of the ladder for each notch."""
        self._wheel += event.angleDelta().y()
        steps = int(self._wheel / WHEEL_STEP)
        self._wheel -= steps * WHEEL_STEP
        if steps:
            self.zoom(steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grip the picture."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grip = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan."""
        if self._grip is None or self.picture is None:
            return
        moved = (event.position() - self._grip) * self.devicePixelRatioF()
        self._grip = event.position()
        self._viewport.pan(moved.x(), moved.y(), self._picture_size(), self._view_size())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grip = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Change between the whole picture and 1:1."""
        if self._viewport.zoom is None:
            self._viewport.actual()
        else:
            self._viewport.fit()

    def _refresh(self) -> None:
        self.update()

    def _picture_size(self) -> tuple[int, int]:
        if self.picture is None:
            return 1, 1
        height, width = self.picture.rgb.shape[:2]
        return width, height

    def _view_size(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)

    def _paint(self, painter: QPainter, rgb: NDArray[np.uint8]) -> None:
        """Draw `rgb` with a painter that works in device pixels."""
        scale = self._viewport.scale(self._picture_size(), self._view_size())
        left, top = self._viewport.origin(self._picture_size(), self._view_size())
        if scale < 1:
            shrunk = self._shrunk(rgb, scale)
            painter.drawImage(QPoint(left, top), _image(shrunk))
            return
        if scale == int(scale):
            self._paint_squares(painter, rgb, int(scale), (left, top))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = [round(side * scale) for side in self._picture_size()]
            painter.drawImage(QRect(left, top, *size), _image(rgb))

    def _paint_squares(
        self, painter: QPainter, rgb: NDArray[np.uint8], scale: int, origin: tuple[int, int]
    ) -> None:
        """Draw each pixel as a square of `scale` device pixels.

        Only those in view: Qt loses its place in targets of more than 32767 pixels.
        """
        (x, right), (y, bottom) = (
            (max(-at // scale, 0), min((room - at) // scale + 1, side))
            for at, room, side in zip(origin, self._view_size(), self._picture_size(), strict=True)
        )
        pixels = np.ascontiguousarray(rgb[y:bottom, x:right])
        part = _image(pixels)
        at = QPoint(origin[0] + x * scale, origin[1] + y * scale)
        painter.drawImage(QRect(at, part.size() * scale), part)

    def _shrunk(self, rgb: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
        """`rgb` averaged over area, kept until picture or scale change."""
        key = (id(self.picture), scale)
        if self._scaled is None or self._scaled[0] != key:
            import cv2  # a quarter of a second, and needed by the first picture alone

            width, height = (max(round(side * scale), 1) for side in self._picture_size())
            shrunk = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
            self._scaled = (key, np.asarray(shrunk, dtype=np.uint8))
        return self._scaled[1]


def _image(rgb: NDArray[np.uint8]) -> QImage:
    """A QImage over the memory of `rgb`, which must be contiguous and outlive it."""
    height, width = rgb.shape[:2]
    return QImage(rgb.data, width, height, rgb.strides[0], QImage.Format.Format_RGB888)


def _use_device_pixels(painter: QPainter) -> None:
    """Make one unit of `painter` one device pixel, counted from the widget's corner.

    On scale factors such as 1.25 that corner itself can lie between two device pixels: it is rounded.
    """
    to_device = painter.deviceTransform()
    inverse, _ = to_device.inverted()
    corner = QTransform.fromTranslate(round(to_device.dx()), round(to_device.dy()))
    painter.setWorldTransform(corner * inverse)
