"""The whole instrument with the real child process and the default model."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys

import pytest
from clips import FRAMES, HEIGHT, WIDTH, number_in, write_clip
from PySide6.QtGui import QImage

from app.run import make_window
from app.state.settings import settings_file


def jndscope(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_screenshot_mode_waits_for_all_and_never_imports_torch(clip, tmp_path):
    picture, timings = tmp_path / "window.png", tmp_path / "timings.json"
    done = jndscope(clip, "--screenshot", picture, "--timings", timings)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1440, 900)
    figures = json.loads(timings.read_text())
    assert figures["torch_at_first_paint"] is False
    assert figures["torch_at_end"] is False
    assert figures["first_paint_s"] > 0
    assert figures["analysis_fps"] > 0
    assert figures["longest_stall_ms"] >= 0
    assert not settings_file().exists()


@pytest.mark.parametrize("arguments", [["no such.mp4", "--screenshot", "a.png"], ["--screenshot", "a.png"]])
def test_screenshot_mode_ends_with_2_and_one_sentence_on_bad_input(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = jndscope(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("jndscope: ")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGINT)", 130, ""),
        ("QTimer.singleShot(0, window.close)", 1, "closed before its picture"),
    ],
)
def test_a_run_that_ends_without_its_picture_does_not_end_well(clip, tmp_path, what, code, said):
    program = f"""
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from app import run

class Window(run.MainWindow):
    def show(window):
        super().show()
        {what}

if __name__ == "__main__":
    run.MainWindow = Window
    sys.exit(run.run([Path(sys.argv[1])], screenshot=Path(sys.argv[2]), timings=None))
"""
    picture = tmp_path / "window.png"
    command = [sys.executable, "-c", program, str(clip), str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not picture.exists()


def test_the_screenshot_cannot_be_written(clip, tmp_path):
    done = jndscope(clip, "--screenshot", tmp_path / "no" / "window.png")
    assert done.returncode == 2
    assert "window.png" in done.stderr


def test_the_real_child_analyses_rebuilds_and_ends_with_the_window(clip, qtbot):
    window = make_window([clip])
    qtbot.addWidget(window)
    window.show()
    state = window.instrument.state
    done = lambda: state.results.analysis is not None and state.pictures.rebuilt is not None  # noqa: E731
    qtbot.waitUntil(done, timeout=60_000)
    assert state.work.model.startswith("scopenet.")
    assert len(state.results.analysis) == FRAMES
    assert state.pictures.rebuilt.rgb.shape == (HEIGHT, WIDTH, 3)
    window.instrument.viewing.seek(37)
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None and state.pictures.rebuilt.frame == 37)
    assert number_in(state.pictures.original.rgb) == number_in(state.pictures.rebuilt.rgb) == 37
    assert state.pictures.rebuilt.qp == pytest.approx(state.results.qp[37, 0], abs=0.1)
    window.close()
    assert multiprocessing.active_children() == []


def test_closing_while_the_model_loads_ends_the_child(clip, qtbot):
    window = make_window([clip])
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: bool(multiprocessing.active_children()))
    window.close()
    assert multiprocessing.active_children() == []


def test_a_model_that_rebuilds_no_frames_has_its_picture_taken_too(tmp_path, monkeypatch, add_model):
    """LAT with fresh weights, through the real child process."""
    fields = {"build": {"levels": [2]}, "levels": (2,), "weights": "LAT.fresh.safetensors"}
    weights = add_model("LAT.fresh", **fields).with_name(fields["weights"])
    code = (
        "import sys; from pathlib import Path; from jndcore.models import create_model; "
        "from jndcore.models.weights import save_weights; "
        "print(save_weights(create_model('LAT', levels=(2,)), Path(sys.argv[1])), end='')"
    )
    command = [sys.executable, "-c", code, str(weights)]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    add_model("LAT.fresh", **fields, sha256=made.stdout)
    monkeypatch.setenv("JNDSCOPE_MODEL", "LAT.fresh")
    picture = tmp_path / "window.png"
    done = jndscope(write_clip(tmp_path / "clip.mp4", frames=5), "--screenshot", picture)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert picture.exists()
