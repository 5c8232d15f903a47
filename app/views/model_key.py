"""The row that tells which model's curves are which, where there are several."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QToolButton, QWidget

from app.icons import icon
from app.state import AppState, Overlay
from app.theme import look
from app.views.eliding import ElidingLabel
from app.views.line_style import sample


class OverlayKey(QWidget):
    """One other model: a piece of its line, a box to hide its curves, a button to drop them.

    Attributes
    ----------
    box : QCheckBox
    remove : QToolButton
    """

    def __init__(self, state: AppState, overlay: Overlay, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line, self.box, name = QLabel(), QCheckBox(), ElidingLabel(overlay.model)
        line.setPixmap(sample(look().text, self.devicePixelRatioF(), overlay.slot))
        self.box.setChecked(overlay.shown)
        self.box.setToolTip(f"Show the curves of {overlay.model}")
        self.box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        name.setToolTip(overlay.model)
        name.setMaximumWidth(name.fontMetrics().horizontalAdvance(overlay.model) + 2)
        self.remove = QToolButton()
        self.remove.setIcon(icon("remove"))
        self.remove.setIconSize(QSize(14, 14))
        self.remove.setAutoRaise(True)
        self.remove.setToolTip(f"Remove the curves of {overlay.model}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self.box, line, name, self.remove):
            layout.addWidget(widget)
        self.box.toggled.connect(lambda shown: state.overlays.show(overlay.model, shown))
        self.remove.clicked.connect(lambda: state.overlays.drop(overlay.model))


class ModelKey(QWidget):
    """The current model and all overlays; hidden while there are none.

    Attributes
    ----------
    keys : dict of str to OverlayKey
        By model.
    """

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.keys: dict[str, OverlayKey] = {}
        self._line, self._name = QLabel(), ElidingLabel()
        font = self._name.font()
        font.setBold(True)
        self._name.setFont(font)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 0, 12, 4)
        self._layout.setSpacing(6)
        self._layout.addWidget(self._line)
        self._layout.addWidget(self._name)
        self._layout.addSpacing(12)
        self._layout.addStretch(1)
        state.overlays.changed.connect(self._show)
        state.work.events.model.connect(self._name_current)
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._show()
        super().changeEvent(event)

    def _show(self) -> None:
        """Make the keys anew: overlays come and go seldom."""
        for key in self.keys.values():
            key.hide()
            key.deleteLater()  # it may be the sender of what is being told
        self.keys = {overlay.model: OverlayKey(self._state, overlay) for overlay in self._state.overlays.kept}
        for place, key in enumerate(self.keys.values(), start=3):
            self._layout.insertWidget(place, key)
        self._line.setPixmap(sample(look().text, self.devicePixelRatioF(), None))
        self._name_current()
        self.setVisible(bool(self.keys))

    def _name_current(self) -> None:
        name = self._state.work.model or self._state.results.model or "loading …"
        self._name.setText(name)
        self._name.setMaximumWidth(self._name.fontMetrics().horizontalAdvance(name) + 2)
