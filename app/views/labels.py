"""Two kinds of text in panels."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel

DASH = "–"
"""Stands for what is not known, or not told by the model."""


def title(text: str) -> QLabel:
    """A heading."""
    label = QLabel(text)
    font = QFont(label.font())
    font.setBold(True)
    label.setFont(font)
    return label


def quiet(text: str) -> QLabel:
    """The name of a figure, or a remark."""
    label = QLabel(text)
    label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label
