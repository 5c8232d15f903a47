"""The bar below the pictures: buttons, slider, time and frame."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QStyleOptionSlider, QToolButton, QWidget

from app.format import clock
from app.state import AppState
from app.viewing import Viewing
from app.views.action_set import Actions


class FrameSlider(QSlider):
    """A slider that goes where it is pressed."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys step frames

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the handle below the cursor, then drag it as usual."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(event.position().toPoint()):
            x = round(event.position().x() - handle.width() / 2)
            span = self.width() - handle.width()
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, span))
        super().mousePressEvent(event)


class Transport(QWidget):
    """Moves the playhead, and follows it.

    Attributes
    ----------
    slider : FrameSlider
    time, frame : QLabel
    """

    def __init__(
        self, state: AppState, viewing: Viewing, actions: Actions, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self.slider = FrameSlider()
        self.time, self.frame = QLabel(), QLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 10, 4)
        layout.setSpacing(2)
        for action in actions.in_bar("transport"):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(20, 20))
            button.setAutoRaise(True)
            layout.addWidget(button)
        layout.addSpacing(8)
        layout.addWidget(self.slider, 1)
        layout.addSpacing(10)
        for label in (self.time, self.frame):
            label.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
            layout.addWidget(label)
            layout.addSpacing(8)
        self._fit()
        self.slider.valueChanged.connect(viewing.seek)
        state.playhead.events.frame.connect(self._follow)
        state.document.changed.connect(self._fit)
        state.document.corrected.connect(self._fit)

    def _fit(self) -> None:
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(len(self._state.document) - 1, 0))
        self.slider.setEnabled(len(self._state.document) > 1)
        self.slider.blockSignals(False)
        self._follow()

    def _follow(self) -> None:
        frame, times = self._state.playhead.frame, self._state.document.times
        self.slider.blockSignals(True)
        self.slider.setValue(frame)
        self.slider.blockSignals(False)
        now, end = (times[min(frame, len(times) - 1)], times[-1]) if len(times) else (0.0, 0.0)
        self.time.setText(f"{clock(now)} / {clock(end)}")
        digits = len(str(max(len(times) - 1, 0)))
        self.frame.setText(f"frame {frame:>{digits}} / {max(len(times) - 1, 0)}")
