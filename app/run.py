"""From nothing to a running window, in the order that lets it paint first."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import shiboken6
from PySide6 import QtCore, QtGui, QtSvg, QtWidgets
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

INTERRUPTED = 130
"""Exit code after Ctrl+C, by the custom of shells: 128 and the signal's number."""


def make_types() -> None:
    """Make Python's types of Qt's classes, all at once and in the main thread.

    PySide makes each when it is first looked at, and where two threads do so at the same time it crashes
    (seen: a first paint while pyqtgraph, which looks at all of them, was being imported). Takes 0.1 s.
    """
    for module in (QtCore, QtGui, QtSvg, QtWidgets):
        for name in dir(module):
            getattr(module, name)


def make_window(
    videos: list[Path], make_child: MakeChild = real_child, *, remember: bool = True
) -> MainWindow:
    """A window that opens `videos` as soon as it has painted."""
    make_types()
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
    """Run the application.

    Returns
    -------
    int
        Exit code: 0; 1 where the window was closed before its picture was taken; 2 after an error; 130
        after Ctrl+C in the terminal.
    """
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

    def interrupt(*_: object) -> None:
        codes.append(INTERRUPTED)
        QTimer.singleShot(0, window.close)  # by way of the event loop, which may not run yet

    signal.signal(signal.SIGINT, interrupt)
    awake = QTimer(window, interval=SIGNALS)
    awake.timeout.connect(lambda: None)
    awake.start()
    window.show()
    app.exec()
    if screenshot is not None and not codes:
        print(f"jndscope: {screenshot}: the window was closed before its picture was taken.", file=sys.stderr)
        codes.append(1)
    try:
        if heart and timings:
            heart.write(timings)
    except JNDError as error:
        print(f"jndscope: {error}", file=sys.stderr)
        codes.append(2)
    shiboken6.delete(window)  # widgets must go before the application does
    return max(codes, default=0)
