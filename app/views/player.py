"""The player: both sides with their captions, the transport bar below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.reasons import not_shown
from app.state import AppState, Shown
from app.theme import look
from app.viewing import Viewing
from app.views.action_set import Actions
from app.views.picture import PictureView
from app.views.transport import Transport


class Side(QWidget):
    """A caption above a picture.

    Attributes
    ----------
    view : PictureView
    caption : QLabel
    """

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = PictureView(state.viewport)
        self.caption = QLabel()
        self.caption.setContentsMargins(10, 5, 10, 5)
        self.caption.setAutoFillBackground(True)
        # a long caption is cut off rather than making its side wider than the other
        self.caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.caption)
        layout.addWidget(self.view, 1)
        self._colour()

    def show_picture(self, picture: Shown | None, note: str, caption: str) -> None:
        """Show `picture`, or `note` without one, below `caption`."""
        self.view.show_picture(picture, note)
        self.caption.setText(caption)
        self.caption.setToolTip(caption)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()
        super().changeEvent(event)

    def _colour(self) -> None:
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Window, look().surround)
        palette.setColor(QPalette.ColorRole.WindowText, look().surround_text)
        self.caption.setPalette(palette)
        self.view.update()


class Player(QWidget):
    """Original and rebuilt frame side by side, always of the same number.

    Attributes
    ----------
    original, rebuilt : Side
    transport : Transport
    """

    def __init__(
        self, state: AppState, viewing: Viewing, actions: Actions, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self.original, self.rebuilt = Side(state), Side(state)
        self.transport = Transport(state, viewing, actions)
        ground = QWidget()
        ground.setPalette(QPalette(QColor(Qt.GlobalColor.black)))
        ground.setAutoFillBackground(True)
        self._sides = QHBoxLayout(ground)
        self._sides.setContentsMargins(0, 0, 0, 0)
        self._sides.setSpacing(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(ground, 1)
        layout.addWidget(self.transport)
        self._arrange()
        self._show()
        state.comparison.events.connect(self._arrange)
        state.comparison.events.level.connect(self._show)
        state.pictures.events.connect(self._show)
        state.playhead.events.playing.connect(self._show)
        state.work.events.model.connect(self._show)
        state.work.events.shown.connect(self._show)
        state.document.changed.connect(self._show)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep both sides equally wide, so that a fitted picture has one scale on both."""
        self._sides.setSpacing(1 if self.width() % 2 else 2)
        super().resizeEvent(event)

    def focus_view(self) -> PictureView:
        """The view that zoom commands without a cursor act on."""
        return self.rebuilt.view if self._state.comparison.mode == "jnd" else self.original.view

    def _arrange(self) -> None:
        comparison = self._state.comparison
        order = (self.rebuilt, self.original) if comparison.swapped else (self.original, self.rebuilt)
        for side in order:
            self._sides.removeWidget(side)
            self._sides.addWidget(side, 1)
        self.original.setVisible(comparison.mode != "jnd")
        self.rebuilt.setVisible(comparison.mode != "original")

    def _show(self) -> None:
        pictures, document = self._state.pictures, self._state.document
        note = f"Opening {document.path.name} …" if document.status == "opening" and document.path else ""
        self.original.show_picture(pictures.original, note, _heading("Original", pictures.original))
        heading = self._rebuilt_heading(pictures.rebuilt)
        self.rebuilt.show_picture(pictures.rebuilt, note or self._reason(), heading)

    def _rebuilt_heading(self, rebuilt: Shown | None) -> str:
        name = f"JND{self._state.comparison.level} frame"
        if rebuilt is None:
            return f"<b>{name}</b>"
        detail = self._state.work.detail
        more = f" · {detail[0]}×{detail[1]} detail" if detail else ""
        return _heading(f"{name} at QP {rebuilt.qp:.1f}, predicted", rebuilt, more)

    def _reason(self) -> str:
        """Why there is no rebuilt frame right now."""
        level, pictures = self._state.comparison.level, self._state.pictures
        if self._state.playhead.playing:
            return f"The JND{level} frame is shown when paused"
        if pictures.trouble or pictures.refusal:
            return pictures.trouble or pictures.refusal
        if pictures.original is None:
            return ""
        work = self._state.work
        if not work.model:
            return "Loading the model …"
        if level not in work.shown:
            return not_shown(work.model, level, work.shown)
        return f"Rebuilding frame {pictures.original.frame} at JND{level} …"


def _heading(title: str, picture: Shown | None, more: str = "") -> str:
    if picture is None:
        return f"<b>{title}</b>"
    quiet = f"frame {picture.frame}{more}"
    return f"<b>{title}</b> &nbsp; <span style='color:{look().surround_faint}'>{quiet}</span>"
