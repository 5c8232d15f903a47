"""Icons: line drawings in resources/icons, drawn in the palette's colours."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 20, 24, 32, 48, 64)
APP_SIZES = (16, 24, 32, 48, 64, 128, 256)


def icon(name: str) -> QIcon:
    """The drawing `name`, in the colours of the palette in use; make it anew when that changes."""
    palette = QGuiApplication.palette()
    drawing = _svg(name)
    result = QIcon()
    groups = {
        QIcon.Mode.Normal: QPalette.ColorGroup.Active,
        QIcon.Mode.Disabled: QPalette.ColorGroup.Disabled,
    }
    for mode, group in groups.items():
        colour = palette.color(group, QPalette.ColorRole.ButtonText)
        for size in SIZES:
            result.addPixmap(_draw(drawing, colour, size), mode)
    return result


def app_icon() -> QIcon:
    """The icon of the application."""
    result = QIcon()
    for size in APP_SIZES:
        result.addPixmap(app_pixmap(size))
    return result


def app_pixmap(size: int, ratio: float = 1.0) -> QPixmap:
    """The application's icon at `size` logical pixels, for a screen of that device pixel ratio."""
    pixmap = _draw(_svg("jndscope"), QColor(), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _svg(name: str) -> str:
    return files("resources").joinpath("icons", f"{name}.svg").read_text(encoding="utf-8")


def _draw(drawing: str, colour: QColor, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(drawing.replace("currentColor", colour.name()).encode())).render(painter)
    painter.end()
    return pixmap
