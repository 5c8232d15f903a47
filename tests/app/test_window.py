"""The real window, driven as a person would, with a fake child process behind it."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from clips import FRAMES, number_in, pixels, write_clip
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.state import load_settings
from app.state.settings import settings_file
from jndcore import media


def shown(window) -> tuple[int, int]:
    """The frame numbers that can be read in the two pictures on screen."""
    player = window.workspace.player
    numbers = []
    for side in (player.original, player.rebuilt):
        view = side.view
        rgb = pixels(view.grab())
        size = [round(length * view.scale()) for length in (160, 96)]
        left, top = (rgb.shape[1] - size[0]) // 2, (rgb.shape[0] - size[1]) // 2
        numbers.append(number_in(rgb[top + 2 : top + size[1] - 2, left + 2 : left + size[0] - 2]))
    return numbers[0], numbers[1]


def settle(window, qtbot, frame: int) -> None:
    """Wait until both sides show `frame`."""
    pictures = window.instrument.state.pictures
    qtbot.waitUntil(lambda: pictures.rebuilt is not None and pictures.rebuilt.frame == frame)


def press(window, qtbot, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.waitUntil(lambda: not window._refresh.isActive())
    qtbot.keyClick(window, key, modifier)


def test_an_empty_window_invites(make):
    window = make()
    assert window.empty.isVisible()
    assert not window.workspace.isVisible()


def test_opening_shows_both_sides_and_analyses_by_itself(window, clip):
    state = window.instrument.state
    assert window.windowTitle().startswith("clip.mp4")
    assert window.workspace.isVisible()
    assert shown(window) == (0, 0)
    assert len(state.results.analysis) == FRAMES
    assert state.settings.recent == (clip,)
    assert load_settings()[0].recent == (clip,)
    assert window.workspace.player.original.caption.text().startswith("<b>Original</b>")
    assert "JND1 frame at QP 20.0, predicted" in window.workspace.player.rebuilt.caption.text()


def test_keys_step_exactly_and_both_sides_follow(window, qtbot):
    for key, modifier, frame in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 1),
        (Qt.Key.Key_Period, Qt.KeyboardModifier.NoModifier, 2),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 1),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, 11),
        (Qt.Key.Key_Comma, Qt.KeyboardModifier.NoModifier, 10),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, FRAMES - 1),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, FRAMES - 11),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
    ):
        press(window, qtbot, key, modifier)
        settle(window, qtbot, frame)
        assert shown(window) == (frame, frame)
        assert window.instrument.state.playhead.frame == frame


def test_scrubbing_ends_on_the_last_frame_asked_for(window, qtbot):
    slider = window.workspace.player.transport.slider
    for frame in (5, 40, 17, 3, 29):
        slider.setValue(frame)
    settle(window, qtbot, 29)
    assert shown(window) == (29, 29)
    assert "frame 29 / 47" in window.workspace.player.transport.frame.text()


def test_the_slider_goes_where_it_is_pressed(window, qtbot):
    slider = window.workspace.player.transport.slider
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, slider.height() // 2))
    assert window.instrument.state.playhead.frame == pytest.approx(FRAMES / 2, abs=1)


def test_never_a_rebuilt_picture_beside_another_frame(window, qtbot):
    pictures, wrong = window.instrument.state.pictures, []

    def check() -> None:
        if pictures.rebuilt is not None and pictures.rebuilt.frame != pictures.original.frame:
            wrong.append((pictures.original.frame, pictures.rebuilt.frame))

    pictures.events.connect(check)
    for frame in (3, 9, 4, 30, 12):
        window.instrument.viewing.seek(frame)
        qtbot.wait(15)
    window.instrument.viewing.play_or_pause()
    qtbot.wait(200)
    window.instrument.viewing.pause()
    qtbot.waitUntil(lambda: pictures.rebuilt is not None)
    assert wrong == []


def test_playing_moves_the_playhead_and_hides_the_rebuilt_side_calmly(window, qtbot):
    state, timeline = window.instrument.state, window.workspace.timeline
    press(window, qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: state.playhead.frame > 4)
    assert state.playhead.playing
    assert state.pictures.rebuilt is None
    assert "when paused" in window.workspace.player.rebuilt.view._note
    assert timeline.playhead.value() == pytest.approx(state.document.times[state.playhead.frame])
    press(window, qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None)
    assert not state.playhead.playing
    frame = state.playhead.frame
    assert shown(window) == (frame, frame)


def test_playing_ends_at_the_last_frame_and_starts_anew_from_there(window, qtbot):
    state = window.instrument.state
    window.instrument.viewing.seek(FRAMES - 4)
    settle(window, qtbot, FRAMES - 4)
    window.instrument.viewing.play_or_pause()
    qtbot.waitUntil(lambda: not state.playhead.playing)
    settle(window, qtbot, FRAMES - 1)
    window.instrument.viewing.play_or_pause()
    assert state.playhead.frame == 0
    window.instrument.viewing.pause()


def test_levels_switch_and_come_back_from_the_cache(window, qtbot, child):
    pictures = window.instrument.state.pictures
    qtbot.waitUntil(window.actions_.by_id["compare.jnd3"].isEnabled)
    window.actions_.by_id["compare.jnd3"].trigger()
    qtbot.waitUntil(lambda: pictures.rebuilt is not None and pictures.rebuilt.level == 3)
    assert "JND3 frame at QP 36.0" in window.workspace.player.rebuilt.caption.text()
    asked = child.rebuilds
    window.actions_.by_id["compare.jnd1"].trigger()
    assert pictures.rebuilt.level == 1
    assert child.rebuilds == asked
    assert window.instrument.state.settings.level == 1


def test_one_side_both_sides_and_swapped(window, qtbot):
    player = window.workspace.player
    original, rebuilt = player.original, player.rebuilt
    press(window, qtbot, Qt.Key.Key_1)
    assert (original.isVisible(), rebuilt.isVisible()) == (True, False)
    press(window, qtbot, Qt.Key.Key_2)
    assert (original.isVisible(), rebuilt.isVisible()) == (False, True)
    press(window, qtbot, Qt.Key.Key_B)
    assert (original.isVisible(), rebuilt.isVisible()) == (True, True)
    qtbot.waitUntil(lambda: original.x() < rebuilt.x())
    press(window, qtbot, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: original.x() > rebuilt.x())


def test_both_sides_have_one_size_at_any_width(window, qtbot):
    player = window.workspace.player
    for width in (900, 1200, 1201, 1202, 1303):
        window.resize(width, 800)
        qtbot.waitUntil(lambda width=width: window.width() == width)
        qtbot.wait(20)
        assert player.original.view.size() == player.rebuilt.view.size()


def test_a_dropped_file_is_opened_and_more_are_kept_at_hand(make, tmp_path, qtbot):
    window = make()
    paths = [write_clip(tmp_path / f"{n}.mp4", frames=4) for n in range(3)]
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, buttons, keys))
    state = window.instrument.state
    qtbot.waitUntil(lambda: state.document.status == "open" and state.results.analysis is not None)
    assert state.document.path == paths[0]
    assert state.settings.recent == (paths[0], paths[1], paths[2])
    window._list_recent()
    assert [action.text() for action in window._recent.actions()] == ["0.mp4", "1.mp4", "2.mp4"]


def test_open_by_menu(make, clip, monkeypatch, qtbot):
    window, offered = make(), []
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *given: offered.append(given[3]) or (str(clip), "")
    )
    window.actions_.by_id["file.open"].trigger()
    qtbot.waitUntil(lambda: window.instrument.state.document.status == "open")
    assert all(f"*{suffix}" in offered[0] for suffix in media.VIDEO_SUFFIXES)


def test_a_recent_video_is_a_click_away(window, make, clip, qtbot):
    other = make()
    assert clip.name in other.empty._recent.text()
    other.empty._recent.linkActivated.emit("0")
    qtbot.waitUntil(lambda: other.instrument.state.document.path == clip)


def test_another_video_replaces_the_first_one(window, tmp_path, qtbot):
    state = window.instrument.state
    other = write_clip(tmp_path / "other.mp4", frames=20, first=100)
    window.instrument.open(other)
    assert state.pictures.original is None
    qtbot.waitUntil(lambda: state.results.analysis is not None and state.pictures.rebuilt is not None)
    assert shown(window) == (100, 100)
    assert len(state.results.qp) == 20


@pytest.mark.parametrize("kind", ["missing", "empty", "text"])
def test_a_bad_file_gives_one_sentence_and_the_window_lives_on(make, clip, tmp_path, qtbot, kind):
    path = tmp_path / "bad.mp4"
    if kind != "missing":
        path.write_text("" if kind == "empty" else "no video at all\n" * 50)
    window = make()
    window.instrument.open(path)
    qtbot.waitUntil(lambda: window.dialogs.current is not None)
    assert "bad.mp4" in window.dialogs.current.sentence.text()
    assert "Traceback" in window.dialogs.current.details.toPlainText()
    window.dialogs.current.copy()
    assert "Traceback" in QGuiApplication.clipboard().text()
    window.dialogs.current.close()
    assert window.empty.isVisible()
    window.instrument.open(clip)
    qtbot.waitUntil(lambda: window.instrument.state.document.status == "open")


def held_up(monkeypatch, name: str) -> threading.Event:
    """Have the opening of videos with `name` wait until the event that is given back is set."""
    gate = threading.Event()

    def open_slowly(path: Path) -> media.Reader:
        if path.name == name:
            gate.wait(30)
        return media.reader.open_video(path)

    monkeypatch.setattr(media, "open_video", open_slowly)
    return gate


@pytest.mark.parametrize("good", [True, False])
def test_a_video_that_is_no_longer_wanted_says_nothing_when_it_opens(
    make, clip, tmp_path, qtbot, monkeypatch, good
):
    slow = tmp_path / "slow.mp4"
    if good:
        write_clip(slow, frames=7)
    window, gate = make(), held_up(monkeypatch, "slow.mp4")
    document, seen = window.instrument.state.document, []
    document.changed.connect(lambda: seen.append((document.status, document.path, len(document))))
    window.instrument.open(slow)
    qtbot.wait(50)
    window.instrument.open(clip)
    gate.set()
    qtbot.waitUntil(lambda: document.status == "open")
    assert seen == [("opening", slow, 0), ("opening", clip, 0), ("open", clip, FRAMES)]
    assert window.dialogs.current is None


def test_a_defect_while_decoding_is_told_and_the_thread_lives_on(make, clip, qtbot, monkeypatch):
    def broken(_: Path) -> None:
        raise MemoryError("no room")

    window = make()
    with monkeypatch.context() as patch:
        patch.setattr(media, "open_video", broken)
        window.instrument.open(clip)
        qtbot.waitUntil(lambda: window.dialogs.current is not None)
    assert "defect of this program (MemoryError: no room)" in window.dialogs.current.sentence.text()
    assert "Traceback" in window.dialogs.current.details.toPlainText()
    window.dialogs.current.close()
    assert window.empty.isVisible()
    window.instrument.open(clip)
    qtbot.waitUntil(lambda: window.instrument.state.document.status == "open")


def test_a_correction_keeps_the_zoom_and_what_the_analysis_said(window):
    state, timeline = window.instrument.state, window.workspace.timeline
    timeline.plot.setXRange(0.5, 1.0, padding=0)
    state.document.warn(("The analysis said this.",))
    state.document.correct(state.document.info, state.document.times[:-3], ("The reader said that.",))
    assert timeline.plot.getViewBox().viewRange()[0] == pytest.approx([0.5, 1.0])
    assert state.document.warnings[-2:] == ("The analysis said this.", "The reader said that.")
    assert "The reader said that." in window.workspace.notice.text()
    assert window.workspace.player.transport.slider.maximum() == FRAMES - 4


def test_zoom_and_pan_are_locked(window, qtbot):
    player, viewport = window.workspace.player, window.instrument.state.viewport
    press(window, qtbot, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert viewport.zoom == 1
    player.original.view.zoom(7)
    assert player.original.view.scale() == player.rebuilt.view.scale() == 16
    before = viewport.centre
    qtbot.mousePress(player.rebuilt.view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    qtbot.mouseMove(player.rebuilt.view, QPoint(60, 80))
    qtbot.mouseRelease(player.rebuilt.view, Qt.MouseButton.LeftButton, pos=QPoint(60, 80))
    assert viewport.centre[0] > before[0]
    left, right = (pixels(side.view.grab()).astype(int) for side in (player.original, player.rebuilt))
    assert np.array_equal(np.diff(left.sum(2)) != 0, np.diff(right.sum(2)) != 0)
    press(window, qtbot, Qt.Key.Key_9, Qt.KeyboardModifier.ControlModifier)
    assert viewport.zoom is None


def test_the_palette_finds_and_runs_a_command(window, qtbot):
    window.dialogs.palette()
    dialog = window.dialogs.current
    qtbot.keyClicks(dialog.query, "swap")
    qtbot.keyClick(dialog.query, Qt.Key.Key_Return)
    assert window.instrument.state.comparison.swapped
    assert window.dialogs.current is None


def test_keys_about_and_messages_open(window):
    for show in (window.dialogs.keys, window.dialogs.about, window.dialogs.log):
        show()
        assert window.dialogs.current.isVisible()
        window.dialogs.current.close()


def test_themes_change_the_colours_and_are_remembered(window, qapp):
    window.set_theme("light")
    light = qapp.palette().window().color().lightness()
    window.set_theme("dark")
    assert qapp.palette().window().color().lightness() < 128 < light
    assert load_settings()[0].theme == "dark"


def test_facts_and_figures_at_the_playhead(window, qtbot):
    inspector = window.workspace.inspector
    assert inspector.facts.facts["Picture"].text() == "160 × 96"
    assert inspector.facts.facts["Frames"].text().startswith("48 · 24 a second")
    window.instrument.viewing.seek(30)
    settle(window, qtbot, 30)
    rows = [[cell.text() for cell in row] for row in inspector.levels.cells]
    assert rows == [["20.3", "28.3", "36.3"], ["1.5"] * 3, ["3.0"] * 3, ["20.2", "28.2", "36.2"]]


def test_what_the_labels_do_not_cover_is_said_on_screen(window):
    assert window.workspace.notice.isVisible()
    assert "160x96" in window.workspace.notice.text()
    window.instrument.state.document.warn(("The end of the file is missing.",))
    assert "The end of the file is missing." in window.workspace.notice.text()


def test_closing_while_all_is_under_way_leaves_nothing(make, clip, child, qtbot):
    child.hold.set()
    window = make(clip)
    qtbot.waitUntil(lambda: window.instrument.state.work.running)
    window.instrument.viewing.play_or_pause()
    window.close()
    assert child.closed


def test_a_window_that_cannot_keep_its_settings_works_and_closes_all_the_same(make, clip, child, qtbot):
    settings_file().parent.parent.mkdir(parents=True)
    settings_file().parent.write_text("a file where the folder should be")
    window = make(clip)
    state = window.instrument.state
    qtbot.waitUntil(lambda: state.results.analysis is not None)
    assert "settings cannot be saved" in state.work.message
    window.close()
    assert child.closed


def test_closing_before_anything_began_leaves_nothing(qtbot, child, clip: Path):
    from app.run import make_window

    window = make_window([clip], child.on)
    qtbot.addWidget(window)
    window.show()
    window.close()


def test_opening_one_video_after_another_never_mixes_their_pictures(window, tmp_path, qtbot):
    state = window.instrument.state
    other = write_clip(tmp_path / "other.mp4", frames=20, first=100)
    for step in range(6):
        window.instrument.open(other if step % 2 else window.instrument.state.settings.recent[-1])
        qtbot.wait(7 * step)
    window.instrument.open(other)
    qtbot.waitUntil(lambda: state.results.analysis is not None and state.pictures.rebuilt is not None)
    qtbot.wait(100)
    assert shown(window) == (100, 100)
    window.instrument.viewing.seek(0)
    settle(window, qtbot, 0)
    assert shown(window) == (100, 100)
