"""The page with an open video: pictures, timeline, and the panels at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.instrument import Instrument
from app.views.action_set import Actions
from app.views.notice import Notice
from app.views.player import Player
from app.views.side_panel import SidePanel

if TYPE_CHECKING:
    from app.views.timeline import Timeline

LANE = 120
"""Pixels that the pictures lend the timeline while it shows an encode's scores too."""


class Workspace(QWidget):
    """Lays the parts out.

    Attributes
    ----------
    player : Player
    side : SidePanel
    inspector : Inspector
        In the side panel.
    notice : Notice
    timeline : Timeline or None
        None until `add_timeline`: its plotting library is too slow to import before the first paint.
    """

    def __init__(self, instrument: Instrument, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._instrument = instrument
        self.player = Player(instrument.state, instrument.viewing, actions)
        self.side = SidePanel(instrument, actions)
        self.inspector = self.side.inspector
        self.notice = Notice(instrument.state)
        self.timeline: Timeline | None = None
        self._lent = 0
        self._place = QWidget()
        self._place.setBackgroundRole(QPalette.ColorRole.Base)
        self._place.setAutoFillBackground(True)
        self._stack = QSplitter(Qt.Orientation.Vertical)
        self._stack.addWidget(self.player)
        self._stack.addWidget(self._place)
        self._stack.setSizes([560, 300])
        self._stack.setStretchFactor(0, 2)
        self._stack.setStretchFactor(1, 1)
        main = QSplitter(Qt.Orientation.Horizontal)
        main.addWidget(self._stack)
        main.addWidget(self.side)
        main.setSizes([1064, 376])
        main.setStretchFactor(0, 1)
        for splitter in (self._stack, main):
            splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(main, 1)
        self._place_layout = QVBoxLayout(self._place)
        self._place_layout.setContentsMargins(0, 0, 0, 0)

    def add_timeline(self) -> None:
        """Make the timeline, where there is none yet."""
        if self.timeline is None:
            from app.views.timeline import Timeline

            parts = self._instrument
            self.timeline = Timeline(parts.state, parts.viewing, parts.editing)
            self._place_layout.addWidget(self.timeline)
            self.timeline.scores.appeared.connect(self._make_room)

    def _make_room(self, lane: bool) -> None:
        """The timeline takes some height from the pictures, or gives it back."""
        above, below = self._stack.sizes()
        more = min(LANE, above // 3) if lane else -self._lent
        self._lent = more if lane else 0
        self._stack.setSizes([above - more, below + more])
