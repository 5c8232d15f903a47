"""Choosing a model, and what several say of one video, with a fake child process behind the window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from clips import FRAMES, write_clip
from fakes import CROSSING, MODELS, OTHER, SECOND, STEP
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.state import Models, Shown, load_settings
from app.theme import DARK, LIGHT
from jndcore.models import DEFAULT_MODEL
from jndcore.results import read_analysis

pytestmark = pytest.mark.usefixtures("models")


def choose(window, qtbot, name: str) -> None:
    """Choose a model from the tool bar's menu and wait until it has analysed."""
    menu = window.models.menu()
    menu.fill()
    next(action for action in menu.actions() if action.data() == name).trigger()
    state = window.instrument.state
    qtbot.waitUntil(lambda: state.work.model == name and state.results.analysis is not None)


def all_frames(name: str) -> np.ndarray:
    return MODELS[name].predict(np.arange(FRAMES)).qp


def test_another_model_analyses_and_the_results_of_the_first_stay(window, qtbot):
    choose(window, qtbot, OTHER)
    state = window.instrument.state
    assert state.results.model == state.results.analysis.model == OTHER
    np.testing.assert_allclose(state.results.qp, all_frames(OTHER))
    (overlay,) = state.overlays.kept
    assert overlay.model == DEFAULT_MODEL
    np.testing.assert_allclose(overlay.results.qp, all_frames(DEFAULT_MODEL))
    assert OTHER in window.status.engine.text()
    assert window.models.text() == OTHER
    assert window.workspace.inspector.model.text() == OTHER


def test_what_was_complete_comes_back_without_another_analysis(window, qtbot, child):
    choose(window, qtbot, OTHER)
    analyses = child.analyses
    choose(window, qtbot, DEFAULT_MODEL)
    state = window.instrument.state
    assert child.analyses == analyses
    assert state.work.stage == "done"
    assert [overlay.model for overlay in state.overlays.kept] == [OTHER]
    np.testing.assert_allclose(state.results.qp, all_frames(DEFAULT_MODEL))
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None)
    assert state.pictures.rebuilt.model == DEFAULT_MODEL


def test_weights_imported_anew_are_asked_again(window, qtbot, child, monkeypatch):
    choose(window, qtbot, OTHER)
    analyses = child.analyses
    monkeypatch.setattr(child, "sha256", "1" * 64)
    window.instrument.choosing.choose(DEFAULT_MODEL)
    qtbot.waitUntil(lambda: child.analyses == analyses + 1)
    qtbot.waitUntil(lambda: window.instrument.state.results.analysis is not None)


def test_a_model_chosen_in_the_middle_gets_no_frame_of_the_one_before(make, clip, child, qtbot):
    child.hold.set()
    window = make(clip)
    state = window.instrument.state
    qtbot.waitUntil(lambda: state.work.stage == "all frames")
    window.instrument.choosing.choose(OTHER)
    assert not state.results.known(0)
    child.hold.clear()
    qtbot.waitUntil(lambda: state.results.analysis is not None)
    np.testing.assert_allclose(state.results.qp, all_frames(OTHER))
    (overlay,) = state.overlays.kept  # as far as it came
    assert np.isfinite(overlay.results.qp[:, 0]).sum() == STEP
    assert overlay.results.analysis is None


def test_a_picture_of_the_model_before_is_not_shown(window, qtbot):
    choose(window, qtbot, OTHER)
    state, viewing = window.instrument.state, window.instrument.viewing
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None)
    late = Shown(0, state.pictures.rebuilt.rgb, "I", 1, 20.0, DEFAULT_MODEL)
    viewing._thread.converted.emit(late)
    qtbot.wait(30)
    assert state.pictures.rebuilt.model == OTHER
    viewing.set_level(3)
    viewing.set_level(1)
    assert state.pictures.rebuilt.model == OTHER


def test_curves_of_others_are_thin_dashed_and_named(window, qtbot):
    choose(window, qtbot, OTHER)
    choose(window, qtbot, CROSSING)
    timeline = window.workspace.timeline
    timeline.draw()
    assert list(timeline.others.curves) == [DEFAULT_MODEL, OTHER]
    patterns = set()
    for name, curves in timeline.others.curves.items():
        for level, curve in enumerate(curves):
            x, y = curve.line.getData()
            np.testing.assert_allclose(x, np.arange(FRAMES) / 24)
            np.testing.assert_allclose(y, all_frames(name)[:, level])
            pen, current = curve.line.opts["pen"], timeline.curves[level].line.opts["pen"]
            assert pen.widthF() < current.widthF()
            assert pen.color() == current.color()
            assert pen.style() == Qt.PenStyle.CustomDashLine
            patterns.add(tuple(pen.dashPattern()))
    assert len(patterns) == 2
    assert timeline.key.isVisible()
    assert list(timeline.key.keys) == [DEFAULT_MODEL, OTHER]
    assert CROSSING in timeline.key._name.text()


