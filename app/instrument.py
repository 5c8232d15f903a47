"""The instrument behind the window: the state and all that works on it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.analysing import Analysing
from app.choosing import Choosing
from app.delivering import Delivering
from app.editing import Editing
from app.encoding import Encoding
from app.estimating import Estimating
from app.exporting import Exporting
from app.planning import Planning
from app.proving import Proving
from app.state import AppState, Settings, save_settings
from app.viewing import Viewing
from app.workers.inference import MakeChild, real_child
from app.workers.tasks import Task, import_ahead
from jndcore.errors import JNDError


class Instrument(QObject):
    """Joins viewing, analysing, and what goes with them.

    Parameters
    ----------
    settings : Settings
    make_child : callable
        Starts the child process with a model on a device.
    remember : bool
        Whether settings are written; a run that takes a picture leaves no trace in them.

    Signals
    -------
    failed(str, str)
        An error for the user: a sentence, and details.
    imported()
        What was too slow to import before the first paint is there, plots among it.

    Attributes
    ----------
    state : AppState
    viewing : Viewing
    analysing : Analysing
    choosing : Choosing
    exporting : Exporting
    editing : Editing
    planning : Planning
    delivering : Delivering
    encoding : Encoding
    estimating : Estimating
    proving : Proving
    """

    failed = Signal(str, str)
    imported = Signal()

    def __init__(
        self,
        settings: Settings,
        make_child: MakeChild = real_child,
        *,
        remember: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._remember = remember
        self.state = AppState(settings)
        self.state.comparison.level = settings.level
        self.viewing = Viewing(self.state, parent=self)
        self.analysing = Analysing(self.state, make_child, parent=self)
        self.choosing = Choosing(self.state, self.analysing, parent=self)
        self.exporting = Exporting(self.state, parent=self)
        self.editing = Editing(self.state, parent=self)
        self.delivering = Delivering(self.state, self.editing, parent=self)  # chooses what is planned for
        self.planning = Planning(self.state, self.editing, parent=self)
        self.encoding = Encoding(self.state, parent=self)
        self.estimating = Estimating(self.state, parent=self)
        self.proving = Proving(self.state, self.viewing, parent=self)
        self._imports = Task("Loading the libraries", import_ahead, parent=self)
        self._imports.done.connect(self.imported)
        self._imports.failed.connect(self.failed)
        self.viewing.opened.connect(self._on_opened)
        self.viewing.wanted.connect(self.analysing.rebuild)
        self.viewing.failed.connect(self.failed)
        self.analysing.rebuilt.connect(self.viewing.show_rebuilt)
        self.analysing.refused.connect(self.viewing.show_refusal)
        self.analysing.restarted.connect(self.viewing.forget_rebuilt)
        self.analysing.failed.connect(self.failed)
        self.analysing.finished.connect(self.viewing.check_times)
        self.exporting.failed.connect(self.failed)
        self.planning.failed.connect(self.failed)
        self.delivering.failed.connect(self.failed)
        self.encoding.failed.connect(self.failed)
        self.encoding.made.connect(self.proving.offer)
        self.proving.failed.connect(self.failed)

    def start(self) -> None:
        """Start the threads and the child process."""
        self.choosing.check()
        self.analysing.start()
        self.viewing.start()
        self._imports.start()

    def stop(self) -> None:
        """End them all, and wait for their end."""
        self.viewing.stop()
        self.analysing.stop()
        self.exporting.stop()
        self.planning.stop()
        self.delivering.stop()
        self.encoding.stop()
        self.estimating.stop()
        self.proving.stop()
        self._imports.wait()

    def open(self, path: Path) -> None:
        """Open a video; its analysis begins by itself."""
        self.analysing.give_up()
        self.viewing.open(path.expanduser().absolute())

    def save_settings(self) -> None:
        """Write the settings; a failure is reported, and nothing else comes of it."""
        if not self._remember:
            return
        try:
            save_settings(self.state.settings)
        except JNDError as error:
            self.state.work.say(str(error))

    def _on_opened(self) -> None:
        path = self.state.document.path
        if path is not None:
            self.state.settings.remember(path)
            self.save_settings()
        self.analysing.analyse()
