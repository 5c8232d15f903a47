"""Small jobs whose results age quickly: the newest one counts, and one at a time runs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.workers.tasks import Task


class Latest(QObject):
    """Runs what was asked for last, off the UI thread, after a short wait for more of the same.

    Parameters
    ----------
    name : str
        Begins the sentence on a defect, such as ``"Planning"``.
    delay : int
        Milliseconds to wait.

    Signals
    -------
    done(object)
        What the newest job returned; of those before it nothing is heard.
    failed(str, str)
        It raised: a sentence, and details.
    """

    done = Signal(object)
    failed = Signal(str, str)

    def __init__(self, name: str, delay: int = 0, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._next: Callable[[], object] | None = None
        self._task: Task | None = None
        self._wanted = False
        self._found: object = None
        self._trouble: tuple[str, str] | None = None
        self._timer = QTimer(self, singleShot=True, interval=delay)
        self._timer.timeout.connect(self._begin)

    def ask(self, work: Callable[[], object]) -> None:
        """Run `work` soon, in place of all that was asked for before."""
        self._next, self._wanted = work, False
        self._timer.start()

    def forget(self) -> None:
        """Nothing is wanted any more."""
        self._next, self._wanted = None, False
        self._timer.stop()

    def stop(self) -> None:
        """Forget all, and wait for the job under way."""
        self.forget()
        if self._task is not None:
            self._task.wait()

    def _begin(self) -> None:
        if self._task is not None or self._next is None:
            return  # the end of the one under way begins the next
        work, self._next, self._wanted = self._next, None, True
        self._found, self._trouble = None, None
        self._task = Task(self._name, lambda: self._keep(work()), parent=self)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_end)
        self._task.start()

    def _keep(self, found: object) -> None:
        self._found = found

    def _on_failed(self, text: str, details: str) -> None:
        self._trouble = (text, details)

    def _on_end(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.wait()  # it has said that it ends, and does so now
            task.deleteLater()
        wanted, self._wanted = self._wanted, False
        if self._next is not None and not self._timer.isActive():
            self._timer.start()
        if not wanted:
            return
        if self._trouble is not None:
            self.failed.emit(*self._trouble)
        else:
            self.done.emit(self._found)
