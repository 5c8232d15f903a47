import json
from pathlib import Path

import numpy as np
import pytest
from reels import analysis, schedule
from scipy.stats import norm

from jndcore.errors import JNDError
from jndcore.schedule import Predicted, Segment, is_schedule, plan, read_schedule, write_schedule


@pytest.mark.parametrize(
    "planned",
    [
        plan(
            analysis([50, 300], np.linspace(20, 40, 350)),
            level=2,
            share=82.5,
            encoder="libx265",
            preset="slow",
        ),
        plan(analysis([50], [25.0], extrapolated=("HDR (PQ)",)), level=3, share=50, force=True),
        schedule([10, 20], [22.5, 30.0], mode="crf"),
        schedule([10], [22], segments=(Segment(0, 10, 22, Predicted()),), variable_frame_rate=True),
    ],
)
def test_a_file_gives_back_what_was_written(planned, tmp_path: Path) -> None:
    path = tmp_path / "Über S.json"
    write_schedule(planned, path)
    assert read_schedule(path) == planned
    assert is_schedule(path)
    assert [p.name for p in tmp_path.iterdir()] == ["Über S.json"]


def test_the_file_holds_all_that_proof_needs(tmp_path: Path) -> None:
    write_schedule(plan(analysis([50, 60], [24.0, 31.0]), level=2, share=75), tmp_path / "s.json")
    document = json.loads((tmp_path / "s.json").read_text())
    assert document["format_version"] == 1
    video = document["video"]
    assert (video["size"], video["head_sha256"], video["frames"]) == (4321, "ab" * 32, 110)
    assert (video["time_base"], video["fps"], document["variable_frame_rate"]) == ("1/12800", 25.0, False)
    for name, value in {
        "mode": "qp",
        "level": 2,
        "share": 75.0,
        "encoder": "libx264",
        "preset": "medium",
    }.items():
        assert document[name] == value
    assert (document["model"], document["model_sha256"]) == ("scopenet.test", "cd" * 32)
    last = document["segments"][1]
    assert (last["start"], last["stop"], last["value"]) == (50, 110, 35)
    assert set(last["predicted"]) >= {"jnd", "sur_sd", "err", "share_no_further_loss", "share_no_loss"}


def test_a_qp_edited_in_the_file_brings_its_own_shares(tmp_path: Path) -> None:
    planned = plan(analysis([50, 60], [24.0, 31.0]), level=2, share=75)
    write_schedule(planned, tmp_path / "s.json")
    document = json.loads((tmp_path / "s.json").read_text())
    document["segments"][1]["value"] = 29
    document["segments"][0]["predicted"]["share_no_loss"] = round(
        document["segments"][0]["predicted"]["share_no_loss"], 1
    )
    (tmp_path / "s.json").write_text(json.dumps(document))
    first, second = read_schedule(tmp_path / "s.json").segments
    told, was = second.predicted, planned.segments[1].predicted
    viewers = norm(told.jnd + told.sur_sd * norm.ppf(0.75), told.sur_sd)
    first_viewers = norm(told.first_jnd + told.first_sur_sd * norm.ppf(0.75), told.first_sur_sd)
    assert told.share_no_further_loss == pytest.approx(100 * viewers.sf(29), abs=1e-6)
    assert told.share_no_loss == pytest.approx(100 * first_viewers.sf(29), abs=1e-6)
    assert (told.jnd, told.sur_sd, told.err, told.first_jnd) == (was.jnd, was.sur_sd, was.err, was.first_jnd)
    assert first.predicted.share_no_loss == document["segments"][0]["predicted"]["share_no_loss"]  # rounded


def damaged(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "s.json"
    write_schedule(schedule([30, 20], [26, 30]), path)
    document = json.loads(path.read_text())
    for place, value in changes.items():
        at = document
        *way, last = place.split("__")
        for step in way:
            at = at[int(step) if step.isdigit() else step]
        at[last] = value
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format_version": 2}, "format_version"),
        ({"segments__0__stop": 29}, "stops at frame 29 and the next starts at 30"),
        ({"segments__1__stop": 51}, "the segments reach from frame 0 to 51, the video from 0 to 50"),
        ({"segments__0__start": 1}, "the segments reach from frame 1"),
        ({"segments": []}, "there are no segments"),
        ({"segments__0__value": 26.5}, "a QP is an integer from 8 to 47, not 26.5"),
        ({"segments__0__value": 52}, "not 52"),
        ({"segments__0__value": "26"}, r"segments\.0\.value"),
        ({"segments__0__comment": "x"}, r"segments\.0\.comment"),
        ({"segments__0__predicted__jnd": float("nan")}, r"segments\.0\.predicted\.jnd"),
        ({"level": 4}, "level"),
        ({"share": 100.0}, "a share of viewers lies between 0 and 100 %"),
        ({"encoder": "libaom"}, "encoder"),
        ({"preset": "medium; rm"}, "no name of a preset"),
        ({"video__time_base": "0/1"}, "the time base"),
        ({"video__time_base": "1/0"}, "the time base"),
        ({"video__time_base": "soon"}, "the time base"),
        ({"mode": "vbr"}, "mode"),
    ],
)
def test_a_file_that_does_not_fit_together_gives_one_sentence(
    tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    path = damaged(tmp_path, **changes)
    with pytest.raises(JNDError, match=rf"s\.json: not a schedule that this version reads .*{says}") as error:
        read_schedule(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"not json", b"{}", b"[1]", b"\xff\xfe"])
def test_what_is_no_schedule_gives_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(content)
    assert not is_schedule(path)
    with pytest.raises(JNDError, match=r"s\.json: not a schedule that this version reads"):
        read_schedule(path)


def test_bad_names_and_places_leave_nothing_behind(tmp_path: Path) -> None:
    planned = schedule([10], [26])
    with pytest.raises(JNDError, match=r"s\.parquet: a schedule is a JSON file"):
        write_schedule(planned, tmp_path / "s.parquet")
    with pytest.raises(JNDError, match="cannot be written"):
        write_schedule(planned, tmp_path / "missing" / "s.json")
    with pytest.raises(JNDError, match="no such file"):
        read_schedule(tmp_path / "gone.json")
    assert list(tmp_path.iterdir()) == []
