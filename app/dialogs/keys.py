"""All keys, by menu."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.actions import COMMANDS, MENUS, key_text

MOUSE = (
    ("Wheel on a picture", "Zoom at the cursor"),
    ("Drag a picture", "Pan"),
    ("Double-click a picture", "Fit or 1:1"),
    ("Click or drag in the timeline", "Move the playhead"),
    ("Drag the schedule's line up or down", "Change a segment's QP"),
    ("Wheel in the timeline", "Zoom time"),
    ("Middle-drag in the timeline", "Pan time"),
)


class KeysDialog(QDialog):
    """The key list, made from the table of commands."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        columns = QHBoxLayout()
        columns.setSpacing(36)
        columns.addLayout(_column([_menu_rows(menu) for menu in MENUS[:2] + MENUS[3:]]))
        columns.addLayout(_column([_menu_rows("View"), ("Mouse", list(MOUSE))]))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 14)
        layout.setSpacing(16)
        layout.addLayout(columns)
        layout.addWidget(buttons)


def _menu_rows(menu: str) -> tuple[str, list[tuple[str, str]]]:
    """A heading, and keys with what they do."""
    found = [c for c in COMMANDS if c.menu.split("/")[0] == menu and c.keys]
    return menu, [("  ".join(key_text(key) for key in c.keys), c.title.rstrip("…")) for c in found]


def _column(groups: list[tuple[str, list[tuple[str, str]]]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(4)
    row = 0
    for heading, rows in groups:
        grid.addWidget(QLabel(f"<b>{heading}</b>"), row, 0, 1, 2)
        for keys, title in rows:
            row += 1
            grid.addWidget(QLabel(keys), row, 0)
            grid.addWidget(QLabel(title), row, 1)
        row += 1
        grid.setRowMinimumHeight(row, 10)
        row += 1
    grid.setRowStretch(row, 1)
    grid.setAlignment(Qt.AlignmentFlag.AlignTop)
    return grid
