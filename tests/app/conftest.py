from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from clips import write_clip
from fakes import MODELS, FakeChild, FakeModel
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.run import make_window
from app.views.main_window import MainWindow
from jndcore.models import DEFAULT_MODEL, load_card
from jndcore.models.library import user_weights_folder


@pytest.fixture(autouse=True)
def _own_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JNDSCOPE_MODEL", raising=False)


@pytest.fixture
def add_model() -> Callable[..., Path]:
    """Put a card into the user's folder, as an import does; the fake child needs no weights."""

    def add(name: str, title: str = "a model for tests", **more: object) -> Path:
        network, tag = name.split(".")
        levels = MODELS.get(name, FakeModel()).levels
        fields = {"network": network, "tag": tag, "title": title, "levels": levels, "evaluation": None} | more
        file = user_weights_folder() / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(load_card(DEFAULT_MODEL).model_copy(update=fields).model_dump_json())
        return file

    return add


@pytest.fixture
def models(add_model: Callable[..., Path]) -> None:
    """All of `fakes.MODELS`."""
    for name in MODELS.keys() - {DEFAULT_MODEL}:
        add_model(name)


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


@pytest.fixture
def held(make: Callable[..., MainWindow], clip: Path, child: FakeChild, qtbot: QtBot) -> MainWindow:
    """A window whose analysis stays at its first step."""
    child.hold.set()
    window = make(clip)
    state = window.instrument.state
    qtbot.waitUntil(lambda: state.work.stage == "all frames" and state.pictures.rebuilt is not None)
    return window
