"""The analysis as the window shows it, with a fake child process behind it."""

from __future__ import annotations

import numpy as np
import pytest
from clips import FRAMES
from fakes import STEP, FakeChild, predict
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from app.workers.inference import InferenceThread
from jndcore.predict import Event, Failed, Finished, Message, Moved
from jndcore.results import read_analysis


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


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".json"])
def test_saving_writes_what_can_be_read_again(window, tmp_path, qtbot, monkeypatch, ending):
    path = tmp_path / f"levels{ending}"
    choose(monkeypatch, path)
    with qtbot.waitSignal(window.instrument.exporting.saved):
        window.ask_save()
    again = read_analysis(path)
    np.testing.assert_allclose(again.prediction.qp, predict(np.arange(FRAMES)).qp)
    assert again.video.name == "clip.mp4"
    assert f"Saved levels{ending}" in window.status.text.text()


def test_the_chosen_kind_of_file_gives_a_missing_ending(window, tmp_path, qtbot, monkeypatch):
    choose(monkeypatch, tmp_path / "film.1080p", "CSV (*.csv)")
    with qtbot.waitSignal(window.instrument.exporting.saved):
        window.ask_save()
    assert (tmp_path / "film.1080p.csv").exists()


def test_a_file_that_the_added_ending_would_overwrite_is_asked_about(window, tmp_path, qtbot, monkeypatch):
    there = tmp_path / "film.1080p.csv"
    there.write_text("precious")
    choose(monkeypatch, tmp_path / "film.1080p", "CSV (*.csv)")
    asked = []
    monkeypatch.setattr(QMessageBox, "question", lambda *words: asked.append(words[-1]))
    with qtbot.assertNotEmitted(window.instrument.exporting.saved, wait=100):
        window.ask_save()
    assert there.read_text() == "precious"
    assert there.name in asked[0]


def test_giving_up_saving_writes_nothing(window, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "exec", lambda _: 0)
    with qtbot.assertNotEmitted(window.instrument.exporting.saved, wait=100):
        window.ask_save()


def test_saving_into_nowhere_is_an_error_and_leaves_nothing(window, tmp_path, qtbot):
    with qtbot.waitSignal(window.instrument.failed) as failed:
        window.instrument.exporting.save(tmp_path / "no" / "levels.parquet")
    assert "levels.parquet" in failed.args[0]
    assert not (tmp_path / "no").exists()


def click_time(window, qtbot, seconds: float, y: float = 30.0) -> None:
    """Click into the plot where `seconds` lies."""
    timeline = window.workspace.timeline
    widget, box = timeline._widget, timeline.plot.getViewBox()
    place = widget.mapFromScene(box.mapViewToScene(QPointF(seconds, y)))
    qtbot.mouseClick(widget.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_click_on_the_timeline_moves_the_video(window, qtbot):
    state, timeline = window.instrument.state, window.workspace.timeline
    timeline.draw()
    click_time(window, qtbot, 1.02)
    assert state.playhead.frame == 24
    qtbot.waitUntil(lambda: state.pictures.original.frame == 24)
    assert timeline.playhead.value() == pytest.approx(1.0)


def test_hovering_shows_values_and_leaving_gives_them_back(window, qtbot):
    timeline = window.workspace.timeline
    timeline.draw()
    box = timeline.plot.getViewBox()
    timeline._hover(box.mapViewToScene(QPointF(40.2 / 24, 30)))
    assert "20.4 ± 1.5" in timeline.legend.levels[0].text()
    assert "frame 40" in timeline.legend.place.text()
    timeline.legend.point_at(None)
    assert "20.0 ± 1.5" in timeline.legend.levels[0].text()
    assert timeline.legend.place.text() == ""


def test_shots_have_boundaries_and_pooled_steps(window):
    timeline = window.workspace.timeline
    timeline.draw()
    assert list(timeline.shots.cuts.getData()[0]) == [1.0, 1.0]
    x, y = timeline.shots.pooled.getData()
    steps = np.isfinite(y)
    np.testing.assert_allclose(y[steps][:4], [20.0, 20.0, 20.24, 20.24])
    np.testing.assert_allclose(x[steps][:4], [0, 1, 1, 2])


def test_axes_say_what_they_measure(window):
    timeline = window.workspace.timeline
    assert timeline.plot.getAxis("left").labelText == "QP at 75 % SUR (x264 -qp)"
    assert timeline.plot.getAxis("bottom").tickStrings([0, 65, 3600], 1, 5) == ["0:00", "1:05", "1:00:00"]
    assert timeline._frames.tickStrings([1.0, 0.5], 1, 1) == ["24", "12"]
    ticks = timeline._frames.tickValues(0, 2, 600)[0][1]
    np.testing.assert_allclose(np.array(ticks) * 24, [0, 10, 20, 30, 40])