def test_levels_above_any_qp_are_still_in_the_plot(window, qtbot, monkeypatch):
    """A system with weights that were never fitted may answer anything above 0."""
    monkeypatch.setitem(MODELS, CROSSING, replace(MODELS[CROSSING], qp=(280.0, 252.0, 259.0)))
    choose(window, qtbot, CROSSING)
    window.instrument.state.overlays.clear()
    window.workspace.timeline.draw()
    low, high = window.workspace.timeline._box.viewRange()[1]
    assert low < 252
    assert high > 280


def test_curves_can_be_hidden_and_dropped(window, qtbot):
    choose(window, qtbot, OTHER)
    timeline, state = window.workspace.timeline, window.instrument.state
    timeline.key.keys[DEFAULT_MODEL].box.click()
    timeline.draw()
    assert timeline.others.curves == {}
    assert not state.overlays.kept[0].shown
    assert not timeline.key.keys[DEFAULT_MODEL].box.isChecked()
    timeline.key.keys[DEFAULT_MODEL].box.click()
    timeline.draw()
    assert list(timeline.others.curves) == [DEFAULT_MODEL]
    timeline.key.keys[DEFAULT_MODEL].remove.click()
    timeline.draw()
    assert state.overlays.kept == ()
    assert timeline.others.curves == {}
    assert not timeline.key.isVisible()
    assert not window.workspace.inspector.others.isVisible()


def test_a_command_drops_all_others(window, qtbot):
    action = window.actions_.by_id["analysis.alone"]
    assert "current model alone" in action.toolTip()
    choose(window, qtbot, OTHER)
    qtbot.waitUntil(action.isEnabled)
    action.trigger()
    assert window.instrument.state.overlays.kept == ()


def test_another_video_clears_all(window, tmp_path, qtbot):
    choose(window, qtbot, OTHER)
    state = window.instrument.state
    window.instrument.open(write_clip(tmp_path / "other.mp4", frames=20))
    assert state.overlays.kept == ()
    qtbot.waitUntil(lambda: state.results.analysis is not None)
    assert state.results.model == OTHER
    window.workspace.timeline.draw()
    assert window.workspace.timeline.others.curves == {}


def test_corrected_frame_numbers_reach_the_others_too(window, qtbot):
    choose(window, qtbot, OTHER)
    state, document = window.instrument.state, window.instrument.state.document
    viewing = window.instrument.viewing

    class Index:
        time = document.times[:-3]

    viewing._thread.corrected.emit(document.info, Index, ())
    qtbot.waitUntil(lambda: len(state.results.qp) == FRAMES - 3)
    assert len(state.overlays.kept[0].results.qp) == FRAMES - 3
    window.workspace.timeline.draw()
    assert len(window.workspace.timeline.others.curves[DEFAULT_MODEL][0].line.getData()[0]) == FRAMES - 3


def test_the_inspector_has_every_models_values_and_marks_what_crosses(window, qtbot):
    choose(window, qtbot, CROSSING)
    inspector, viewing = window.workspace.inspector, window.instrument.viewing
    viewing.seek(20)
    levels = inspector.levels
    assert [[cell.text() for cell in row] for row in levels.cells] == [
        ["31.2", "30.2", "38.2"],
        ["–"] * 3,
        ["–"] * 3,
        ["31.0", "30.0", "38.0"],
    ]
    assert f"{CROSSING} gives no error of its own." in levels.cells[1][0].toolTip()
    assert f"{CROSSING} says nothing of the spread" in levels.cells[2][2].toolTip()
    assert levels.crossing.isVisible()
    assert levels.crossing.text() == f"⚠ JND1 above JND2: {CROSSING} does not order its levels."
    assert inspector.sur.share.text() == (
        f"No share: {CROSSING} says nothing of the spread between observers."
    )
    assert f"Levels cross at {FRAMES} of {FRAMES} frames." in window.workspace.notice.text()
    choose(window, qtbot, DEFAULT_MODEL)
    assert not levels.crossing.isVisible()
    assert "cross" not in window.workspace.notice.text()
    mark, *cells = inspector.others.rows[CROSSING]
    assert [cell.text() for cell in cells] == ["31.2", "30.2", "38.2"]
    assert mark.text() == "⚠"
    assert "JND1 above JND2" in mark.toolTip()
    assert "%" in inspector.sur.share.text()


