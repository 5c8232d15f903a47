"""Encoding from the window: by the schedule, with progress, and cancelled without a trace."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from clips import FRAMES, write_clip
from PySide6.QtWidgets import QFileDialog

from app.state import TargetChoice
from jndcore.media import EncodeProgress
from jndcore.schedule import encoding
from jndcore.schedule.verify import verify


@pytest.fixture
def planned(window, qtbot):
    """The window with its schedule, which the second shot gets 6 QP above the first."""
    window.show_schedule(True)
    state = window.instrument.state
    qtbot.waitUntil(lambda: bool(state.plan.doubts))
    window.workspace.side.schedule.form.force.click()
    qtbot.waitUntil(lambda: state.plan.planned is not None)
    window.instrument.editing.set_value(1, 26)
    return window


def wait_for_end(window, qtbot) -> None:
    state = window.instrument.state
    qtbot.waitUntil(lambda: not state.encode.running, timeout=30_000)


@pytest.mark.parametrize(("name", "encoder"), [("x264", "libx264"), ("x265", "libx265")])
def test_an_encode_is_proved_by_its_own_bits(planned, clip, tmp_path, qtbot, monkeypatch, name, encoder):
    target = tmp_path / f"{name}.mp4"
    monkeypatch.setattr(QFileDialog, "exec", lambda _: 1)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(target.with_suffix(""))])
    monkeypatch.setattr(QFileDialog, "selectedNameFilter", lambda _: "MP4 (*.mp4)")
    state = planned.instrument.state
    planned.instrument.delivering.choose(TargetChoice(name, encoder))
    action = planned.actions_.by_id["schedule.encode"]
    qtbot.waitUntil(action.isEnabled)
    action.trigger()
    assert state.encode.running
    wait_for_end(planned, qtbot)
    assert state.work.message == f"Encoded {target.name}"
    schedule = state.plan.schedule
    values = [segment.value for segment in schedule.segments]
    assert values == [20, 26]
    report = verify(target, replace(schedule, encoder=encoder), clip)
    assert report.ok, report.reasons


def slow(gone: list[str]):
    """An encode that never comes to its end, and notes when it is closed."""

    def encode(video: Path, schedule: object, target: Path) -> Iterator[EncodeProgress]:
        try:
            for done in range(1_000_000):
                time.sleep(0.005)
                yield EncodeProgress(done % FRAMES, FRAMES, done, False, ())
        finally:
            gone.append(target.name)

    return encode


def test_progress_is_shown_and_cancel_ends_it(planned, tmp_path, qtbot, monkeypatch):
    gone: list[str] = []
    monkeypatch.setattr(encoding, "encode", slow(gone))
    planned.instrument.encoding.start(tmp_path / "out.mp4")
    state, panel = planned.instrument.state, planned.workspace.side.schedule
    qtbot.waitUntil(lambda: state.encode.done > 0)
    assert panel.encode.isVisible()
    assert panel.encode.text.text().startswith(f"out.mp4: {state.encode.done} of {FRAMES}")
    again = planned.actions_.by_id["schedule.encode"]
    qtbot.waitUntil(lambda: "under way" in again.toolTip())
    cancel = planned.actions_.by_id["schedule.cancel"]
    qtbot.waitUntil(cancel.isEnabled)
    cancel.trigger()
    wait_for_end(planned, qtbot)
    assert gone == ["out.mp4"]
    assert "cancelled" in state.work.message
    assert not panel.encode.isVisible()


def test_closing_the_window_ends_an_encode(planned, tmp_path, qtbot, monkeypatch):
    gone: list[str] = []
    monkeypatch.setattr(encoding, "encode", slow(gone))
    planned.instrument.encoding.start(tmp_path / "out.mp4")
    qtbot.waitUntil(lambda: planned.instrument.state.encode.done > 0)
    planned.close()
    assert gone == ["out.mp4"]


def test_an_encode_goes_on_when_another_video_is_opened(planned, tmp_path, qtbot):
    planned.instrument.encoding.start(tmp_path / "out.mp4")
    planned.instrument.open(write_clip(tmp_path / "other.mp4", frames=20))
    wait_for_end(planned, qtbot)
    assert (tmp_path / "out.mp4").exists()
    state = planned.instrument.state
    qtbot.waitUntil(lambda: state.results.analysis is not None)


def test_an_encode_that_cannot_be_made_is_told_in_a_sentence(planned, tmp_path, qtbot):
    planned.instrument.encoding.start(tmp_path / "out.avi")
    qtbot.waitUntil(lambda: planned.dialogs.current is not None)
    assert "out.avi" in planned.dialogs.current.sentence.text()
    planned.dialogs.current.close()
    wait_for_end(planned, qtbot)
    assert not list(tmp_path.glob("out*"))
