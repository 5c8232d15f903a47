"""Colours: two palettes for the widgets, and those of pictures and plots in each."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.state.settings import Theme

Role = QPalette.ColorRole


@dataclass(frozen=True)
class Look:
    """Colours that no QPalette has a role for, as #rrggbb.

    `levels` and `schedule` are after Okabe and Ito's colour-blind-safe set, darker on light ground. The
    surround of pictures is dark and neutral in both themes: a bright frame changes how a picture is judged.
    """

    levels: tuple[str, str, str]
    schedule: str
    plot: str
    grid: str
    text: str
    faint: str
    playhead: str
    shot: str
    notice: str
    notice_text: str
    alarm: str
    surround: str = "#1b1b1b"
    surround_text: str = "#c9c9c9"
    surround_faint: str = "#8a8a8a"


LIGHT = Look(
    levels=("#0072b2", "#c8570a", "#00805f"),
    schedule="#a3307e",
    plot="#fbfbfb",
    grid="#d9d9d9",
    text="#2a2a2a",
    faint="#6a6a6a",
    playhead="#111111",
    shot="#9a9a9a",
    notice="#f4dfae",
    notice_text="#4a3600",
    alarm="#c62828",
    surround="#3a3a3a",
    surround_text="#e2e2e2",
    surround_faint="#a8a8a8",
)
DARK = Look(
    levels=("#56b4e9", "#f0a030", "#2fc99a"),
    schedule="#ee86c8",
    plot="#161616",
    grid="#333333",
    text="#d4d4d4",
    faint="#949494",
    playhead="#f2f2f2",
    shot="#6c6c6c",
    notice="#4a3b14",
    notice_text="#f0d998",
    alarm="#ff6f66",
)

_LIGHT_ROLES = {
    Role.Window: "#ececec",
    Role.WindowText: "#1f1f1f",
    Role.Base: "#fbfbfb",
    Role.AlternateBase: "#f2f2f2",
    Role.ToolTipBase: "#fffff0",
    Role.ToolTipText: "#1f1f1f",
    Role.PlaceholderText: "#7a7a7a",
    Role.Text: "#1f1f1f",
    Role.Button: "#e6e6e6",
    Role.ButtonText: "#1f1f1f",
    Role.BrightText: "#ffffff",
    Role.Light: "#ffffff",
    Role.Midlight: "#f4f4f4",
    Role.Mid: "#b8b8b8",
    Role.Dark: "#9c9c9c",
    Role.Shadow: "#6e6e6e",
    Role.Highlight: "#2f6ea8",
    Role.HighlightedText: "#ffffff",
    Role.Link: "#1b5f9e",
    Role.LinkVisited: "#1b5f9e",
    Role.Accent: "#2f6ea8",
}
_DARK_ROLES = {
    Role.Window: "#262626",
    Role.WindowText: "#dadada",
    Role.Base: "#1c1c1c",
    Role.AlternateBase: "#222222",
    Role.ToolTipBase: "#333333",
    Role.ToolTipText: "#e6e6e6",
    Role.PlaceholderText: "#858585",
    Role.Text: "#dadada",
    Role.Button: "#323232",
    Role.ButtonText: "#dadada",
    Role.BrightText: "#ffffff",
    Role.Light: "#4a4a4a",
    Role.Midlight: "#3e3e3e",
    Role.Mid: "#1f1f1f",
    Role.Dark: "#171717",
    Role.Shadow: "#0c0c0c",
    Role.Highlight: "#3d78ad",
    Role.HighlightedText: "#ffffff",
    Role.Link: "#7db8e8",
    Role.LinkVisited: "#7db8e8",
    Role.Accent: "#3d78ad",
}
_FADED = (Role.WindowText, Role.Text, Role.ButtonText)


def apply_theme(theme: Theme) -> None:
    """Put a theme on; ``"system"`` follows the desktop, and is dark where that has no say."""
    hints = QGuiApplication.styleHints()
    wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    if theme == "system":
        hints.unsetColorScheme()
        dark = hints.colorScheme() != Qt.ColorScheme.Light
    else:
        hints.setColorScheme(wanted[theme])
        dark = theme == "dark"
    QApplication.setPalette(_palette(_DARK_ROLES if dark else _LIGHT_ROLES, "#7a7a7a" if dark else "#9a9a9a"))


def look() -> Look:
    """The colours that go with the palette in use."""
    return DARK if QGuiApplication.palette().color(Role.Window).lightness() < 128 else LIGHT


def _palette(roles: dict[QPalette.ColorRole, str], faded: str) -> QPalette:
    palette = QPalette()
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in _FADED:
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(faded))
    return palette
