"""One picture pixel is one device pixel, on every scale factor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from clips import pixels
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent

from app.state import Shown, Viewport
from app.views.picture import PictureView

SCRIPT = Path(__file__).with_name("pixel_check.py")


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (120, 170, 3), dtype=np.uint8)


@pytest.fixture
def view(qtbot, noise) -> PictureView:
    view = PictureView(Viewport(zoom=1.0))
    qtbot.addWidget(view)
    view.resize(301, 223)
    view.show_picture(Shown(0, noise))
    return view


def test_one_to_one_is_exact(view, noise):
    got = pixels(view.grab())
    top, left = round((223 - 120) / 2), round((301 - 170) / 2)
    np.testing.assert_array_equal(got[top : top + 120, left : left + 170], noise)
    assert (got[:top] == got[0, 0]).all()


@pytest.mark.parametrize("zoom", [2, 3, 5])
def test_whole_multiples_are_squares_of_one_colour(view, noise, zoom):
    view._viewport.zoom = float(zoom)
    view._viewport.centre = (0.0, 0.0)
    got = pixels(view.grab())
    large = noise.repeat(zoom, 0).repeat(zoom, 1)
    left, top = max((301 - 170 * zoom) // 2, 0), max((223 - 120 * zoom) // 2, 0)
    height, width = min(223 - top, 120 * zoom), min(301 - left, 170 * zoom)
    np.testing.assert_array_equal(got[top : top + height, left : left + width], large[:height, :width])


@pytest.mark.parametrize("zoom", [1, 8, 32])
def test_the_far_end_of_a_huge_picture_is_exact(qtbot, zoom):
    rgb = np.random.default_rng(4).integers(0, 256, (4, 9000, 3), dtype=np.uint8)
    view = PictureView(Viewport(zoom=float(zoom), centre=(1.0, 0.5)))
    qtbot.addWidget(view)
    view.resize(300, 223)
    view.show_picture(Shown(0, rgb))
    got = pixels(view.grab())
    top = round((223 - 4 * zoom) / 2)
    end = rgb.repeat(zoom, 0).repeat(zoom, 1)[:, -300:]
    np.testing.assert_array_equal(got[top : top + 4 * zoom], end)


def test_shrunk_pictures_are_averaged(view, noise):
    view._viewport.zoom = 0.5
    got = pixels(view.grab())
    mean = noise.reshape(60, 2, 85, 2, 3).mean((1, 3))
    top, left = round((223 - 60) / 2), round((301 - 85) / 2)
    np.testing.assert_allclose(got[top : top + 60, left : left + 85], mean, atol=1)


def test_a_picture_with_odd_rows_is_not_sheared(qtbot):
    rgb = np.zeros((31, 33, 3), np.uint8)
    rgb[:, 16] = 255
    view = PictureView(Viewport(zoom=1.0))
    qtbot.addWidget(view)
    view.resize(33, 31)
    view.setMinimumSize(1, 1)
    view.resize(33, 31)
    view.show_picture(Shown(0, rgb))
    np.testing.assert_array_equal(pixels(view.grab()), rgb)


def test_the_wheel_zooms_at_the_cursor(view):
    at = QPointF(200, 110)
    buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    turn = QWheelEvent(at, at, QPoint(), QPoint(0, 240), buttons, keys, Qt.ScrollPhase.NoScrollPhase, False)
    before = np.array([200, 110]) - view._viewport.origin((170, 120), (301, 223))
    view.wheelEvent(turn)
    assert view._viewport.zoom == 3
    after = (np.array([200, 110]) - view._viewport.origin((170, 120), (301, 223))) / 3
    np.testing.assert_allclose(after, before, atol=1)


@pytest.mark.parametrize("factor", ["1", "1.25", "1.5", "2"])
def test_one_to_one_is_exact_in_the_window_on_every_scale_factor(factor, monkeypatch):
    monkeypatch.setenv("QT_SCALE_FACTOR", factor)
    done = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [factor, "exact", "exact"]
