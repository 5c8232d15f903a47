"""Checking an encode in the window: the verdict, the scores under the curves, the walk to the worst."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from clips import FRAMES, write_clip
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from app.state import AppState, Checked, Settings
from app.worst_frames import APART, worst_frames
from jndcore.schedule import verify as checking
from jndcore.schedule.encoding import encode
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


@pytest.fixture
def made(planned, clip, tmp_path) -> Path:
    """An encode by that schedule."""
    target = tmp_path / "out.mp4"
    for _ in encode(clip, planned.instrument.state.plan.schedule, target):
        pass
    return target


@pytest.fixture
def checked(planned, made, qtbot):
    """The window after a check of it."""
    check(planned, made, qtbot)
    return planned


def check(window, path: Path, qtbot) -> None:
    window.instrument.proving.start(path)
    wait_for_end(window, qtbot)


def wait_for_end(window, qtbot) -> None:
    qtbot.waitUntil(lambda: window.instrument.state.proof.checking is None, timeout=30_000)


def do(window, qtbot, command: str) -> None:
    action = window.actions_.by_id[command]
    qtbot.waitUntil(action.isEnabled)
    action.trigger()


def reason(window, qtbot, command: str, text: str) -> None:
    """Wait until a command is blocked, and says so."""
    action = window.actions_.by_id[command]
    qtbot.waitUntil(lambda: not action.isEnabled() and text in action.toolTip())


def slow(ended: list[str]):
    """A check that never comes to its end, and notes when it is ended."""

    def verify(encoded: Path, *_: object, progress, **__: object) -> None:
        try:
            for step in range(1_000_000):
                time.sleep(0.005)
                progress("comparing", step % 100 / 100)
        finally:
            ended.append(encoded.name)

    return verify


def test_an_encode_made_here_is_offered_and_its_scores_are_plotted(planned, clip, tmp_path, qtbot):
    state, panel = planned.instrument.state, planned.workspace.side.schedule
    lane, target = planned.workspace.timeline.scores, tmp_path / "out.mp4"
    planned.instrument.encoding.start(target)
    qtbot.waitUntil(lambda: panel.check.isVisible() and panel.check.offer.isVisible(), timeout=30_000)
    assert panel.check.text.text() == "Encoded out.mp4"
    assert state.proof.checking is None  # nothing begins by itself
    assert not lane.isVisible()
    panel.check.offer.click()
    assert state.proof.checking == target
    wait_for_end(planned, qtbot)
    assert not panel.check.isVisible()
    assert panel.proof.verdict.text() == f"out.mp4: as planned, {FRAMES} of {FRAMES} frames"
    assert not panel.proof.earlier.isVisible()
    assert lane.isVisible()
    planned.workspace.timeline.draw()
    report = verify(target, state.plan.schedule, clip)
    x, y = lane.line.getData()
    np.testing.assert_array_equal(x, state.document.times)
    np.testing.assert_array_equal(y, report.metrics.xpsnr)
    assert len(lane.marks.off_plan.getData()[0]) == 0
    borders = lane.marks.borders.getData()[0]
    assert list(borders) == pytest.approx([state.document.times[FRAMES // 2]] * 2)


def test_both_lanes_have_one_time_and_one_playhead(checked, qtbot):
    timeline, state = checked.workspace.timeline, checked.instrument.state
    above, below = timeline.plot.getViewBox(), timeline.scores.plot.box
    timeline.plot.setXRange(0.5, 1.0, padding=0)
    qtbot.waitUntil(lambda: below.viewRange()[0] == pytest.approx([0.5, 1.0], abs=0.01))
    below.scrubbed.emit(float(state.document.times[30]) + 0.001)
    assert state.playhead.frame == 30
    assert timeline.scores.plot.playhead.value() == timeline.playhead.value() == state.document.times[30]
    left = [box.mapToScene(box.boundingRect().topLeft()).x() for box in (above, below)]
    assert left[0] == pytest.approx(left[1], abs=1)
    assert not timeline.plot.getAxis("bottom").isVisible()
    do(checked, qtbot, "proof.remove")
    assert not timeline.scores.isVisible()
    assert timeline.plot.getAxis("bottom").isVisible()
    assert not checked.workspace.side.schedule.proof.isVisible()
    reason(checked, qtbot, "proof.worst", "Check an encode first.")


def test_other_scores_are_chosen_above_the_lane(checked, qtbot):
    state, timeline = checked.instrument.state, checked.workspace.timeline
    lane, box = timeline.scores, timeline.scores.legend.box
    texts = [box.itemText(row) for row in range(box.count())]
    assert texts == ["XPSNR", "PSNR", "SSIM", "VMAF – not measured", "Bits"]
    assert not box.model().item(3).isEnabled()
    report = state.proof.checked.report
    for row, values in ((2, report.metrics.ssim), (4, report.read_back.bytes * 8 / 1000)):
        box.activated.emit(row)
        timeline.draw()
        np.testing.assert_array_equal(lane.line.getData()[1], values)
    assert len(lane.marks.worst.getData()[0]) == 0
    reason(checked, qtbot, "proof.next", "Bits are no score")
    box.activated.emit(2)
    checked.instrument.proving.go_worst()
    assert state.playhead.frame == int(np.argmin(report.metrics.ssim))
    for theme in ("light", "dark"):
        checked.set_theme(theme)
        QApplication.processEvents()
        ground = lane.plot.backgroundBrush().color().lightness()
        assert (ground < 128) == (theme == "dark")


def test_keys_walk_from_the_worst_frame_on(checked, qtbot):
    state, legend = checked.instrument.state, checked.workspace.timeline.scores.legend
    xpsnr = state.proof.checked.report.metrics.xpsnr
    walk = state.proof.checked.worst["xpsnr"].tolist()
    qtbot.waitUntil(checked.actions_.by_id["proof.worst"].isEnabled)
    qtbot.keyClick(checked, Qt.Key.Key_W)
    assert state.playhead.frame == walk[0] == int(np.argmin(xpsnr))
    assert legend.value.text().startswith(f"<b>{xpsnr.min():.2f} dB</b> · ")
    assert legend.value.text().endswith(" · the worst")
    seen = []
    for _ in walk:
        qtbot.keyClick(checked, Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
        seen.append(state.playhead.frame)
    assert seen == [*walk[1:], walk[0]]
    assert list(xpsnr[walk]) == sorted(xpsnr[walk])
    assert {segment.worst_frame for segment in state.proof.checked.report.segments} <= set(walk)


def test_planned_and_measured_stand_beside_each_other_at_the_playhead(checked, qtbot):
    state, facts = checked.instrument.state, checked.workspace.side.schedule.proof.facts
    for frame, segment in zip((3, FRAMES - 1), state.proof.checked.report.segments, strict=True):
        checked.instrument.viewing.seek(frame)
        assert facts["Frames"].text() == f"{segment.start} to {segment.stop - 1}"
        assert facts["Quantiser"].text() == f"QP {segment.value:g} planned, {segment.value:.1f} found"
        assert facts["Predicted"].text().startswith(f"{segment.predicted.share_no_further_loss:.0f} % see")
        assert facts["Measured"].text() == f"{segment.kbps:,.0f} kbit/s · XPSNR {segment.xpsnr:.2f} dB"
    facts["Worst"].linkActivated.emit(str(segment.worst_frame))
    assert state.playhead.frame == segment.worst_frame


def test_falling_short_is_a_result_and_an_edit_makes_it_one_of_before(checked, made, qtbot):
    state, card = checked.instrument.state, checked.workspace.side.schedule.proof
    timeline = checked.workspace.timeline
    before = state.proof.checked.report.metrics.xpsnr
    checked.instrument.editing.set_value(1, 30)
    assert card.earlier.isVisible()
    assert "earlier schedule" in timeline.scores.legend.note.text()
    check(checked, made, qtbot)
    assert checked.dialogs.current is None
    assert card.verdict.text() == (
        f"⚠ out.mp4 falls short: {FRAMES // 2} of {FRAMES} frames are off plan, "
        f"the first is frame {FRAMES // 2}."
    )
    assert not card.earlier.isVisible()
    timeline.draw()
    ticks = timeline.scores.marks.off_plan.getData()[0][::2]
    np.testing.assert_array_equal(ticks, state.document.times[FRAMES // 2 :])
    np.testing.assert_array_equal(timeline.scores.line.getData()[1], before)
    checked.instrument.editing.undo()
    assert card.earlier.isVisible()
    assert timeline.scores.isVisible()


def test_of_a_schedule_of_crfs_qps_are_told_and_not_judged(planned, clip, tmp_path, qtbot):
    state, target = planned.instrument.state, tmp_path / "out.mp4"
    planned.instrument.planning.set(replace(state.plan.options, mode="crf"))
    qtbot.waitUntil(lambda: not state.plan.planning and state.plan.schedule.mode == "crf", timeout=30_000)
    for _ in encode(clip, state.plan.schedule, target):
        pass
    check(planned, target, qtbot)
    card, segment = planned.workspace.side.schedule.proof, state.proof.checked.report.segments[0]
    assert "as planned" in card.verdict.text()
    assert "told, not judged" in card.remarks.text()
    assert card.facts["Quantiser"].text() == f"CRF {segment.value:g} planned, QP {segment.qp:.1f} found"


def test_an_encode_of_other_frames_has_no_scores_and_says_why(planned, clip, tmp_path, qtbot):
    check(planned, write_clip(tmp_path / "short.mp4", frames=FRAMES - 3), qtbot)
    card = planned.workspace.side.schedule.proof
    assert f"it has {FRAMES - 3} frames, and {FRAMES} are planned" in card.verdict.text()
    assert not any(label.isVisible() for label in card.facts.values())
    assert not planned.workspace.timeline.scores.isVisible()
    reason(planned, qtbot, "proof.worst", "No scores were measured")


def test_the_dialog_begins_at_what_was_encoded_last(planned, tmp_path, qtbot, monkeypatch):
    target, asked = tmp_path / "out.mp4", []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *given: asked.append(given[2]) or ("", ""))
    do(planned, qtbot, "schedule.verify")
    planned.instrument.encoding.start(target)
    qtbot.waitUntil(lambda: planned.instrument.state.proof.offered, timeout=30_000)
    do(planned, qtbot, "schedule.verify")
    assert asked == [str(tmp_path), str(target)]
    assert planned.instrument.state.proof.checking is None


def test_progress_is_shown_and_cancel_leaves_what_was_found_before(checked, made, qtbot, monkeypatch):
    ended: list[str] = []
    state, row = checked.instrument.state, checked.workspace.side.schedule.check
    before = state.proof.checked
    monkeypatch.setattr(checking, "verify", slow(ended))
    checked.instrument.proving.start(made)
    qtbot.waitUntil(lambda: state.proof.done > 0)
    assert row.isVisible()
    assert row.text.text() == f"out.mp4: comparing, {state.proof.done:.0%}"
    reason(checked, qtbot, "schedule.verify", "under way")
    do(checked, qtbot, "proof.cancel")
    wait_for_end(checked, qtbot)
    assert ended == ["out.mp4"]
    assert "cancelled" in state.work.message
    assert not row.isVisible()
    assert state.proof.checked is before
    assert checked.dialogs.current is None


def test_closing_the_window_ends_a_check(planned, clip, qtbot, monkeypatch):
    ended: list[str] = []
    monkeypatch.setattr(checking, "verify", slow(ended))
    planned.instrument.proving.start(clip)
    qtbot.waitUntil(lambda: planned.instrument.state.proof.done > 0)
    planned.close()
    assert ended == ["clip.mp4"]


def test_another_video_drops_the_proof_and_ends_the_check(checked, made, tmp_path, qtbot, monkeypatch):
    ended: list[str] = []
    state = checked.instrument.state
    monkeypatch.setattr(checking, "verify", slow(ended))
    checked.instrument.proving.start(made)
    qtbot.waitUntil(lambda: state.proof.done > 0)
    checked.instrument.open(write_clip(tmp_path / "other.mp4", frames=20))
    assert state.proof.checked is None
    wait_for_end(checked, qtbot)
    assert ended == ["out.mp4"]
    assert not checked.workspace.timeline.scores.isVisible()
    qtbot.waitUntil(lambda: state.results.analysis is not None)
    assert state.proof.checked is None


def test_another_number_of_frames_drops_the_proof(checked):
    state = checked.instrument.state
    state.document.correct(state.document.info, state.document.times, ())
    assert state.proof.checked is not None
    state.document.correct(state.document.info, state.document.times[:-3], ())
    assert state.proof.checked is None
    assert not checked.workspace.timeline.scores.isVisible()


def test_a_file_that_is_made_again_loses_its_proof_and_is_offered(checked, made, qtbot):
    state = checked.instrument.state
    checked.instrument.encoding.start(made)
    qtbot.waitUntil(lambda: state.proof.offered, timeout=30_000)
    assert state.proof.checked is None


def test_a_file_that_is_no_video_is_told_in_a_sentence(planned, tmp_path, qtbot):
    (tmp_path / "notes.mp4").write_text("no video")
    check(planned, tmp_path / "notes.mp4", qtbot)
    qtbot.waitUntil(lambda: planned.dialogs.current is not None)
    assert "notes.mp4" in planned.dialogs.current.sentence.text()
    planned.dialogs.current.close()
    assert planned.instrument.state.proof.checked is None


@pytest.mark.skipif(find_spec("imageio_ffmpeg") is None, reason="the extra vmaf is not installed")
def test_vmaf_is_measured_where_it_is_asked_for(planned, made, qtbot):
    do(planned, qtbot, "proof.vmaf")
    check(planned, made, qtbot)
    proof, box = planned.instrument.state.proof, planned.workspace.timeline.scores.legend.box
    assert proof.checked.report.metrics.vmaf is not None
    assert box.model().item(3).isEnabled()
    box.activated.emit(3)
    assert planned.workspace.timeline.scores.legend.value.text().startswith("<b>")
    assert "VMAF" in planned.workspace.side.schedule.proof.facts["Measured"].text()


def test_two_hours_are_drawn_in_columns_that_keep_the_worst_frame(qtbot):
    from app.views.score_lane import ScoreLane
    from app.views.scrub_box import ScrubBox

    state, frames, most = AppState(Settings()), 432_000, 1500
    values = 40 + np.sin(np.arange(frames) / 1000)
    values[123_457] = 20
    state.document.times = np.arange(frames) / 60
    lane = ScoreLane(state, SimpleNamespace(seek_time=lambda _: None), ScrubBox())
    qtbot.addWidget(lane)
    segments = (SimpleNamespace(start=0, stop=frames, value=20),)
    schedule = SimpleNamespace(segments=segments, mode="qp", encoder="libx264")
    off = np.zeros(frames, dtype=bool)
    off[[5, 6, 200_000]] = True
    found = SimpleNamespace(types=np.full(frames, "P"), qp=np.full(frames, 20.0))
    report = SimpleNamespace(read_back=found)
    scores = {"xpsnr": values, "bits": values}
    walk = {"xpsnr": worst_frames(values, state.document.times, [(0, frames)])}
    state.proof.checked = Checked(Path("out.mp4"), schedule, report, scores, walk, off)
    lane.draw(0, frames, lambda frame: frame / 60, most)
    _, y = lane.line.getData()
    assert len(y) <= 2 * most
    assert y.min() == 20
    assert len(lane.marks.off_plan.getData()[0]) == 2 * 2  # two columns
    assert walk["xpsnr"][0] == 123_457


@pytest.mark.parametrize("seed", range(5))
def test_worst_frames_rise_and_keep_apart(seed):
    rng = np.random.default_rng(seed)
    frames = 400
    times = np.cumsum(rng.uniform(0.01, 0.08, frames))  # frames last differently long
    values = np.round(40 + rng.normal(0, 1, frames).cumsum() / 5, 1)  # some are equal
    parts = [(0, 150), (150, 160), (160, frames)]
    walk = worst_frames(values, times, parts)
    lowest = [start + int(np.argmin(values[start:stop])) for start, stop in parts]
    assert walk[0] in np.flatnonzero(values == values.min())
    assert list(values[walk]) == sorted(values[walk])
    assert set(lowest) <= set(walk.tolist())
    for a in walk:
        for b in walk:
            if a < b and not {a, b} <= set(lowest):
                assert times[b] - times[a] >= APART - 1e-9
    for frame in range(1, frames - 1):  # what is left out has a neighbour that is in
        if values[frame] < values[frame - 1] and values[frame] < values[frame + 1]:
            assert np.abs(times[walk] - times[frame]).min() < APART + 1e-9


def test_alike_frames_are_one():
    times = np.arange(100) / 25
    assert worst_frames(np.full(100, 100.0), times, [(0, 100)]).tolist() == [0]
