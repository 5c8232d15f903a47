from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from reels import analysis, y4m
from typer.testing import CliRunner

from jndcore.commands import planning
from jndcore.commands.schedule import schedule
from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.results import Analysis, write_analysis
from jndcore.schedule import Schedule, read_schedule
from jndcore.schedule.crf_match import match_crf
from jndcore.schedule.refinement import shipped_refinement

Jnd = Callable[..., tuple[int, str]]


@pytest.fixture
def jnd() -> Jnd:
    """Run the command; gives its exit code and what it says."""
    app = typer.Typer()
    app.command()(schedule)

    def run(*arguments: object) -> tuple[int, str]:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
        if isinstance(result.exception, JNDError):
            return 2, str(result.exception)
        return result.exit_code, " ".join(result.stderr.replace("│", " ").split())

    return run


@pytest.fixture
def reel(tmp_path: Path) -> Path:
    return y4m(tmp_path / "reel.y4m", [30, 26])


@pytest.fixture
def analysed(reel: Path) -> Analysis:
    with open_video(reel) as reader:
        found = replace(reader.info.identity, extrapolated=())
    return replace(analysis([30, 26], [24.4, 31.4]), video=found)


@pytest.mark.parametrize(("encoder", "preset"), [("libx264", "veryfast"), ("libsvtav1", "10")])
def test_crfs_are_found_by_encoding(
    jnd: Jnd, reel: Path, analysed: Analysis, tmp_path: Path, encoder: str, preset: str
) -> None:
    write_analysis(analysed, tmp_path / "a.parquet")
    options = ["--mode", "crf", "--refine", "--video", reel, "--encoder", encoder, "--preset", preset]
    code, said = jnd(tmp_path / "a.parquet", "-o", tmp_path / "s.json", *options)
    assert code == 0
    found = read_schedule(tmp_path / "s.json")
    assert (found.mode, found.encoder, found.preset) == ("crf", encoder, preset)
    assert "warning: the levels are as predicted, without a probe's correction" in said
    assert "not for this analysis by scopenet.test" in said
    assert "warning: each segment's CRF has the mean XPSNR of x264 -qp N" in said
    assert [round(s.predicted.jnd or 0, 1) for s in found.segments] == [24.4, 31.4]
    if encoder == "libsvtav1":  # it does the same each time
        qps = tmp_path / "q.json"
        jnd(tmp_path / "a.parquet", "-o", qps)
        assert match_crf(read_schedule(qps), reel, encoder=encoder, preset=preset).segments == found.segments


