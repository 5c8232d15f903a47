"""The window: menus, tool bar, and the pages."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolBar,
    QWidget,
)

from app.instrument import Instrument
from app.state.settings import Theme
from app.theme import apply_theme
from app.views.action_set import Actions
from app.views.dialogs import Dialogs
from app.views.empty import EmptyPage
from app.views.model_menu import ModelButton, ModelMenu
from app.views.saving import ask_encode, ask_folder, ask_target
from app.views.status import Status
from app.views.workspace import Workspace
from app.views.zoom_label import ZoomLabel

REFRESH = 30
"""Milliseconds in which changes of state are bundled before the actions follow."""

TOOL_STYLE = "QToolBar { border: 0; padding: 3px 6px; spacing: 2px; }"


class MainWindow(QMainWindow):
    """Shows an instrument, and stops it when closed.

    Signals
    -------
    painted()
        The window is on screen for the first time: what takes long may begin.

    Attributes
    ----------
    instrument : Instrument
    actions_ : Actions
    workspace : Workspace
    empty : EmptyPage
    models : ModelButton
    status : Status
    dialogs : Dialogs
    """

    painted = Signal()

    def __init__(self, instrument: Instrument, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.instrument: Instrument = instrument
        self._seen = False
        state = instrument.state
        self.actions_ = Actions(self)
        self.dialogs: Dialogs = Dialogs(self)
        self.workspace = Workspace(instrument, self.actions_)
        self.empty = EmptyPage(state, self.actions_)
        self.status = Status(state, instrument.analysing, self.actions_)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.workspace)
        self._recent = QMenu("Open Recent", self)
        self.models = ModelButton(instrument, self.actions_.by_id["analysis.models"])
        self._refresh = QTimer(self, singleShot=True, interval=REFRESH)
        self._tools = QToolBar("Tools", self)
        self._lay_out()
        self._refresh.timeout.connect(self.actions_.refresh)
        self._recent.aboutToShow.connect(self._list_recent)
        self.empty.chosen.connect(instrument.open)
        instrument.imported.connect(self.workspace.add_timeline)
        instrument.exporting.saved.connect(self._on_saved)
        instrument.delivering.saved.connect(self._on_delivered)
        for signal in (state.document.changed, state.results.changed, state.overlays.changed):
            signal.connect(self._later)
        for group in (
            state.playhead,
            state.comparison,
            state.viewport,
            state.work,
            state.settings,
            state.plan,
            state.encode,
            state.proof,
        ):
            group.events.connect(self._later)
        state.document.changed.connect(self._on_document)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_scheme)
        self._on_document()

    def ask_open(self) -> None:
        """Let the user choose a video."""
        recent = self.instrument.state.settings.recent
        folder = str(recent[0].parent) if recent else str(Path.home())
        name, _ = QFileDialog.getOpenFileName(self, "Open Video", folder, _kinds())
        if name:
            self.instrument.open(Path(name))

    def ask_save(self) -> None:
        """Let the user choose where the analysis goes."""
        path = self.instrument.state.document.path
        target = ask_target(path, self) if path is not None else None
        if target is not None:
            self.instrument.exporting.save(target)

    def show_schedule(self, shown: bool) -> None:
        """Show the schedule at the right, or the inspector."""
        self.instrument.planning.show(shown)

    def ask_export(self) -> None:
        """Let the user choose where the encoder's files go; where the schedule is not shown, show it."""
        state = self.instrument.state
        if not state.plan.shown:
            self.show_schedule(True)
            return
        path, written = state.document.path, state.plan.written
        if written is None:
            state.work.say("The files are being prepared; try again")
        elif path is not None:
            folder = ask_folder(path, (*written.files, "schedule.json"), self)
            if folder is not None:
                self.instrument.delivering.write(folder)

    def ask_encode(self) -> None:
        """Let the user name the encode, and begin it."""
        path, schedule = self.instrument.state.document.path, self.instrument.state.plan.schedule
        if path is None or schedule is None:
            return
        target = ask_encode(path, f"jnd{schedule.level}-{schedule.share:g}", self)
        if target is not None:
            self.instrument.encoding.start(target)

    def ask_check(self) -> None:
        """Let the user choose an encode of the open video, and check it against the schedule."""
        state = self.instrument.state
        if state.document.path is None:
            return
        place = state.proof.made or state.document.path.parent
        name, _ = QFileDialog.getOpenFileName(self, "Check an Encode", str(place), _kinds())
        if name:
            self.instrument.proving.start(Path(name))

    def copy_command(self) -> None:
        """Put the command of the chosen target on the clipboard."""
        written = self.instrument.state.plan.written
        if written is not None:
            QGuiApplication.clipboard().setText(written.command)
            self.instrument.state.work.say("Copied the command; it runs in the folder of the files")

    def zoom(self, steps: int) -> None:
        """Zoom about the middle."""
        self.workspace.player.focus_view().zoom(steps)

    def show_whole_timeline(self) -> None:
        """Zoom the timeline out."""
        if self.workspace.timeline is not None:
            self.workspace.timeline.show_whole()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or stop doing so."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def set_theme(self, theme: Theme) -> None:
        """Change the colours, and remember it."""
        self.instrument.state.settings.theme = theme
        apply_theme(theme)
        self.instrument.save_settings()

    def restore(self) -> None:
        """Place and size of the last time."""
        geometry = self.instrument.state.settings.geometry
        if not geometry or not self.restoreGeometry(QByteArray.fromBase64(geometry.encode())):
            self.resize(1440, 900)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Note the first paint."""
        super().paintEvent(event)
        if not self._seen:
            self._seen = True
            QTimer.singleShot(0, self.painted.emit)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self.actions_.refresh_icons()
            self.models.colour()
            self._tools.setStyleSheet(TOOL_STYLE)  # what has a style sheet keeps the old palette otherwise
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves full screen."""
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.toggle_full_screen()
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the first file; the others are a click away in the recent videos."""
        self.open_all([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    def open_all(self, paths: list[Path]) -> None:
        """Open the first of `paths`, and list the others among the recent videos."""
        for path in reversed(paths[1:]):
            self.instrument.state.settings.remember(path.expanduser().absolute())
        if paths:
            self.instrument.open(paths[0])
        if len(paths) > 1:
            self.instrument.state.work.say(f"{len(paths) - 1} more under File › Open Recent")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the window, and end threads and process behind it."""
        geometry = self.saveGeometry().toBase64().data()
        self.instrument.state.settings.geometry = bytes(geometry).decode()
        self.hide()
        try:
            self.instrument.save_settings()
        finally:
            self.instrument.stop()
        super().closeEvent(event)

    def _lay_out(self) -> None:
        self.setWindowTitle("JNDScope")
        self.setCentralWidget(self._pages)
        self.setStatusBar(self.status)
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setMinimumSize(900, 560)
        menus = {"file.open": self._recent, "analysis.cancel": ModelMenu(self.instrument, parent=self)}
        self.actions_.fill_menus(self.menuBar(), menus)
        bar = self._tools
        bar.setMovable(False)
        bar.setStyleSheet(TOOL_STYLE)
        bar.setIconSize(QSize(20, 20))
        self.actions_.fill_tools(bar)
        gap = QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(gap)
        bar.addWidget(self.models)
        bar.addWidget(ZoomLabel(self.instrument.state, self.workspace.player))
        self.addToolBar(bar)

    def _list_recent(self) -> None:
        self._recent.clear()
        for path in self.instrument.state.settings.recent:
            action = self._recent.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self.instrument.open(path))
        if self._recent.isEmpty():
            self._recent.addAction("No recent videos").setEnabled(False)

    def _later(self) -> None:
        if not self._refresh.isActive():
            self._refresh.start()

    def _on_document(self) -> None:
        document = self.instrument.state.document
        self._pages.setCurrentWidget(self.empty if document.status == "empty" else self.workspace)
        self.setWindowTitle(f"{document.path.name} – JNDScope" if document.path else "JNDScope")

    def _on_scheme(self) -> None:
        if self.instrument.state.settings.theme == "system":
            apply_theme("system")

    def _on_saved(self, path: Path) -> None:
        self.instrument.state.work.say(f"Saved {path.name}")

    def _on_delivered(self, folder: Path) -> None:
        self.instrument.state.work.say(f"Wrote the schedule's files to {folder}")


def _kinds() -> str:
    """What a dialog offers to open."""
    from jndcore.media import VIDEO_SUFFIXES  # PyAV: too slow before the first paint

    return f"Videos ({' '.join(f'*{suffix}' for suffix in VIDEO_SUFFIXES)});;All files (*)"
