"""Taking the window's picture once there is something to see."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.views.main_window import MainWindow

SIZE = (1440, 900)
SETTLE = 400
"""Milliseconds for the last redraw of the timeline."""


class Screenshot(QObject):
    """Waits for the whole analysis and the rebuilt frame, or why there is none; takes the picture.

    Signals
    -------
    done(int)
        Exit code: 0, or 2 after an error, which went to stderr.
    """

    done = Signal(int)

    def __init__(self, window: MainWindow, path: Path, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self._path = path
        self._settle = QTimer(self, singleShot=True, interval=SETTLE)
        self._settle.timeout.connect(self._take)
        window.resize(*SIZE)
        state = window.instrument.state
        window.instrument.failed.connect(self._fail)
        state.results.changed.connect(self._look)
        state.pictures.events.rebuilt.connect(self._look)
        state.pictures.events.refusal.connect(self._look)

    def _look(self) -> None:
        state = self._window.instrument.state
        never = bool(state.work.model) and state.comparison.level not in state.work.shown
        settled = never or bool(state.pictures.refusal) or state.pictures.rebuilt is not None
        complete = state.results.analysis is not None and settled
        if complete and not self._settle.isActive():
            self._settle.start()

    def _take(self) -> None:
        if self._window.grab().save(str(self._path)):
            self.done.emit(0)
        else:
            self._fail(
                f"{self._path}: the picture cannot be written; name a .png in a folder that is writable."
            )

    def _fail(self, text: str, details: str = "") -> None:
        print(f"jndscope: {text}", file=sys.stderr)
        self.done.emit(2)
