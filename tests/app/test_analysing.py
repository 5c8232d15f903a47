"""The analysis as the window shows it, with a fake child process behind it."""

from __future__ import annotations

import numpy as np
import pytest
from clips import FRAMES, number_in
from fakes import STEP, FakeChild, predict
from PySide6.QtWidgets import QFileDialog

from app.workers.inference import InferenceThread
from jndcore.media import MediaError, Reader
from jndcore.predict import Event, Failed, Finished, Message, Moved


@pytest.fixture
def held(make, clip, child, qtbot):
    """A window whose analysis stays at its first step."""
    child.hold.set()
    window = make(clip)
    state = window.instrument.state
    qtbot.waitUntil(lambda: state.work.stage == "all frames" and state.pictures.rebuilt is not None)
    return window


def test_the_status_line_names_model_device_pace_and_time_left(held):
    status = held.status
    assert "scopenet.clips737 on CPU (2 threads) · 100 frames/s" in status.engine.text()
    assert f"{STEP} of {FRAMES}" in status.text.text()
    assert "2 s left" in status.text.text()
    assert status.progress.isVisible()


def test_the_timeline_fills_in_and_gaps_stay_gaps(held, child, qtbot):
    timeline = held.workspace.timeline
    timeline.draw()
    x, y = timeline.curves[0].line.getData()
    assert np.isfinite(y).sum() == STEP
    child.hold.clear()
    qtbot.waitUntil(lambda: held.instrument.state.results.analysis is not None)
    timeline.draw()
    x, y = timeline.curves[2].line.getData()
    np.testing.assert_allclose(x, np.arange(FRAMES) / 24)
    np.testing.assert_allclose(y, predict(np.arange(FRAMES)).qp[:, 2])


def test_cancel_keeps_what_was_found_and_save_says_why_not(held, qtbot):
    state = held.instrument.state
    qtbot.waitUntil(held.actions_.by_id["analysis.cancel"].isEnabled)
    held.actions_.by_id["analysis.cancel"].trigger()
    qtbot.waitUntil(lambda: state.work.stage == "cancelled")
    assert state.results.known(0)
    assert not state.results.known(FRAMES - 1)
    assert "Cancelled after 8 of 48" in held.status.text.text()
    held.actions_.refresh()
    assert not held.actions_.by_id["analysis.cancel"].isEnabled()
    assert "Analyse the video to the end first." in held.actions_.by_id["file.save"].toolTip()


def test_analyse_again_after_cancelling(held, child, qtbot):
    held.instrument.analysing.cancel()
    qtbot.waitUntil(lambda: held.instrument.state.work.stage == "cancelled")
    child.hold.clear()
    held.instrument.analysing.analyse()
    qtbot.waitUntil(lambda: held.instrument.state.results.analysis is not None)


def test_the_status_line_follows_the_model_to_another_device(window, child, qtbot):
    child.events.append(Moved("CPU (2 threads), after the GPU"))
    qtbot.waitUntil(lambda: "after the GPU" in window.status.engine.text())


def test_cancelling_what_has_just_finished_changes_nothing(window, child, qtbot):
    state = window.instrument.state
    window.instrument.analysing.cancel()
    qtbot.waitUntil(lambda: not window.instrument.analysing._thread._requests.qsize())
    child.events.append(Message("after it"))
    qtbot.waitUntil(lambda: state.work.message == "after it")
    assert state.work.stage == "done"


def test_an_error_about_a_video_given_up_leaves_the_current_one_alone(held, child, qtbot):
    work = held.instrument.state.work
    held.instrument.analysing._thread.happened.emit(1, Failed("old.mp4: damaged.", ""))
    qtbot.waitUntil(lambda: work.message == "old.mp4: damaged.")
    assert work.running
    assert held.dialogs.current is None
    child.hold.clear()
    qtbot.waitUntil(lambda: held.instrument.state.results.analysis is not None)


def test_a_frame_that_cannot_be_rebuilt_says_so_in_its_place_and_the_analysis_goes_on(held, child, qtbot):
    instrument = held.instrument
    player, state = held.workspace.player, instrument.state
    child.refuses = (5,)
    instrument.viewing.seek(5)
    qtbot.waitUntil(lambda: state.pictures.refusal == "Frame 5 is too large.")
    assert player.rebuilt.view._note == "Frame 5 is too large."
    assert state.work.running
    assert held.dialogs.current is None
    instrument.viewing.seek(6)
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None and state.pictures.rebuilt.frame == 6)
    assert not state.pictures.refusal
    child.hold.clear()
    qtbot.waitUntil(lambda: state.results.analysis is not None)


class Ended(FakeChild):
    """A process that has ended: it says so once, and its `poll` no longer waits."""

    polls = 0

    def poll(self, timeout: float) -> Event | None:
        self.polls += 1
        return Failed("It ended.", "") if self.polls == 1 else None


