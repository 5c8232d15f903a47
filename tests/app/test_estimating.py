"""How large an encode will be, in the window: estimated when all stands still, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from clips import write_clip
from fakes import never_end

from app import estimating
from jndcore.errors import JNDError
from jndcore.schedule import encoding, expected


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(estimating, "DELAY", 20)


@pytest.fixture
def planned(window, qtbot):
    """The window with its schedule."""
    window.show_schedule(True)
    state = window.instrument.state
    qtbot.waitUntil(lambda: bool(state.plan.doubts))
    window.workspace.side.schedule.form.force.click()
    qtbot.waitUntil(lambda: state.plan.planned is not None)
    return window


@pytest.fixture
def endless(monkeypatch) -> list[str]:
    """Estimates that never end by themselves; tells how each began and ended."""
    heard: list[str] = []

    def expect(schedule, video, *, known, progress):
        never_end(heard, progress)

    monkeypatch.setattr(expected, "expect", expect)
    return heard


def line(window) -> str:
    return window.workspace.side.schedule.expected.text()


def found(window, qtbot):
    """The estimate, waited for."""
    state = window.instrument.state
    qtbot.waitUntil(lambda: state.estimate.expected is not None, timeout=20_000)
    return state.estimate.expected


def test_it_is_told_and_comes_near_the_encode(planned, qtbot, clip, tmp_path):
    told = found(planned, qtbot)
    *_, last = encoding.encode(clip, planned.instrument.state.plan.schedule, tmp_path / "out.mp4")
    assert told.bytes == pytest.approx(last.bytes, abs=10)  # segments of 24 frames are encoded whole
    assert line(planned).startswith(f"Expected: {told.bytes / 1000:.1f} kB, {told.kbps:.0f} kbit/s (± ")
    assert "2 of 2 parts" in planned.workspace.side.schedule.expected.toolTip()


def test_an_edit_estimates_only_what_it_changed(planned, qtbot, monkeypatch):
    before, tried = found(planned, qtbot), []
    expect = expected.expect

    def counted(*args, known, **options):
        there = set(known)
        try:
            return expect(*args, known=known, **options)
        finally:
            tried.append(sorted((part.start, part.value) for part in known.keys() - there))

    monkeypatch.setattr(expected, "expect", counted)
    planned.instrument.editing.set_value(1, 40)
    assert planned.instrument.state.estimate.expected is None
    assert "estimating" in line(planned)
    assert found(planned, qtbot).bytes < before.bytes
    planned.instrument.editing.undo()
    assert found(planned, qtbot) == before
    assert tried == [[(24, 40)], []]


def test_progress_is_shown_and_a_change_ends_it(planned, qtbot, endless):
    qtbot.waitUntil(lambda: line(planned) == "Expected: estimating … 40%")
    planned.instrument.editing.step_value(2)
    qtbot.waitUntil(lambda: endless == ["begun", "ended", "begun"])
    planned.show_schedule(False)
    qtbot.waitUntil(lambda: endless[-1] == "ended")


def test_it_waits_for_an_encode_and_for_playback(planned, qtbot, endless):
    state = planned.instrument.state
    for begin, end in (
        (
            lambda: setattr(state.encode, "target", Path("out.mp4")),
            lambda: setattr(state.encode, "target", None),
        ),
        (planned.instrument.viewing.play_or_pause, planned.instrument.viewing.play_or_pause),
    ):
        qtbot.waitUntil(lambda: endless[-1:] == ["begun"])
        begin()
        qtbot.waitUntil(lambda: endless[-1] == "ended")
        count = len(endless)
        qtbot.wait(150)
        assert len(endless) == count
        end()
    qtbot.waitUntil(lambda: endless[-1] == "begun")


def test_another_video_and_closing_end_it(planned, qtbot, endless, tmp_path):
    qtbot.waitUntil(lambda: endless == ["begun"])
    planned.instrument.open(write_clip(tmp_path / "other.mp4", frames=20))
    qtbot.waitUntil(lambda: endless == ["begun", "ended"])
    state = planned.instrument.state
    qtbot.waitUntil(lambda: bool(state.plan.doubts))
    planned.workspace.side.schedule.form.force.click()
    qtbot.waitUntil(lambda: endless[2:] == ["begun"])
    planned.close()
    assert endless[2:] == ["begun", "ended"]


def test_why_there_is_none_is_told(planned, qtbot, monkeypatch):
    def refuse(*_, **__):
        raise JNDError("clip.mp4: no such file.")

    found(planned, qtbot)
    monkeypatch.setattr(expected, "expect", refuse)
    planned.instrument.editing.step_value(1)
    qtbot.waitUntil(lambda: line(planned) == "No estimate of the size: clip.mp4: no such file.")