def test_no_band_is_drawn_where_the_model_gives_no_error(window, qtbot):
    timeline = window.workspace.timeline
    timeline.draw()
    assert timeline.curves[0].band.boundingRect().height() > 2
    choose(window, qtbot, CROSSING)
    timeline.draw()
    assert timeline.curves[0].band.boundingRect().isEmpty()
    assert np.isfinite(timeline.curves[0].line.getData()[1]).all()
    assert timeline.legend.levels[0].text().endswith("<b>31.0</b>")
    assert "no band" in timeline.legend._note.text()


def test_a_model_of_one_level_says_which_and_disables_the_rest(window, qtbot):
    choose(window, qtbot, SECOND)
    state, by_id = window.instrument.state, window.actions_.by_id
    assert state.comparison.level == 2
    qtbot.waitUntil(lambda: not by_id["compare.jnd1"].isEnabled())
    assert by_id["compare.jnd2"].isEnabled()
    assert f"{SECOND} tells JND2 only." in by_id["compare.jnd3"].toolTip()
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None)
    assert "JND2 frame at QP 26.0" in window.workspace.player.rebuilt.caption.text()
    assert "640×352 detail" in window.workspace.player.rebuilt.caption.text()
    levels = window.workspace.inspector.levels
    assert [cell.text() for cell in levels.cells[0]] == ["–", "26.0", "–"]
    assert f"{SECOND} tells JND2 only." in levels.cells[0][0].toolTip()
    assert window.workspace.timeline.legend.levels[0].toolTip() == f"{SECOND} tells JND2 only."
    assert window.workspace.inspector.sur.share.text() == f"No share: {SECOND} tells JND2 only."
    choose(window, qtbot, DEFAULT_MODEL)
    assert state.comparison.level == 1
    qtbot.waitUntil(by_id["compare.jnd1"].isEnabled)
    cells = window.workspace.inspector.others.rows[SECOND][1:]
    assert [cell.text() for cell in cells] == ["–", "26.0", "–"]
    assert cells[0].toolTip() == f"{SECOND} tells JND2 only."


def test_a_model_that_shows_no_frames_says_so_and_is_not_asked(window, qtbot, child):
    choose(window, qtbot, CROSSING)
    view = window.workspace.player.rebuilt.view
    assert view._note.startswith(f"{CROSSING} rebuilds no frames.")
    asked = child.rebuilds
    window.instrument.viewing.seek(9)
    original = window.instrument.state.pictures
    qtbot.waitUntil(lambda: original.original.frame == 9)
    qtbot.wait(50)
    assert view.picture is None
    assert view._note.startswith(f"{CROSSING} rebuilds no frames.")
    assert "jnd weights import" in view._note
    assert child.rebuilds == asked
    assert window.dialogs.current is None


def test_choosing_a_model_again_loads_it_again_only_where_it_lacked_something(
    window, qtbot, child, monkeypatch
):
    choosing, state = window.instrument.choosing, window.instrument.state
    choosing.choose(DEFAULT_MODEL)
    assert state.work.model == DEFAULT_MODEL
    choose(window, qtbot, CROSSING)
    monkeypatch.setattr(child, "shown", (1, 2, 3))  # its reconstruction files were imported
    choosing.choose(CROSSING)
    assert state.work.model == ""
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None)
    assert state.pictures.rebuilt.model == CROSSING


def test_the_menu_lists_models_with_titles_as_they_are_now(window, add_model):
    menu = window.models.menu()
    menu.fill()
    names = [action.data() for action in menu.actions() if action.data()]
    assert names == sorted(MODELS)
    add_model(
        "LAT.later", "imported while the window was open, and with a title that is longer than most are"
    )
    add_model("autoencoder.jnd1", levels=())
    menu.fill()
    actions = {action.data(): action for action in menu.actions()}
    assert actions["LAT.later"].text().startswith("LAT.later  –  imported while the window was open, ")
    assert actions["LAT.later"].text().endswith("…")
    assert actions["LAT.later"].toolTip().endswith("than most are")
    assert actions[DEFAULT_MODEL].isChecked()
    assert not actions["autoencoder.jnd1"].isEnabled()
    assert "tells no JND level" in actions["autoencoder.jnd1"].toolTip()
    assert menu.actions()[-1] is window.actions_.by_id["analysis.models"]


def test_a_damaged_card_is_said_and_the_list_stands(window, add_model):
    menu = window.models.menu()
    menu.fill()
    before = len(window.instrument.state.models.cards)
    add_model("LAT.bad").write_text("{")
    menu.fill()
    assert len(window.instrument.state.models.cards) == before
    (broken,) = [action for action in menu.actions() if "left out" in action.text()]
    assert "LAT.bad.json" in broken.toolTip()
    window.dialogs.models()
    assert "LAT.bad.json" in window.dialogs.current._trouble.text()
    window.dialogs.current.close()


