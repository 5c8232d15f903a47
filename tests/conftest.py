"""What holds for all tests: no display, no settings of the user, nothing left running."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("jndscope", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("jndscope")

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything imports Qt
os.environ["XDG_DATA_HOME"] = os.devnull  # while tests are collected the user has no weights of his own

END = 5.0
"""Seconds within which a thread ends that was told to."""

OFFSCREEN_NOISE = "This plugin does not support .*"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Any Qt warning fails a test, but for what the offscreen platform says of itself."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore(OFFSCREEN_NOISE))


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "config"))
    for name in ("THEME", "DEVICE", "MODEL", "LEVEL", "BIG_STEP", "RECENT", "GEOMETRY"):
        monkeypatch.delenv(f"JNDSCOPE_{name}", raising=False)


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    threads, children = set(_threads()), set(multiprocessing.active_children())
    yield
    for thread in set(_threads()) - threads:
        thread.join(END)  # one that was told to end may need a moment on a busy machine
    assert not set(_threads()) - threads, "a thread was left running"
    assert not set(multiprocessing.active_children()) - children, "a process was left running"
    assert not _qt_threads(), "a QThread was left running"


def _threads() -> list[threading.Thread]:
    """Python's threads; those that Qt runs appear as dummies that Python never forgets."""
    return [t for t in threading.enumerate() if not isinstance(t, threading._DummyThread)]


def _qt_threads() -> list[object]:
    core = sys.modules.get("PySide6.QtCore")
    if core is None:
        return []
    import shiboken6

    threads = [o for o in gc.get_objects() if issubclass(type(o), core.QThread)]
    return [t for t in threads if shiboken6.isValid(t) and t.isRunning()]
