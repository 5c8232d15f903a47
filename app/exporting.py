"""Writing the current model's analysis to a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.state import AppState
from app.workers.tasks import Task, export


class Exporting(QObject):
    """Saves in threads of their own.

    Signals
    -------
    saved(Path)
        An analysis was written.
    failed(str, str)
        A sentence and details.
    """

    saved = Signal(object)
    failed = Signal(str, str)

    def __init__(self, state: AppState, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._tasks: set[Task] = set()

    def stop(self) -> None:
        """Wait until what is being written is complete."""
        for task in self._tasks:
            task.wait()

    def save(self, path: Path) -> None:
        """Write the complete analysis; without one, nothing happens."""
        analysis = self._state.results.analysis
        if analysis is None:
            return
        task = Task("Saving", lambda: export(analysis, path), parent=self)
        task.done.connect(lambda: self.saved.emit(path))
        task.failed.connect(self.failed)
        task.finished.connect(lambda: self._tasks.discard(task))
        self._tasks.add(task)
        task.start()
