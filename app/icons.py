"""Icons: line drawings in resources/icons, drawn in the palette's colours."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 20, 32, 40)
APP_SIZES = (16, 24, 32, 48, 64, 128, 256)


def icon(name: str, checked: str = "") -> QIcon:
    """The drawing `name`, or `checked` while its action is; make it anew when the palette changes."""
    result = QIcon()
    _add(result, name, QIcon.State.Off)
    _add(result, checked or name, QIcon.State.On)
    return result


def _add(result: QIcon, name: str, state: QIcon.State) -> None:
    palette = QGuiApplication.palette()
    drawing = _svg(name)
    groups = {
        QIcon.Mode.Normal: QPalette.ColorGroup.Active,
        QIcon.Mode.Disabled: QPalette.ColorGroup.Disabled,
    }
    for mode, group in groups.items():
        colour = palette.color(group, QPalette.ColorRole.ButtonText)
        for size in SIZES:
            result.addPixmap(_draw(drawing, colour, size), mode, state)


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
