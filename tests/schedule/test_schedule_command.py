import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest
import typer
from reels import analysis, y4m
from typer.testing import CliRunner

from jndcore.commands.schedule import schedule
from jndcore.errors import JNDError
from jndcore.media import loop_video, open_video
from jndcore.results import write_analysis
from jndcore.schedule import read_schedule

Jnd = Callable[..., tuple[int, str, str]]


@pytest.fixture
def jnd() -> Jnd:
    """Run the command with arguments; gives its exit code, stdout and stderr, a JNDError as jnd prints it."""
    app = typer.Typer()
    app.command()(schedule)

    def run(*arguments: object) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
        if isinstance(result.exception, JNDError):
            return 2, result.stdout, str(result.exception)
        return result.exit_code, result.stdout, result.stderr

    return run


@pytest.fixture
def analysed(tmp_path: Path) -> Path:
    write_analysis(analysis([50, 60], [24.0, 31.0]), tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


def test_a_schedule_is_planned_and_written(jnd: Jnd, analysed: Path, tmp_path: Path) -> None:
    code, out, err = jnd(analysed, "-o", tmp_path / "s.json")
    assert (code, out, err) == (0, f"{tmp_path / 's.json'}\n", "")
    planned = read_schedule(tmp_path / "s.json")
    assert [segment.value for segment in planned.segments] == [24, 31]
    assert (planned.level, planned.share, planned.encoder, planned.preset) == (1, 75.0, "libx264", "medium")


def test_options_reach_the_plan(jnd: Jnd, analysed: Path, tmp_path: Path) -> None:
    arguments = ["--level", 2, "--share", 90, "--max-step", 3, "--encoder", "libx265", "--preset", "slow"]
    assert jnd(analysed, *arguments, "-o", tmp_path / "s.json")[0] == 0
    planned = read_schedule(tmp_path / "s.json")
    assert (planned.level, planned.share, planned.encoder, planned.preset) == (2, 90.0, "libx265", "slow")
    first, second = (segment.value for segment in planned.segments)
    assert second - first == 3


def test_an_encoders_files_come_with_their_command(jnd: Jnd, analysed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code, out, err = jnd(analysed, "--format", "x265", "-o", folder)
    assert code == 0
    assert {str(path) for path in folder.iterdir()} == set(out.split("\n\n")[0].splitlines())
    assert f"cd {folder}" in out
    assert "x265 --y4m" in out
    assert "verified by encoding" in err
    assert "--video names another place" in err
    assert read_schedule(folder / "schedule.json").encoder == "libx265"


def test_a_schedule_edited_by_hand_can_be_written_again(jnd: Jnd, analysed: Path, tmp_path: Path) -> None:
    jnd(analysed, "-o", tmp_path / "s.json")
    document = json.loads((tmp_path / "s.json").read_text())
    document["segments"][0]["value"] = 20
    (tmp_path / "s.json").write_text(json.dumps(document))
    assert jnd(tmp_path / "s.json", "--format", "x264", "-o", tmp_path / "out")[0] == 0
    assert (tmp_path / "out" / "zones.txt").read_text() == "0,49,q=20/50,109,q=31\n"
    code, _, err = jnd(tmp_path / "s.json", "--share", 80, "-o", tmp_path / "t.json")
    assert code == 2
    assert "planned already" in err


def test_a_guess_is_planned_with_force_and_warned_of(jnd: Jnd, tmp_path: Path) -> None:
    write_analysis(analysis([50], [24.0], extrapolated=("HDR (PQ)",)), tmp_path / "a.json")
    code, _, err = jnd(tmp_path / "a.json", "-o", tmp_path / "s.json")
    assert code == 2
    assert "--force" in err
    code, _, err = jnd(tmp_path / "a.json", "--force", "-o", tmp_path / "s.json")
    assert code == 0
    assert "warning: planned all the same: extrapolated (HDR (PQ))." in err


def test_the_video_is_looked_at_and_must_be_the_one_analysed(jnd: Jnd, tmp_path: Path) -> None:
    video = tmp_path / "film.mp4"
    with av.open(str(y4m(tmp_path / "reel.y4m", [50, 60]))) as given, av.open(str(video), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height = 96, 64
        for frame in given.decode(video=0):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with open_video(video) as reader:
        reel = replace(analysis([50, 60], [24.0, 31.0]), video=reader.info.identity)
    write_analysis(reel, tmp_path / "film.parquet")
    arguments = [tmp_path / "film.parquet", "--force", "--format", "ffmpeg", "-o", tmp_path / "out"]
    code, out, _ = jnd(*arguments, "--video", video)
    assert code == 0
    assert "bash encode.sh" in out
    assert f"file:{video}" in (tmp_path / "out" / "encode.sh").read_text()
    loop_video(video, tmp_path / "other.mp4", times=2)
    code, _, err = jnd(*arguments, "--video", tmp_path / "other.mp4")
    assert code == 2
    assert re.search(r"other\.mp4: not the video that was planned \(film\.mp4", err)


def test_frame_types_are_read_back_from_an_encode(jnd: Jnd, tmp_path: Path) -> None:
    """The cut comes too early for an IDR frame."""
    video = tmp_path / "e.mkv"
    params = "keyint=48:min-keyint=24:scenecut=100:bframes=0"
    with av.open(str(y4m(tmp_path / "reel.y4m", [20, 30]))) as given, av.open(str(video), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "veryfast", "x264-params": params})
        stream.width, stream.height = 96, 64
        for frame in given.decode(video=0):
            frame.pict_type = 0  # else every frame stays an I frame
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    write_analysis(analysis([50], [24.0]), tmp_path / "a.parquet")
    folder = tmp_path / "out folder"
    arguments = [tmp_path / "a.parquet", "--format", "x264-qpfile", "--types", video, "-o", folder]
    code, out_text, _ = jnd(*arguments)
    assert code == 0
    assert f"cd '{folder}'" in out_text
    found = [line.split()[1] for line in (folder / "frames.qp").read_text().splitlines()]
    assert found[:24] == ["I", *"P" * 19, "i", *"P" * 3]


def test_a_table_has_no_command_that_expects_the_video(jnd: Jnd, analysed: Path, tmp_path: Path) -> None:
    code, _, err = jnd(analysed, "--format", "csv", "-o", tmp_path / "out")
    assert code == 0
    assert "the command expects" not in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a.parquet", "-o", "s.txt"], r"s\.txt: a schedule is a JSON file"),
        (["a.parquet", "-o", "missing/s.json"], "cannot be written"),
        (["gone.parquet", "-o", "s.json"], r"gone\.parquet: no such file"),
        (["a.parquet", "-o", "s.json", "--share", "99"], "a share of 99 %"),
        (["a.parquet", "-o", "s.json", "--level", "4"], "Invalid value for '--level'"),
        (["a.parquet", "-o", "s.json", "--max-step", "0"], "Invalid value for '--max-step'"),
        (["a.parquet", "-o", "s.json", "--encoder", "libaom"], "libaom: a plan is for libx264, libx265 or"),
        (["a.parquet", "-o", "s.json", "--preset", "a b"], "name a preset"),
        (["a.parquet", "-o", "d", "--format", "vegas"], "vegas: no such target"),
        (["a.parquet", "-o", "d", "--format", "svt-av1"], "svt-av1: its scale is not H.264's"),
        (["a.parquet", "-o", "d", "--format", "x264", "--encoder", "libx265"], "plan for that one"),
        (["a.parquet", "-o", "s.json", "--preset", "nope"], "ultrafast, superfast"),
        (["a.parquet", "-o", "s.json", "--video", "v.mp4"], "name it with --format"),
        (["film.mp4", "-o", "s.json"], r"film\.mp4: neither an analysis nor a schedule; analyse"),
        (["a.parquet", "-o", "d", "--format", "x264", "--types", "t.txt"], "leave out --types"),
        (["a.parquet", "-o", "d", "--format", "x264-qpfile", "--types", "e.mkv"], "no such file"),
        (["a.parquet", "-o", "d", "--format", "ffmpeg"], "--video"),
        (["a.parquet", "-o", "d", "--format", "x264-qpfile"], "--types"),
        (
            ["a.parquet", "-o", "d", "--format", "x264-qpfile", "--types", "t.txt"],
            r"t\.txt: no readable text",
        ),
        (["a.parquet", "-o", "a.parquet", "--format", "x264"], "this folder cannot be made"),
    ],
)
def test_bad_usage_is_one_sentence_and_code_2(
    jnd: Jnd, analysed: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(analysed.parent)
    code, out, err = jnd(*arguments)
    assert (code, out) == (2, "")
    assert re.search(says, " ".join(err.replace("│", " ").split()))
    assert [path.name for path in Path().iterdir()] == ["a.parquet"]
