"""The rebuilt frame beside the original, with a fake child process behind it."""

from __future__ import annotations

import field_coded
import numpy as np
import pytest
from clips import FRAMES, number_in
from fakes import SECOND

from app.screenshot import Screenshot
from app.workers.neighbours import neighbours
from jndcore.media import MediaError, Reader, open_video
from jndcore.predict import NotRebuilt


@pytest.mark.parametrize(("frame", "beside"), [(5, [4, 6]), (11, [10, 12]), (47, [46])])
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


def test_a_frame_is_rebuilt_as_still_until_its_analysis_says_another_qp(held, child, qtbot):
    state = held.instrument.state
    held.instrument.viewing.seek(37)
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None and state.pictures.rebuilt.frame == 37)
    assert (state.pictures.rebuilt.qp, state.results.known(37)) == (20.0, False)
    asked = child.rebuilds
    child.hold.clear()
    qtbot.waitUntil(lambda: state.results.analysis is not None and state.pictures.rebuilt.qp != 20.0)
    assert state.pictures.rebuilt.qp == state.results.qp[37, 0] == pytest.approx(20.37)
    assert child.rebuilds == asked + 1  # once, however often the analysis told of news meanwhile


def test_a_frame_that_was_analysed_is_rebuilt_at_the_qp_of_the_timeline(window, child, qtbot):
    state = window.instrument.state
    asked = child.rebuilds
    window.instrument.viewing.set_level(2)
    window.instrument.viewing.seek(29)
    rebuilt = lambda: state.pictures.rebuilt and (state.pictures.rebuilt.frame, state.pictures.rebuilt.level)  # noqa: E731
    qtbot.waitUntil(lambda: rebuilt() == (29, 2))
    assert state.pictures.rebuilt.qp == state.results.qp[29, 1]
    assert child.rebuilds <= asked + 2


def test_what_another_model_said_is_no_known_qp(window):
    state = window.instrument.state
    assert state.known_qp(5, 3) == pytest.approx(36.05)
    state.work.model = "scopenet.other"
    assert state.known_qp(5, 3) is None
    assert state.known_qp(FRAMES, 3) is None


def test_a_frame_asked_for_before_another_analysis_is_asked_for_again(held, child, qtbot):
    state = held.instrument.state
    child.silent = True
    held.instrument.viewing.seek(7)
    asked = child.rebuilds
    qtbot.waitUntil(lambda: child.rebuilds > asked)
    child.silent = False
    held.instrument.analysing.analyse()
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None and state.pictures.rebuilt.frame == 7)


def test_after_a_change_of_device_the_known_qp_is_asked_for_at_once(window, child, qtbot):
    state = window.instrument.state
    window.instrument.viewing.seek(29)
    qtbot.waitUntil(lambda: getattr(state.pictures.rebuilt, "frame", None) == 29)
    asked = child.rebuilds
    window.instrument.analysing.set_device("cpu")
    qtbot.waitUntil(lambda: child.rebuilds > asked and state.pictures.rebuilt is not None)
    assert child.asked_qps[asked:] == [state.results.qp[29, 0]]


def test_a_refusal_that_comes_too_late_is_dropped(window, child, qtbot):
    pictures, viewing = window.instrument.state.pictures, window.instrument.viewing
    viewing.show_refusal(pictures.original.frame, 3, "of another level")
    viewing.show_refusal(pictures.original.frame + 1, 1, "of another frame")
    assert not pictures.refusal


def test_another_level_of_a_refused_frame_is_tried(window, child, qtbot):
    state = window.instrument.state
    child.refuses = (5,)
    window.instrument.viewing.seek(5)
    qtbot.waitUntil(lambda: bool(state.pictures.refusal))
    child.refuses = ()
    window.instrument.viewing.set_level(2)
    assert not state.pictures.refusal
    qtbot.waitUntil(lambda: getattr(state.pictures.rebuilt, "level", 0) == 2)


def test_a_defect_in_rebuilding_is_told_with_its_details(window, child, qtbot):
    dialogs, work = window.dialogs, window.instrument.state.work
    child.events.append(NotRebuilt(0, 1, "Rebuilding the frame met a defect (x).", "details to copy"))
    qtbot.waitUntil(lambda: dialogs.current is not None)
    first = dialogs.current
    assert first.details.toPlainText() == "details to copy"
    child.events.append(NotRebuilt(1, 1, "Rebuilding the frame met a defect (y).", "details to copy"))
    qtbot.waitUntil(lambda: work.message == "Rebuilding the frame met a defect (y).")
    assert dialogs.current is first  # one is enough; the others are in the log
    first.close()


def test_a_model_of_whole_frames_is_given_no_neighbours(window, models, qtbot, child):
    state = window.instrument.state
    assert len(child.asked.beside) == 1
    window.instrument.choosing.choose(SECOND)
    qtbot.waitUntil(lambda: getattr(state.pictures.rebuilt, "model", "") == SECOND)
    assert child.asked.beside == ()


def test_the_neighbour_is_there_where_packets_promise_more_frames_than_there_are(tmp_path):
    path = field_coded.write(tmp_path / "fields.nut", frames=40)
    with open_video(path) as reader:
        lumas = [frame.luma() for frame in reader.frames()]
    with open_video(path) as reader:
        here = reader.read(8)
        promised = len(reader)
        beside = neighbours(reader, here)
        assert len(reader) < promised
        assert [one.number for one in beside] == [9]
        np.testing.assert_array_equal(beside[0].luma(), lumas[9])


def test_a_picture_of_the_window_waits_for_no_refused_frame(make, clip, child, qtbot, tmp_path):
    child.refuses = (0,)
    child.hold.set()
    window = make(clip)
    screenshot = Screenshot(window, tmp_path / "window.png")
    qtbot.waitUntil(lambda: bool(window.instrument.state.pictures.refusal))
    with qtbot.waitSignal(screenshot.done) as done:
        child.hold.clear()
    assert done.args == [0]
    assert (tmp_path / "window.png").exists()


def test_a_frame_that_is_being_made_is_not_asked_for_again(window, child, qtbot):
    child.silent = True
    window.instrument.viewing.seek(9)
    asked = child.rebuilds
    qtbot.waitUntil(lambda: child.rebuilds == asked + 1)
    for mode in ("jnd", "both"):
        window.instrument.viewing.set_mode(mode)
    window.instrument.viewing.set_level(2)
    qtbot.waitUntil(lambda: child.rebuilds == asked + 2)
