"""The schedule in the window: planned, edited, undone and written, with a fake child process behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from clips import FRAMES, write_clip
from fakes import OTHER, SECOND
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QSpinBox

from app.state import TargetChoice
from jndcore.schedule import plan, read_schedule
from jndcore.schedule.writers import REFUSED, VideoFacts, make

HALF, QUARTER = FRAMES // 2, FRAMES // 4
"""The fake child tells a cut in the middle."""


@pytest.fixture
def planned(window, qtbot):
    """The window with its schedule on screen; the clip is smaller than any labelled one, so it is forced."""
    window.show_schedule(True)
    state = window.instrument.state
    qtbot.waitUntil(lambda: bool(state.plan.doubts))
    window.workspace.side.schedule.form.force.click()
    ready(window, qtbot)
    return window


def ready(window, qtbot) -> None:
    """Wait until a plan stands and its files are prepared."""
    state = window.instrument.state.plan
    qtbot.waitUntil(
        lambda: (
            not state.planning
            and state.planned is not None
            and state.planned.options == state.options
            and (state.written is not None or bool(state.refusal))
        )
    )


def expected(window, **options):
    given = {"level": 1, "share": 75.0, "force": True} | options
    return plan(window.instrument.state.results.analysis, **given)


def do(window, qtbot, command: str) -> None:
    action = window.actions_.by_id[command]
    qtbot.waitUntil(action.isEnabled)
    action.trigger()


def qps(window) -> list[int]:
    return [segment.value for segment in window.instrument.state.plan.schedule.segments]


def cells(window) -> list[list[str]]:
    model = window.workspace.side.schedule.table.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_nothing_is_planned_before_it_is_shown(window, qtbot):
    plan_ = window.instrument.state.plan
    qtbot.wait(200)
    assert (plan_.planned, plan_.planning, plan_.doubts) == (None, False, ())
    assert not window.workspace.timeline.legend.schedule.isVisible()


def test_doubts_are_told_and_need_consent(window, qtbot):
    do(window, qtbot, "schedule.show")
    panel, state = window.workspace.side.schedule, window.instrument.state
    assert panel.isVisible()
    qtbot.waitUntil(lambda: bool(state.plan.doubts))
    assert state.plan.planned is None
    assert "160x96" in panel.form.doubts.text()
    assert panel.form.force.isVisible()
    action = window.actions_.by_id["schedule.export"]
    qtbot.waitUntil(lambda: "consent" in action.toolTip())
    assert not action.isEnabled()
    panel.form.force.click()
    ready(window, qtbot)
    assert state.plan.schedule == expected(window)
    panel.form.force.click()
    qtbot.waitUntil(lambda: state.plan.planned is None)


def test_the_table_says_what_the_plan_says(planned):
    first, *_ = planned.instrument.state.plan.schedule.segments
    told = first.predicted
    row = cells(planned)[0]
    assert row[:5] == [str(first.start), str(first.stop), "0:00.00", str(first.value), f"{told.jnd:.1f}"]
    assert row[5:] == [f"{told.share_no_further_loss:.0f} %", f"{told.share_no_loss:.0f} %"]
    assert planned.workspace.side.schedule.summary.text() == "2 segments · QP 20"


def test_choices_plan_anew_and_undo_brings_the_one_before_back(planned, qtbot):
    form, state = planned.workspace.side.schedule.form, planned.instrument.state
    before = state.plan.schedule
    form.share.setValue(90)
    form.share.setValue(95)
    ready(planned, qtbot)
    assert state.plan.schedule == expected(planned, share=95.0)
    form.level.activated.emit(2)
    ready(planned, qtbot)
    assert state.plan.schedule == expected(planned, share=95.0, level=3)
    do(planned, qtbot, "schedule.undo")
    assert state.plan.schedule == before  # plans in a row are one step
    assert (form.share.value(), form.level.currentIndex()) == (75, 0)
    do(planned, qtbot, "schedule.redo")
    assert state.plan.schedule == expected(planned, share=95.0, level=3)


def test_split_raise_lower_join_and_all_of_it_back(planned, qtbot):
    state, steps = planned.instrument.state, []
    action = planned.actions_.by_id["schedule.split"]
    qtbot.waitUntil(lambda: "starts at the playhead" in action.toolTip())
    planned.instrument.viewing.seek(QUARTER)
    for command in ("split", "raise", "raise", "lower"):
        steps.append(state.plan.schedule)
        do(planned, qtbot, f"schedule.{command}")
    assert [segment.start for segment in state.plan.schedule.segments] == [0, QUARTER, HALF]
    assert qps(planned) == [20, 21, 20]
    first, second, _ = state.plan.schedule.segments
    assert second.predicted.share_no_loss < first.predicted.share_no_loss
    assert "edited by hand" in planned.workspace.side.schedule.summary.text()
    planned.instrument.viewing.seek(HALF)
    action = planned.actions_.by_id["schedule.join"]
    qtbot.waitUntil(lambda: "last segment" in action.toolTip())
    planned.instrument.viewing.seek(0)
    steps.append(state.plan.schedule)
    do(planned, qtbot, "schedule.join")
    assert [segment.start for segment in state.plan.schedule.segments] == [0, HALF]
    for step in reversed(steps):
        do(planned, qtbot, "schedule.undo")
        assert state.plan.schedule == step
    qtbot.waitUntil(lambda: "nothing to undo" in planned.actions_.by_id["schedule.undo"].toolTip())


def test_a_qp_typed_in_the_table_is_kept_within_the_scale(planned, qtbot):
    table, window = planned.workspace.side.schedule.table, planned
    index = table.model().index(0, 3)
    table.setCurrentIndex(index)
    table.edit(index)
    editor = table.findChild(QSpinBox)
    editor.selectAll()
    qtbot.keyClicks(editor, "31")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: qps(window) == [31, 20])
    assert cells(window)[0][3] == "⚠ 31"  # 75 % are wanted, and the JND lies at 20
    assert "are wanted" in index.data(Qt.ItemDataRole.ToolTipRole)
    window.instrument.editing.set_value(0, 99)
    assert qps(window) == [47, 20]
    qtbot.waitUntil(lambda: "end of the scale" in window.actions_.by_id["schedule.raise"].toolTip())


def test_a_chosen_row_moves_the_playhead_and_follows_it(planned, qtbot):
    planned.instrument.viewing.seek(HALF)
    table, playhead = planned.workspace.side.schedule.table, planned.instrument.state.playhead
    assert table.currentIndex().row() == 1
    table.selectRow(0)
    assert playhead.frame == 0
    planned.instrument.viewing.seek(FRAMES - 1)
    assert table.currentIndex().row() == 1
    assert playhead.frame == FRAMES - 1


def test_the_stepped_line_stands_over_the_curves_and_can_be_dragged(planned, qtbot):
    timeline, state = planned.workspace.timeline, planned.instrument.state
    planned.instrument.viewing.seek(HALF)
    planned.instrument.editing.step_value(4)
    timeline.draw()
    x, y = timeline.schedule.line.getData()
    times, (low, high) = state.document.times, qps(planned)
    assert list(x) == pytest.approx([0, times[HALF], times[HALF], times[-1] + times[1]])
    assert list(y) == [low, low, high, high]
    assert timeline.legend.schedule.text().endswith(f"<b>{high}</b>")
    box, before = timeline.plot.getViewBox(), state.plan.schedule
    spot = QPointF(float(times[HALF + 5]), high)
    assert box.holds(spot)
    assert not box.holds(QPointF(spot.x(), high + 5))
    box.grabbed.emit(spot.x())
    for qp in (high - 0.6, high - 1.2, high - 2.9):
        box.dragged.emit(qp)
    assert qps(planned) == [low, high - 3]
    planned.instrument.editing.undo()
    assert state.plan.schedule == before  # one drag, one step
    planned.show_schedule(False)
    timeline.draw()
    assert len(timeline.schedule.line.getData()[0]) == 0
    assert not box.holds(spot)


def test_a_drag_on_the_line_with_the_mouse(planned, qtbot):
    timeline, state = planned.workspace.timeline, planned.instrument.state
    timeline.draw()
    box, plot = timeline.plot.getViewBox(), timeline._widget
    before = qps(planned)[0]
    place = lambda qp: plot.mapFromScene(  # noqa: E731
        box.mapViewToScene(QPointF(float(state.document.times[10]), qp))
    )
    begin, end = place(before), place(before + 3)
    view = plot.viewport()
    qtbot.mouseMove(view, begin)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=begin)
    for step in range(1, 11):
        qtbot.mouseMove(view, begin + (end - begin) * step / 10)
        qtbot.wait(15)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    assert qps(planned) == [before + 3, before]
    assert state.playhead.frame == 0


def test_targets_tell_how_far_they_were_tried_and_why_others_are_refused(planned, qtbot):
    form, state = planned.workspace.side.schedule.target, planned.instrument.state
    assert form.status.text().startswith("Verified by encoding: ")
    model, texts = form.box.model(), [form.box.itemText(row) for row in range(form.box.count())]
    for name in REFUSED:
        row = next(row for row, text in enumerate(texts) if text.startswith(f"{name} – refused"))
        assert not model.item(row).isEnabled()
        assert REFUSED[name] in model.item(row).toolTip()
    form.box.activated.emit([choice.value for choice in form.box.choices].index(("handbrake", "libx264")))
    ready(planned, qtbot)
    assert form.status.text().startswith("Format checked only: ")
    assert "key frame" in form.notes.text()
    planned.instrument.delivering.choose(TargetChoice("x264-qpfile", "libx264"))
    ready(planned, qtbot)
    assert "needs their types" in state.plan.refusal
    assert "needs their types" in form.notes.text()
    action = planned.actions_.by_id["schedule.export"]
    qtbot.waitUntil(lambda: "needs their types" in action.toolTip())
    assert not action.isEnabled()


def test_the_command_is_copied(planned, qtbot, clip):
    do(planned, qtbot, "schedule.copy")
    state = planned.instrument.state
    facts = VideoFacts(clip, state.results.analysis.pts)
    assert QGuiApplication.clipboard().text() == make("x264", state.plan.schedule, facts).command
    planned.instrument.delivering.choose(TargetChoice("csv", "libx264"))
    action = planned.actions_.by_id["schedule.copy"]
    qtbot.waitUntil(lambda: "no command" in action.toolTip())


def test_files_are_written_and_replaced_only_when_agreed(planned, qtbot, tmp_path, monkeypatch):
    folder, asked = tmp_path / "out", []
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    planned.instrument.delivering.choose(TargetChoice("x265", "libx265"))
    ready(planned, qtbot)
    planned.instrument.editing.step_value(3)
    ready(planned, qtbot)
    state = planned.instrument.state
    do(planned, qtbot, "schedule.export")
    qtbot.waitUntil(lambda: "Wrote" in state.work.message)
    assert {file.name for file in folder.iterdir()} == {
        *("keyframes.qp", "zones.txt", "encode.sh", "schedule.json")
    }
    schedule = read_schedule(folder / "schedule.json")
    assert (schedule.encoder, schedule.segments) == ("libx265", state.plan.schedule.segments)
    assert not planned.instrument.editing.unsaved

    def refuse(_, __, question: str) -> QMessageBox.StandardButton:
        asked.append(question)
        return QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", refuse)
    planned.instrument.editing.step_value(1)
    ready(planned, qtbot)
    do(planned, qtbot, "schedule.export")
    assert "zones.txt" in asked[0]
    assert read_schedule(folder / "schedule.json") == schedule
    assert planned.instrument.editing.unsaved


def test_a_folder_that_cannot_be_written_is_told(planned, qtbot, tmp_path):
    (tmp_path / "file").write_text("")
    planned.instrument.delivering.write(tmp_path / "file")
    qtbot.waitUntil(lambda: planned.dialogs.current is not None)
    assert "file" in planned.dialogs.current.sentence.text()
    planned.dialogs.current.close()


def test_ctrl_e_shows_the_schedule_first(window, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: pytest.fail("asked for a folder"))
    action = window.actions_.by_id["schedule.export"]
    qtbot.waitUntil(action.isEnabled)
    action.trigger()
    assert window.instrument.state.plan.shown
    assert window.workspace.side.schedule.isVisible()


@pytest.mark.usefixtures("models")
def test_another_model_drops_the_schedule_and_says_so_of_edits(planned, qtbot):
    planned.instrument.editing.step_value(1)
    state = planned.instrument.state
    planned.instrument.choosing.choose(OTHER)
    assert state.plan.planned is None
    assert "edited by hand" in state.work.message
    assert not state.plan.options.force
    qtbot.waitUntil(lambda: bool(state.plan.doubts))
    planned.workspace.side.schedule.form.force.click()
    ready(planned, qtbot)
    assert state.plan.schedule.model == OTHER


@pytest.mark.usefixtures("models")
def test_a_model_of_one_level_plans_that_one(planned, qtbot):
    state = planned.instrument.state
    planned.instrument.choosing.choose(SECOND)
    qtbot.waitUntil(lambda: bool(state.plan.doubts))
    form = planned.workspace.side.schedule.form
    assert state.plan.options.level == 2
    assert "tells JND2 only" in form.level.model().item(0).toolTip()
    assert "spread between observers" in form.doubts.text()
    form.force.click()
    ready(planned, qtbot)
    assert cells(planned)[0][-1] == "–"


def test_another_video_has_its_own_schedule(planned, qtbot, tmp_path):
    state = planned.instrument.state
    other = write_clip(tmp_path / "other.mp4", frames=20)
    planned.instrument.open(other)
    assert state.plan.planned is None
    assert cells(planned) == []
    qtbot.waitUntil(lambda: bool(state.plan.doubts))
    planned.workspace.side.schedule.form.force.click()
    ready(planned, qtbot)
    assert (state.plan.schedule.video.name, state.plan.schedule.frames) == ("other.mp4", 20)


def test_closing_while_planning_and_writing_leaves_nothing(planned, tmp_path, qtbot):
    folder = tmp_path / "out"
    planned.workspace.side.schedule.form.share.setValue(60)
    planned.instrument.delivering.write(folder)
    planned.close()
    assert json.loads((Path(folder) / "schedule.json").read_text())["share"] == 75.0


def test_plan_anew_does_without_edits(planned, qtbot):
    before = planned.instrument.state.plan.schedule
    planned.instrument.editing.step_value(2)
    do(planned, qtbot, "schedule.again")
    ready(planned, qtbot)
    assert planned.instrument.state.plan.schedule == before
    do(planned, qtbot, "schedule.undo")
    assert qps(planned) == [22, 20]


def test_a_theme_chosen_while_all_is_open_colours_all(planned):
    for theme in ("light", "dark"):
        planned.set_theme(theme)
        QApplication.processEvents()
        timeline = planned.workspace.timeline
        ground = timeline._widget.backgroundBrush().color().lightness()
        assert (ground < 128) == (theme == "dark")
        assert timeline.schedule.line.opts["pen"].color().name() in ("#a3307e", "#ee86c8")