def test_a_process_that_ended_keeps_no_core_busy_and_another_one_takes_its_place(clip, child, qtbot):
    ended, children = Ended(), []

    def next_child(*engine: str) -> FakeChild:
        children.append(ended if not children else child.on(*engine))
        return children[-1]

    thread, heard = InferenceThread(next_child), []
    thread.restart(0, "", "cpu")
    thread.happened.connect(lambda job, event: heard.append((job, type(event))))
    thread.start()
    qtbot.waitUntil(lambda: (0, Failed) in heard)
    qtbot.wait(200)
    assert ended.polls < 100
    thread.analyse(7, clip, 0)
    qtbot.waitUntil(lambda: (7, Finished) in heard)
    thread.stop()
    assert ended.closed


def test_a_defect_in_the_thread_is_told_and_the_next_analysis_works(held, child, qtbot, monkeypatch):
    def poll(_: float) -> None:
        monkeypatch.undo()
        raise IndexError("beyond the end")

    monkeypatch.setattr(child, "poll", poll)
    qtbot.waitUntil(lambda: held.dialogs.current is not None)
    assert "defect of this program (IndexError: beyond the end)" in held.dialogs.current.sentence.text()
    held.dialogs.current.close()
    child.hold.clear()
    held.instrument.analysing.analyse()
    qtbot.waitUntil(lambda: held.instrument.state.results.analysis is not None)


def test_devices_that_are_missing_are_grey_and_say_why(window):
    devices = window.status.devices
    model = devices.model()
    rows = {devices.itemText(row): model.item(row) for row in range(devices.count())}
    assert [name for name, item in rows.items() if item.isEnabled()] == ["Automatic", "CPU (2 threads)"]
    grey = next(item for name, item in rows.items() if name.startswith("NVIDIA"))
    assert grey.toolTip() == "no such GPU or no driver for it"


def test_choosing_a_device_restarts_the_child_and_rebuilds(window, child, qtbot):
    state = window.instrument.state
    row = window.status.devices.findData("cpu")
    window.status.devices.activated.emit(row)
    assert state.pictures.rebuilt is None
    assert "Loading the model" in window.status.engine.text()
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None)
    assert child.device == "cpu"
    assert state.settings.device == "cpu"
    assert state.results.analysis is not None


def test_messages_reach_the_status_line_and_the_log(window, child, qtbot):
    text = "Test GPU ran out of memory: going on with batches of 4."
    child.events.append(Message(text))
    qtbot.waitUntil(lambda: text in window.status.text.text())
    window.dialogs.log()
    assert text in window.dialogs.current.text.toPlainText()
    window.dialogs.current.close()


def test_a_failure_of_the_child_is_an_error_with_details(make, clip, child, qtbot):
    child.fail = "clip.mp4: the model cannot be loaded; install it again."
    window = make(clip)
    qtbot.waitUntil(lambda: window.dialogs.current is not None)
    assert window.dialogs.current.sentence.text() == child.fail
    assert window.dialogs.current.details.toPlainText() == "details to copy"
    assert window.instrument.state.work.stage == "failed"
    window.dialogs.current.close()


def choose(monkeypatch, path, kind: str = "Parquet (*.parquet)") -> None:
    """Have the user name `path` and choose `kind` when asked where to save."""
    monkeypatch.setattr(QFileDialog, "exec", lambda _: 1)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(path)])
    monkeypatch.setattr(QFileDialog, "selectedNameFilter", lambda _: kind)


@pytest.mark.parametrize(("frame", "beside"), [(0, [1]), (5, [4, 6]), (11, [10, 12]), (47, [46])])
def test_a_frame_is_rebuilt_among_the_neighbours_at_hand(window, child, qtbot, frame, beside):
    state = window.instrument.state
    window.instrument.viewing.seek(frame)
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None and state.pictures.rebuilt.frame == frame)
    lumas = [planes.y for planes in (child.asked.planes, *child.asked.beside)]
    assert [number_in(luma[..., None].repeat(3, 2)) for luma in lumas] == [frame, *beside]


def test_after_a_step_over_a_key_frame_the_one_before_is_at_hand(window, child, qtbot):
    state = window.instrument.state
    for frame in (11, 12):
        window.instrument.viewing.seek(frame)
        qtbot.waitUntil(lambda n=frame: getattr(state.pictures.rebuilt, "frame", None) == n)
    assert [number_in(planes.y[..., None].repeat(3, 2)) for planes in child.asked.beside] == [11, 13]


def test_a_damaged_neighbour_is_left_out(window, child, qtbot, monkeypatch):
    state, read = window.instrument.state, Reader.read

    def broken(reader, n):
        if n == 21:
            raise MediaError("frame 21 is damaged")
        return read(reader, n)

    monkeypatch.setattr(Reader, "read", broken)
    window.instrument.viewing.seek(20)
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None and state.pictures.rebuilt.frame == 20)
    assert [number_in(planes.y[..., None].repeat(3, 2)) for planes in child.asked.beside] == [19]
