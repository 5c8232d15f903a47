"""The right side: the inspector, or the schedule."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget, QWidget

from app.instrument import Instrument
from app.views.action_set import Actions
from app.views.inspector import Inspector
from app.views.schedule_panel import SchedulePanel

WIDTH = 376
"""Pixels that the columns of the schedule's table take, with a scroll bar beside them."""


class SidePanel(QTabWidget):
    """Two tabs; which one is seen is `state.plan.shown`.

    Attributes
    ----------
    inspector : Inspector
    schedule : SchedulePanel
    """

    def __init__(self, instrument: Instrument, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = instrument.state.plan
        self.inspector = Inspector(instrument.state)
        self.schedule = SchedulePanel(instrument, actions)
        self.addTab(self.inspector, "Frame")
        self.addTab(self.schedule, "Schedule")
        self.setDocumentMode(True)
        self.tabBar().setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys step frames
        self.setMinimumWidth(WIDTH)
        self.currentChanged.connect(lambda tab: instrument.planning.show(tab == 1))
        self._plan.events.shown.connect(lambda shown: self.setCurrentIndex(int(shown)))