def test_a_card_that_takes_the_name_of_a_model_of_ours_is_left_out_and_said(add_model):
    add_model(DEFAULT_MODEL, title="not ours")
    models = Models()
    models.refresh()
    assert [card.name for card in models.cards] == sorted(MODELS)
    assert models.card(DEFAULT_MODEL).title != "not ours"
    assert f"{DEFAULT_MODEL} comes with JNDScope" in models.trouble


def test_the_dialog_shows_cards_and_chooses(window, qtbot):
    window.dialogs.models()
    dialog = window.dialogs.current
    assert dialog.list.currentItem().text().startswith(f"{DEFAULT_MODEL}  ·  in use\n")
    assert not dialog.use.isEnabled()
    assert "1.57 (1.37 to 1.78)" in dialog.card.toPlainText()
    row = next(row for row in range(dialog.list.count()) if dialog.list.item(row).text().startswith(OTHER))
    dialog.list.setCurrentRow(row)
    assert "Never evaluated" in dialog.card.toPlainText()
    dialog.use.click()
    state = window.instrument.state
    qtbot.waitUntil(lambda: state.results.model == OTHER and state.results.analysis is not None)
    assert window.dialogs.current is None


def test_saving_writes_what_the_current_model_says(window, tmp_path, qtbot, monkeypatch):
    choose(window, qtbot, CROSSING)
    path = tmp_path / "levels.parquet"
    monkeypatch.setattr(QFileDialog, "exec", lambda _: 1)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(path)])
    with qtbot.waitSignal(window.instrument.exporting.saved):
        window.ask_save()
    again = read_analysis(path)
    assert again.model == CROSSING
    np.testing.assert_allclose(again.prediction.qp, all_frames(CROSSING))
    assert np.isnan(again.prediction.err).all()


def test_the_chosen_model_is_remembered(window, make, qtbot, child):
    choose(window, qtbot, OTHER)
    window.close()
    assert load_settings()[0].model == OTHER
    again = make()
    qtbot.waitUntil(lambda: again.instrument.state.work.model == OTHER)
    again.instrument.choosing.choose(DEFAULT_MODEL)
    qtbot.waitUntil(lambda: again.instrument.state.work.model == DEFAULT_MODEL)
    again.close()
    assert load_settings()[0].model == ""


@pytest.mark.parametrize("gone", ["LAT.deleted", "autoencoder.jnd1"])
def test_a_model_that_cannot_serve_any_more_gives_way_to_the_default_with_a_notice(
    make, clip, qtbot, monkeypatch, add_model, gone
):
    add_model("autoencoder.jnd1", levels=())
    monkeypatch.setenv("JNDSCOPE_MODEL", gone)
    window = make(clip)
    state = window.instrument.state
    qtbot.waitUntil(lambda: state.results.analysis is not None)
    assert state.work.model == DEFAULT_MODEL
    assert state.work.message.startswith(gone)
    assert state.work.message.endswith(f"{DEFAULT_MODEL} does it now.")
    assert state.settings.model == ""


def test_a_model_that_does_not_load_leaves_the_way_back(window, qtbot, child, monkeypatch):
    state = window.instrument.state
    monkeypatch.setattr(child, "broken", OTHER)
    window.instrument.choosing.choose(OTHER)
    qtbot.waitUntil(lambda: window.dialogs.current is not None)
    assert "damaged" in window.dialogs.current.sentence.text()
    window.dialogs.current.close()
    assert state.overlays.kept[0].model == DEFAULT_MODEL
    choose(window, qtbot, DEFAULT_MODEL)
    qtbot.waitUntil(lambda: state.pictures.rebuilt is not None)
    assert state.overlays.kept == ()
    np.testing.assert_allclose(state.results.qp, all_frames(DEFAULT_MODEL))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_themes_reach_the_lines_of_others(window, qtbot, theme):
    choose(window, qtbot, OTHER)
    window.set_theme(theme)
    timeline = window.workspace.timeline
    timeline.draw()
    colours = [curve.line.opts["pen"].color().name() for curve in timeline.others.curves[DEFAULT_MODEL]]
    assert colours == list({"light": LIGHT, "dark": DARK}[theme].levels)


def test_closing_while_another_model_analyses_leaves_nothing(window, child, qtbot):
    child.hold.set()
    window.instrument.choosing.choose(OTHER)
    qtbot.waitUntil(lambda: window.instrument.state.work.stage == "all frames")
    window.close()
    assert child.closed
