"""The Qt binding itself: a release that loses references crashes any window within minutes."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QLabel


def test_calls_that_return_nothing_keep_the_count_of_none(qtbot):
    """PySide6 6.12.0 on Python 3.11 takes a reference to None too many for each such call."""
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for _ in range(1000):
        label.setText("")
    assert abs(sys.getrefcount(None) - before) < 100
