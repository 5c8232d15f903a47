"""Schedules of CRFs in the window: made of the QPs, drawn where they are equal, edited and written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from clips import FRAMES
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QDoubleSpinBox

from app.state import TargetChoice
from app.state.mapped import Mapped
from app.state.plan import Planned, PlanOptions
from jndcore.errors import JNDError
from jndcore.results import VideoIdentity
from jndcore.schedule import Predicted, Schedule, Segment, crf_map, join, read_schedule, set_value, split

HALF = FRAMES // 2
BELOW = 2.6
"""How far the map of these tests puts a CRF below its QP, and twice as far in the second shot."""


def by_map(schedule: Schedule) -> Schedule:
    """A map that anybody can work out."""
    assert (schedule.encoder, schedule.preset) == ("libx264", "medium")
    segments = tuple(
        replace(segment, value=round(segment.value - BELOW * (1 + i % 2), 1))
        for i, segment in enumerate(schedule.segments)
    )
    return replace(schedule, mode="crf", segments=segments, warnings=(*schedule.warnings, "a fitted guess"))


@pytest.fixture
def steered(window, qtbot, monkeypatch):
    """The window with a schedule of CRFs: 17.4 and 14.8, of the quality of QP 20."""
    monkeypatch.setattr(crf_map, "by_map", by_map)
    window.show_schedule(True)
    state = window.instrument.state
    qtbot.waitUntil(lambda: bool(state.plan.doubts))
    window.workspace.side.schedule.form.force.click()
    ready(window, qtbot)
    window.workspace.side.schedule.form.mode.activated.emit(1)
    ready(window, qtbot)
    return window


def ready(window, qtbot) -> None:
    """Wait until what was chosen stands and its files are prepared."""
    plan = window.instrument.state.plan
    qtbot.waitUntil(
        lambda: (
            not plan.planning
            and plan.planned is not None
            and plan.planned.options == plan.options
            and (plan.written is not None or bool(plan.refusal))
        )
    )


def crfs(window) -> list[float]:
    return [segment.value for segment in window.instrument.state.plan.schedule.segments]


def item(box, start: str):
    """The item of a box whose text begins so."""
    return next(box.model().item(row) for row in range(box.count()) if box.itemText(row).startswith(start))


def test_crfs_are_made_of_the_planned_qps_and_undo_brings_those_back(steered, qtbot):
    state, panel = steered.instrument.state, steered.workspace.side.schedule
    assert state.plan.schedule.mode == "crf"
    assert crfs(steered) == [17.4, 14.8]
    assert panel.summary.text() == "2 segments · CRF 14.8 to 17.4"
    assert "a fitted guess" in panel.warnings.text()
    steered.instrument.editing.undo()
    assert (state.plan.schedule.mode, crfs(steered)) == ("qp", [20, 20])
    assert panel.form.mode.currentIndex() == 0
    steered.instrument.editing.redo()
    assert panel.form.mode.currentIndex() == 1


def test_the_table_tells_crfs_and_takes_tenths(steered, qtbot):
    table = steered.workspace.side.schedule.table
    model = table.model()
    assert model.headerData(3, Qt.Orientation.Horizontal) == "CRF"
    index = model.index(0, 3)
    assert index.data() == "17.4"
    assert "quality is to be that of QP 20" in index.data(Qt.ItemDataRole.ToolTipRole)
    table.setCurrentIndex(index)
    table.edit(index)
    editor = table.findChild(QDoubleSpinBox)
    editor.setValue(21.3)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: crfs(steered) == [21.3, 14.8])
    assert model.index(0, 5).data() == "–"  # a CRF has no SUR curve
    assert "QP 23.9" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_keys_step_by_one_and_stop_at_the_ends(steered, qtbot):
    up, down = (steered.actions_.by_id[f"schedule.{name}"] for name in ("raise", "lower"))
    qtbot.waitUntil(up.isEnabled)
    up.trigger()
    assert crfs(steered) == [18.4, 14.8]
    assert steered.instrument.state.plan.undo == "CRF of Segment 1"
    for value, action, end in ((99, up, 51), (-3, down, 1)):
        steered.instrument.editing.set_value(0, value)
        assert crfs(steered)[0] == end
        qtbot.waitUntil(lambda action=action: not action.isEnabled())
        assert f"CRF {end} is the end of the scale" in action.toolTip()


def test_the_line_is_drawn_at_the_qps_of_equal_quality_and_dragged_in_halves(steered, qtbot):
    timeline, times = steered.workspace.timeline, steered.instrument.state.document.times
    steered.instrument.editing.step_value(2)
    timeline.draw()
    assert list(timeline.schedule.line.getData()[1]) == pytest.approx([22, 22, 20, 20])
    assert "CRF &nbsp;<b>19.4</b>, drawn at QP 22" in timeline.legend.schedule.text()
    assert "quality" in timeline.legend.schedule.toolTip()
    box, spot = timeline.plot.getViewBox(), QPointF(float(times[HALF + 5]), 20)
    assert box.holds(spot)
    box.grabbed.emit(spot.x())
    for qp in (21.1, 22.3):
        box.dragged.emit(qp)
    assert crfs(steered) == [19.4, 17.0]  # 22.3 QP were pointed at: 17.1
    steered.instrument.editing.undo()
    assert crfs(steered) == [19.4, 14.8]


def test_a_target_that_takes_no_crfs_is_left_and_says_why(steered, qtbot):
    state, form = steered.instrument.state, steered.workspace.side.schedule.target
    steered.workspace.side.schedule.form.mode.activated.emit(0)
    ready(steered, qtbot)
    steered.instrument.delivering.choose(TargetChoice("x265", "libx265", "slow"))
    assert item(form.box, "x265").isEnabled()
    steered.workspace.side.schedule.form.mode.activated.emit(1)
    assert state.plan.target == TargetChoice("ffmpeg", "libx264", "medium")
    ready(steered, qtbot)
    assert " 17.4" in state.plan.written.files["encode.sh"]
    assert "takes no CRFs" in item(form.box, "x265").text()
    hevc = item(form.box, "ffmpeg script, one encode for each segment: HEVC")
    assert not hevc.isEnabled()
    assert "refine by trial encodes" in hevc.text()
    assert item(form.box, "ffmpeg script, one encode for each segment: H.264").isEnabled()
    slow = item(form.preset, "slow")
    assert not slow.isEnabled()
    assert "refine by trial encodes" in slow.text()


def test_a_preset_is_in_the_files_and_edits_stay(steered, qtbot, tmp_path):
    state, panel = steered.instrument.state, steered.workspace.side.schedule
    panel.form.mode.activated.emit(0)
    ready(steered, qtbot)
    steered.instrument.editing.step_value(3)
    panel.target.preset.activated.emit([choice.value for choice in panel.target.preset.choices].index("slow"))
    ready(steered, qtbot)
    assert "--preset slow " in state.plan.written.command
    assert crfs(steered) == [23, 20]
    steered.instrument.delivering.write(tmp_path / "out")
    qtbot.waitUntil(lambda: "Wrote" in state.work.message)
    written = read_schedule(tmp_path / "out" / "schedule.json")
    assert (written.preset, written.mode) == ("slow", "qp")


def test_a_qpfile_of_every_frame_is_for_the_terminal(steered):
    types = item(steered.workspace.side.schedule.target.box, "x264 qpfile of every frame")
    assert not types.isEnabled()
    assert "--types ENCODE" in types.toolTip()


def test_what_the_map_refuses_is_told(steered, qtbot, monkeypatch):
    def refuse(schedule: Schedule) -> Schedule:
        raise JNDError("no map of CRFs.")

    monkeypatch.setattr(crf_map, "by_map", refuse)
    steered.workspace.side.schedule.form.share.setValue(80)
    qtbot.waitUntil(lambda: steered.workspace.side.schedule.summary.text() == "no map of CRFs.")
    assert steered.instrument.state.plan.planned is None


def test_joined_segments_are_drawn_in_parts(steered):
    qp = steered.instrument.state.plan.planned.mapped.qp
    qp = set_value(qp, 1, 30)
    crf = by_map(qp)
    cut = join(split(crf, 5), 1)  # 0 to 5, and the rest at the lower CRF of the two
    planned = Planned(PlanOptions(mode="crf"), cut, mapped=Mapped(qp, crf))
    assert [segment.value for segment in cut.segments] == [17.4, 17.4]
    parts = [part for segment in cut.segments for part in planned.parts(segment)]
    assert [part[:2] for part in parts] == [(0, 5), (5, HALF), (HALF, FRAMES)]
    assert [part[2] for part in parts] == pytest.approx([20, 20, 22.6])


@pytest.mark.parametrize(("mode", "value"), [("qp", 47), ("crf", 47.5)])
def test_six_digits_of_frames_are_read_in_full(window, mode, value):
    state, table = window.instrument.state, window.workspace.side.schedule.table
    window.show_schedule(True)
    state.document.times = np.arange(200_000) / 25
    state.plan.adopt(Planned(PlanOptions(mode=mode), reels_of_film(mode, value)))
    QApplication.processEvents()
    model, header = table.model(), table.horizontalHeader()
    shown = [column for column in range(model.columnCount()) if not table.isColumnHidden(column)]
    for column in shown:
        need = max(table.fontMetrics().horizontalAdvance(model.index(row, column).data()) for row in (0, 99))
        assert header.sectionSize(column) >= need + 4
    assert sum(map(header.sectionSize, shown)) <= table.viewport().width()
    assert model.index(99, 0).data() == "198000"


def reels_of_film(mode: str, value: float) -> Schedule:
    """A schedule of 200,000 frames, 100 segments."""
    told = Predicted(28.0, 4.68, 1.5, 28.0, 4.68, 80.0, 80.0)
    segments = tuple(Segment(n, n + 2000, value, told) for n in range(0, 200_000, 2000))
    video = VideoIdentity("film.mp4", 1, 8000.0, "ab" * 32, 1280, 720, 25.0, 200_000, "1/12800")
    return Schedule(video, False, mode, 1, 75.0, "m.t", "cd" * 32, "libx264", "medium", segments)
