from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from clips import write_clip
from fakes import FakeChild
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.run import make_window
from app.views.main_window import MainWindow


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4")


@pytest.fixture
def child() -> FakeChild:
    return FakeChild()


@pytest.fixture
def make(qtbot: QtBot, qapp: QApplication, child: FakeChild) -> Callable[..., MainWindow]:
    """Make a window that has painted and opened `videos`, with the fake child behind it."""

    def make_it(*videos: Path) -> MainWindow:
        qapp.setStyle("Fusion")
        window = make_window(list(videos), child.on)
        qtbot.addWidget(window)
        window.instrument.failed.connect(window.dialogs.error)
        window.resize(1200, 800)
        window.show()
        qtbot.waitUntil(lambda: window.workspace.timeline is not None, timeout=10_000)
        return window

    return make_it


@pytest.fixture
def window(make: Callable[..., MainWindow], clip: Path, qtbot: QtBot) -> MainWindow:
    """A window whose video is open, analysed and shown with its rebuilt frame."""
    window = make(clip)
    state = window.instrument.state
    qtbot.waitUntil(lambda: state.results.analysis is not None and state.pictures.rebuilt is not None)
    return window
