"""The banner above the pictures: what to know before trusting a figure."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from app.state import AppState
from app.theme import look


class Notice(QLabel):
    """Says why the labels do not cover the video, and what reader and analysis warned of.

    Hidden where all is well.
    """

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setWordWrap(True)
        self.setAutoFillBackground(True)
        self.setContentsMargins(12, 6, 12, 6)
        self._colour()
        self._show()
        state.document.changed.connect(self._show)
        state.document.corrected.connect(self._show)
        state.document.warned.connect(self._show)
        state.results.changed.connect(self._show)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()
        super().changeEvent(event)

    def _colour(self) -> None:
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Window, look().notice)
        palette.setColor(QPalette.ColorRole.WindowText, look().notice_text)
        self.setPalette(palette)

    def _show(self) -> None:
        document, analysis = self._state.document, self._state.results.analysis
        lines = []
        if document.info is not None and document.info.extrapolated:
            reasons = "; ".join(document.info.extrapolated)
            lines.append(
                f"Extrapolated: {reasons}. The model's labels do not cover this; trust the levels less."
            )
        lines += document.warnings
        if analysis is not None:  # of this model alone, such as levels that cross
            lines += [text for text in analysis.warnings if text not in document.warnings]
        self.setText("\n".join(line[:1].upper() + line[1:] for line in lines))
        self.setVisible(bool(lines))
