"""What an encode will come to, by trials of parts of it, against the encode itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reels import schedule, y4m

from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.schedule import expected as expected_module
from jndcore.schedule import set_value
from jndcore.schedule.encoding import encode
from jndcore.schedule.expected import Stopped, expect

LENGTHS, VALUES = (300, 40, 1, 90), (22, 17, 19, 26)


@pytest.fixture(scope="module")
def reel(tmp_path_factory):
    return y4m(tmp_path_factory.mktemp("reel") / "reel.y4m", LENGTHS, (160, 96))


def planned(reel, values=VALUES, lengths=LENGTHS, **fields):
    with open_video(reel) as reader:
        return schedule(lengths, values, video=reader.info.identity, **fields)


def real_bytes(video, plan, folder) -> int:
    *_, last = encode(video, plan, folder / "out.mp4")
    return last.bytes


@pytest.mark.parametrize(("mode", "values"), [("qp", VALUES), ("crf", (19.5, 15.0, 16.0, 23.5))])
def test_it_comes_near_a_real_encode(reel, tmp_path, mode, values):
    plan = planned(reel, values, mode=mode)
    found, real = expect(plan, reel), real_bytes(reel, plan, tmp_path)
    assert found.bytes == pytest.approx(real, rel=0.1)
    assert abs(found.bytes - real) <= found.doubt * found.bytes
    assert found.kbps == pytest.approx(found.bytes * 8 / 1000 / plan.video.duration, rel=1e-3)
    assert found.parts == found.trials == 12  # none across a key frame, of which there is one every 125


def test_segments_shorter_than_a_trial_are_known_to_a_few_bytes(tmp_path):
    lengths = (24, 2, 20)
    reel = y4m(tmp_path / "short.y4m", lengths)
    plan = planned(reel, (30, 24, 35), lengths)
    assert expect(plan, reel).bytes == pytest.approx(real_bytes(reel, plan, tmp_path), abs=10)


def test_it_goes_by_the_schedules_encoder(tmp_path):
    reel = y4m(tmp_path / "hevc.y4m", (60,))
    plan = planned(reel, (24,), (60,), encoder="libx265", preset="ultrafast")
    assert expect(plan, reel).bytes == pytest.approx(real_bytes(reel, plan, tmp_path), rel=0.05)


def test_segments_that_nothing_was_encoded_of_follow_their_neighbours(reel, monkeypatch):
    lengths = (60,) * 7 + (11,)
    plan = planned(reel, (21, 24, 20, 22, 23, 20, 23, 21), lengths)
    whole = expect(plan, reel)
    monkeypatch.setattr(expected_module, "TRIALS", 4)
    monkeypatch.setattr(expected_module, "FEWEST", 4)
    some = expect(plan, reel)
    assert (whole.trials, whole.parts, some.trials, some.parts) == (15, 15, 4, 8)
    assert some.bytes == pytest.approx(whole.bytes, rel=0.25)
    assert abs(some.bytes - whole.bytes) <= some.doubt * some.bytes
    assert some.doubt > whole.doubt


def test_an_edit_encodes_just_what_it_changed(reel):
    plan, known, told = planned(reel), {}, []
    before = expect(plan, reel, known=known)
    assert len(known) == 12
    assert expect(plan, reel, known=known, progress=told.append) == before
    assert told == []
    edited = set_value(plan, 1, 25)
    after = expect(edited, reel, known=known)
    assert {(part.start, part.value) for part in list(known)[12:]} == {(300, 25)}
    assert after.bytes < before.bytes
    expect(replace(plan, preset="ultrafast"), reel, known=known)
    assert len(known) == 25


def test_progress_rises_and_can_end_it(reel):
    plan, known, told = planned(reel), {}, []

    def progress(done: float) -> None:
        told.append(done)
        if done >= 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        expect(plan, reel, known=known, progress=progress)
    assert told == sorted(told)
    assert len(told) > 100  # at each frame, so that nobody waits
    assert len(known) == 6  # and what was found is not lost


def test_another_video_is_refused(reel, tmp_path):
    other = y4m(tmp_path / "other.y4m", (8,))
    with pytest.raises(JNDError, match="not the video that was planned"):
        expect(planned(reel), other)
