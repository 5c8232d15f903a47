"""Opening dialogs, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QDialog

from app.dialogs.error import ErrorDialog
from app.dialogs.keys import KeysDialog
from app.dialogs.models import ModelsDialog
from app.dialogs.palette import PaletteDialog
from app.dialogs.text import AboutDialog, LogDialog

if TYPE_CHECKING:
    from app.views.main_window import MainWindow

PALETTE_TOP = 60
"""Pixels from the window's top edge to the palette: below the tool bar."""


class Dialogs(QObject):
    """The dialogs of one window; another one takes the place of the one that is open.

    Attributes
    ----------
    current : QDialog or None
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window: MainWindow = window
        self.current: QDialog | None = None

    def error(self, text: str, details: str) -> None:
        """Say what went wrong."""
        self._open(ErrorDialog(text, details, parent=self._window))

    def keys(self) -> None:
        """Show the key list."""
        self._open(KeysDialog(parent=self._window))

    def about(self) -> None:
        """Show what this program is."""
        self._open(AboutDialog(self._window.instrument.state, parent=self._window))

    def log(self) -> None:
        """Show the messages so far."""
        self._open(LogDialog(self._window.instrument.state, parent=self._window))

    def models(self) -> None:
        """Show all models with their cards, to choose from."""
        choosing = self._window.instrument.choosing
        dialog = ModelsDialog(self._window.instrument.state, choosing.chosen, parent=self._window)
        dialog.chosen.connect(choosing.choose)
        self._open(dialog)

    def palette(self) -> None:
        """Show the command palette at the top of the window."""
        self._window.actions_.refresh()
        dialog = PaletteDialog(self._window.actions_, parent=self._window)
        left = (self._window.width() - dialog.width()) // 2
        dialog.move(self._window.mapToGlobal(QPoint(left, PALETTE_TOP)))
        self._open(dialog)

    def _open(self, dialog: QDialog) -> None:
        if self.current is not None:
            self.current.close()
        self.current = dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._forget)
        dialog.open()

    def _forget(self) -> None:
        self.current = None
