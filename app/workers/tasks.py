"""Small jobs off the UI thread: imports ahead of need, and writing an analysis."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from app.workers.defect import defect
from jndcore.errors import JNDError

if TYPE_CHECKING:
    from jndcore.results import Analysis


class Task(QThread):
    """Runs one function in a thread; `name` begins the sentence on a defect, such as ``"Saving"``.

    Signals
    -------
    done()
        The function returned.
    failed(str, str)
        It raised: a sentence, and details.
    """

    done = Signal()
    failed = Signal(str, str)

    def __init__(self, name: str, work: Callable[[], None], *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._work = work

    def run(self) -> None:
        """Body of the thread."""
        try:
            self._work()
        except JNDError as error:
            self.failed.emit(str(error), traceback.format_exc())
        except Exception as error:  # noqa: BLE001 a thread that dies unheard leaves the window waiting
            self.failed.emit(defect(self._name, error), traceback.format_exc())
        else:
            self.done.emit()


def import_ahead() -> None:
    """Import what the window needs soon after its first paint; together they take a second or more."""
    shown = ("jndcore.media", "cv2", "pyqtgraph", "jndcore.predict", "scipy.special")
    for name in (*shown, "jndcore.schedule.writers", "jndcore.schedule.refining"):
        import_module(name)


def export(analysis: Analysis, path: Path) -> None:
    """Write `analysis`; the ending of `path` names the format. Raises JNDError."""
    from jndcore.results import write_analysis

    write_analysis(analysis, path)