def test_levels_are_corrected_where_a_correction_is_fitted(
    jnd: Jnd, reel: Path, analysed: Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = shipped_refinement()
    mine = replace(analysed, model=shipped.model, model_sha256=shipped.model_sha256)
    write_analysis(mine, tmp_path / "a.parquet")
    given: list[Schedule] = []

    def matched(planned: Schedule, *_: object, **__: object) -> Schedule:
        given.append(planned)
        return replace(planned, mode="crf")

    monkeypatch.setattr(planning, "match_crf", matched)
    options = ["--mode", "crf", "--refine", "--video", reel, "--encoder", "libx265"]
    code, said = jnd(tmp_path / "a.parquet", "-o", tmp_path / "s.json", *options)
    assert code == 0
    assert "warning: refined by a probe of each shot" in said
    assert "without a probe's correction" not in said
    assert (given[0].mode, given[0].encoder, given[0].preset) == ("qp", "libx264", "medium")
    assert given[0].segments[0].predicted.jnd != pytest.approx(24.4)


def test_without_refine_a_map_tells(
    jnd: Jnd, analysed: Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_analysis(analysed, tmp_path / "a.parquet")
    monkeypatch.setattr(planning, "by_map", lambda planned: replace(planned, mode="crf", warnings=("guess",)))
    code, said = jnd(tmp_path / "a.parquet", "-o", tmp_path / "s.json", "--mode", "crf")
    assert (code, said) == (0, "jnd: warning: guess")
    assert read_schedule(tmp_path / "s.json").mode == "crf"


def test_an_encoders_files_by_crf(jnd: Jnd, reel: Path, analysed: Analysis, tmp_path: Path) -> None:
    write_analysis(analysed, tmp_path / "a.parquet")
    options = ["--mode", "crf", "--refine", "--video", reel, "--encoder", "libsvtav1", "--preset", "10"]
    code, said = jnd(tmp_path / "a.parquet", "-o", tmp_path / "out", "--format", "av1an", *options)
    assert code == 0
    assert "format checked only" in said
    zones = (tmp_path / "out" / "zones.txt").read_text().splitlines()
    planned = read_schedule(tmp_path / "out" / "schedule.json")
    for zone, segment in zip(zones, planned.segments, strict=True):
        assert f" svt-av1 reset --preset 10 --crf {segment.value:g} " in zone


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--encoder", "libsvtav1"], r"libsvtav1: AV1 has no QPs .*--mode crf --refine --video"),
        (["--mode", "qp", "--encoder", "libsvtav1"], "AV1 has no QPs"),
        (["--mode", "crf", "--encoder", "libx265"], "libx265 with preset medium: .*--refine --video"),
        (["--mode", "crf", "--encoder", "libsvtav1"], "libsvtav1 with preset 8: .*--refine --video"),
        (["--mode", "crf", "--preset", "slow"], "libx264 with preset slow: .*--refine --video"),
        (["--mode", "crf", "--vmaf"], "--vmaf says how CRFs are matched .* needs --mode crf --refine"),
        (["--refine", "--video", "reel.y4m", "--vmaf"], "--vmaf says how CRFs are matched"),
        (["--mode", "abr"], "--mode abr: plan by qp or by crf"),
        (["--mode", "crf", "--refine"], "name it with --video"),
        (
            ["--mode", "crf", "--encoder", "libsvtav1", "--preset", "medium"],
            "'medium': name .* libsvtav1: 0, 1",
        ),
        (["--mode", "crf", "--encoder", "libsvtav1", "--preset", "14"], "name a preset of libsvtav1"),
        (["--preset", "8"], "'8': name a preset of libx264: ultrafast"),
        (
            ["--format", "x265", "--mode", "crf", "--refine", "--video", "reel.y4m"],
            "x265: it would not follow",
        ),
        (
            [
                "--format",
                "x264",
                "--encoder",
                "libsvtav1",
                "--mode",
                "crf",
                "--refine",
                "--video",
                "reel.y4m",
            ],
            "x264: the schedule is for libsvtav1",
        ),
        (
            ["--mode", "crf", "--refine", "--video", "other.y4m"],
            r"other\.y4m: not the video that was planned",
        ),
    ],
)
def test_bad_usage_is_one_sentence_before_anything_is_encoded(
    jnd: Jnd,
    analysed: Analysis,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    options: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_analysis(analysed, Path("a.parquet"))
    y4m(Path("other.y4m"), [20])
    code, said = jnd("a.parquet", "-o", "out" if "--format" in options else "s.json", *options)
    assert code == 2
    assert re.search(says, said)
    assert sorted(path.name for path in Path().iterdir()) == ["a.parquet", "other.y4m", "reel.y4m"]


def test_a_schedule_is_not_planned_again(jnd: Jnd, analysed: Analysis, tmp_path: Path) -> None:
    write_analysis(analysed, tmp_path / "a.parquet")
    jnd(tmp_path / "a.parquet", "-o", tmp_path / "s.json")
    code, said = jnd(tmp_path / "s.json", "-o", tmp_path / "t.json", "--mode", "crf")
    assert code == 2
    assert "planned already" in said
    assert json.loads((tmp_path / "s.json").read_text())["mode"] == "qp"
