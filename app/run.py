"""From nothing to a running window, in the order that lets it paint first."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.icons import app_icon
from app.instrument import Instrument
from app.screenshot import Screenshot
from app.state import load_settings
from app.theme import apply_theme
from app.timings import Timings
from app.views.main_window import MainWindow
from app.workers.inference import MakeChild, real_child
from jndcore.errors import JNDError

SIGNALS = 250
"""Milliseconds until a Ctrl+C in the terminal is noticed: Python's handlers run between Qt's events."""


def make_window(
    videos: list[Path], make_child: MakeChild = real_child, *, remember: bool = True
) -> MainWindow:
    """A window that opens `videos` as soon as it has painted."""
    settings, trouble = load_settings()
    apply_theme(settings.theme)
    window = MainWindow(Instrument(settings, make_child, remember=remember))
    if trouble:
        window.instrument.state.work.say(trouble)

    def begin() -> None:
        window.instrument.start()
        window.open_all(videos)

    window.painted.connect(begin)
    return window


def run(videos: list[Path], *, screenshot: Path | None, timings: Path | None) -> int:
    """Run the application; give its exit code."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("JNDScope")
    app.setDesktopFileName("jndscope")
    app.setStyle("Fusion")
    app.setWindowIcon(app_icon())
    window = make_window(videos, remember=screenshot is None)
    heart = Timings(window.instrument.state.work, parent=window) if timings else None
    if heart:
        window.painted.connect(heart.painted)
    codes: list[int] = []
    if screenshot is None:
        window.restore()
        window.instrument.failed.connect(window.dialogs.error)
    else:
        camera = Screenshot(window, screenshot, parent=window)
        camera.done.connect(codes.append)
        camera.done.connect(window.close)
    signal.signal(signal.SIGINT, lambda *_: window.close())
    awake = QTimer(window, interval=SIGNALS)
    awake.timeout.connect(lambda: None)
    awake.start()
    window.show()
    app.exec()
    try:
        if heart and timings:
            heart.write(timings)
    except JNDError as error:
        print(f"jndscope: {error}", file=sys.stderr)
        codes.append(2)
    shiboken6.delete(window)  # widgets must go before the application does
    return max(codes, default=0)
