"""The status line: progress and cancel at the left; model, device and pace at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from app.analysing import Analysing
from app.format import duration, pace
from app.state import AppState
from app.views.action_set import Actions
from app.views.eliding import ElidingLabel

AUTO = "auto"


class DeviceChooser(QComboBox):
    """Devices that the model can run on; those that this machine lacks are grey and say why."""

    def __init__(self, state: AppState, analysing: Analysing, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._analysing = analysing
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(15)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolTip("Where the model runs")
        self._list()
        self.activated.connect(self._choose)
        state.work.events.devices.connect(self._list)

    def _list(self) -> None:
        model = QStandardItemModel(self)
        model.appendRow(_item("Automatic", AUTO, ""))
        for device in self._state.work.devices:
            model.appendRow(_item(device.label, device.name, "" if device.available else device.reason))
        self.setModel(model)
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 24)
        self.setCurrentIndex(max(self.findData(self._state.settings.device), 0))

    def _choose(self, row: int) -> None:
        name = self.itemData(row)
        if name != self._state.settings.device or self._state.pictures.trouble:
            self._analysing.set_device(name)


class Status(QStatusBar):
    """Watches `state.work`.

    Attributes
    ----------
    progress : QProgressBar
    text : ElidingLabel
    engine : QLabel
    devices : DeviceChooser
    """

    def __init__(
        self, state: AppState, analysing: Analysing, actions: Actions, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self.progress = QProgressBar()
        self.text, self.engine = ElidingLabel(), QLabel()
        self.devices = DeviceChooser(state, analysing)
        self._cancel = QToolButton()
        self._cancel.setDefaultAction(actions.by_id["analysis.cancel"])
        self._cancel.setAutoRaise(True)
        self.progress.setFixedWidth(150)
        self.progress.setTextVisible(False)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        self.addWidget(self.progress)
        self.addWidget(self._cancel)
        self.addWidget(self.text, 1)
        self.addPermanentWidget(self.engine)
        self.addPermanentWidget(self.devices)
        state.work.events.connect(self._show)
        state.document.changed.connect(self._show)
        state.pictures.events.trouble.connect(self._show)
        self._show()

    def _show(self) -> None:
        work = self._state.work
        self.progress.setVisible(work.running)
        self._cancel.setVisible(work.running)
        self.progress.setRange(0, work.total)  # no total yet: the bar is busy
        self.progress.setValue(work.done)
        self.text.setText(self._sentence())
        speed = f" · {pace(work.fps)} frames/s" if work.fps else ""
        waiting = "No model is running" if self._state.pictures.trouble else "Loading the model …"
        self.engine.setText(f"{work.model} on {work.device}{speed}" if work.model else waiting)

    def _sentence(self) -> str:
        work, document = self._state.work, self._state.document
        if document.status == "opening" and document.path is not None:
            return f"Opening {document.path.name} …"
        message = f" · {work.message}" if work.message else ""
        left = f" · {duration(work.seconds_left)} left" if work.seconds_left is not None else ""
        count = f"{work.done} of {work.total}{left}"
        return {
            "idle": "Ready",
            "waiting": "Waiting for the model …" if not work.model else "The analysis begins …",
            "key frames": f"Key frames: {count}",
            "all frames": f"All frames: {count}",
            "done": f"Analysed: {work.total} frames",
            "cancelled": f"Cancelled after {work.done} of {work.total} frames",
            "failed": "The analysis failed",
        }[work.stage] + message


def _item(label: str, name: str, reason: str) -> QStandardItem:
    item = QStandardItem(f"{label} – {reason}" if reason else label)
    item.setData(name, Qt.ItemDataRole.UserRole)
    item.setEnabled(not reason)
    item.setToolTip(reason)
    return item
