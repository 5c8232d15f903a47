"""A label that shortens its text where room is short."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption, QWidget


class ElidingLabel(QLabel):
    """Plain text with … at its end where it does not fit, whole in the tool tip.

    superqt has one too, but importing superqt takes a fifth of a second before the first paint.
    """

    def __init__(self, text: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        """Show `text`."""
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        """As narrow as need be."""
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        painter, option = QPainter(self), QStyleOption()
        option.initFrom(self)
        fitting = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            self.alignment(),
            option.palette,
            bool(option.state & QStyle.StateFlag.State_Enabled),
            fitting,
            self.foregroundRole(),
        )
        painter.end()
