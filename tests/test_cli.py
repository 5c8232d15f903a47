import csv
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest

from jndcore.cli import main
from jndcore.media import loop_video, open_video
from jndcore.results import read_analysis
from jndcore.schedule import Schedule, Segment, write_schedule


@pytest.fixture
def jnd(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run `jnd` with arguments; gives its exit code, stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["jnd", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_code:
            main()
        out, err = capsys.readouterr()
        return exit_code.value.code, out, err

    return run


def write_video(
    path: Path, frames: int = 12, width: int = 128, height: int = 96, pix_fmt: str = "yuv420p"
) -> Path:
    rng = np.random.default_rng(2)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24, options={"qp": "20"})
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        for _ in range(frames):
            picture = rng.integers(0, 255, (height, width, 3), dtype=np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode())
    return path


def test_analyze_writes_all_formats_with_the_same_numbers(jnd: Callable, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4")
    outs = [tmp_path / f"a{suffix}" for suffix in (".parquet", ".csv", ".json")]
    code, out, _ = jnd("analyze", video, *(word for path in outs for word in ("-o", path)))
    assert code == 0
    assert out.split() == [str(path) for path in outs]
    table = pq.read_table(outs[0]).to_pydict()
    with open(outs[1], newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["frame"]) for row in rows] == table["frame"] == list(range(12))
    assert [float(row["jnd3"]) for row in rows] == table["jnd3"]
    assert [row["err1"] for row in json.loads(outs[2].read_text())["frames"]] == table["err1"]
    assert all(
        8 <= a <= b <= c <= 47 for a, b, c in zip(table["jnd1"], table["jnd2"], table["jnd3"], strict=True)
    )


def test_the_file_names_the_video_the_model_and_the_label(jnd: Callable, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4")
    jnd("analyze", video, "-o", tmp_path / "a.parquet")
    header = json.loads(pq.read_schema(tmp_path / "a.parquet").metadata[b"jndscope"])
    assert header["video"]["name"] == "a.mp4"
    assert header["video"]["size"] == video.stat().st_size
    assert (header["video"]["width"], header["video"]["height"], header["video"]["fps"]) == (128, 96, 24.0)
    assert header["model"].startswith("scopenet.")
    assert len(header["model_sha256"]) == 64
    assert "75 % SUR" in header["label"]
    assert header["version"]


def test_video_outside_the_labels_is_marked_in_the_file_and_said(jnd: Callable, tmp_path: Path) -> None:
    video = write_video(tmp_path / "ten.mp4", pix_fmt="yuv420p10le", width=640, height=360)
    _, _, err = jnd("analyze", video, "-o", tmp_path / "ten.json", "--every", 6)
    assert any("10" in why for why in read_analysis(tmp_path / "ten.json").video.extrapolated)
    assert "extrapolated: 10" in err


def test_several_videos_fill_a_folder(jnd: Callable, tmp_path: Path) -> None:
    videos = [write_video(tmp_path / name, frames=3) for name in ("a.mp4", "b.mkv")]
    folder = tmp_path / "out"
    folder.mkdir()
    assert jnd("analyze", *videos, "-o", folder)[0] == 0
    assert sorted(path.name for path in folder.iterdir()) == ["a.parquet", "b.parquet"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a.mp4", "-o", "a.xlsx"], r"a\.xlsx: unknown kind of analysis file; name it"),
        (["a.mp4", "-o", "missing/a.csv"], r"missing/a\.csv: its folder does not exist"),
        (["gone.mp4", "-o", "a.csv"], r"gone\.mp4"),
        (["a.mp4", "-o", "a.csv", "--model", "nobody.none"], "nobody.none: no such model"),
        (["a.mp4", "-o", "a.csv", "--device", "tpu"], "tpu: no such device"),
        (["a.mp4", "-o", "a.csv", "--start", "500"], r"frames 500 to"),
        (["a.mp4", "a.mp4", "-o", "."], "two of the videos would write this file"),
        (["a.mp4", "-o", "a.csv", "--every", "0"], "Invalid value for '--every'"),
        (["a.mp4"], "Missing option"),
    ],
)
def test_bad_usage_is_one_sentence_and_code_2(
    jnd: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_video(Path("a.mp4"), frames=3)
    code, out, err = jnd("analyze", *arguments)
    assert code == 2
    assert out == ""
    assert re.search(says, " ".join(err.replace("│", " ").split()))
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_interrupting_leaves_no_half_file(tmp_path: Path) -> None:
    video = tmp_path / "long.mp4"
    loop_video(write_video(tmp_path / "short.mp4", frames=100, width=640, height=360), video, times=60)
    command = [
        sys.executable,
        "-u",
        "-m",
        "jndcore",
        "analyze",
        str(video),
        "-o",
        str(tmp_path / "long.parquet"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: any(file.path == str(video) for file in psutil.Process(process.pid).open_files()))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert "interrupted" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.mp4", "short.mp4"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_command_that_is_told_to_end_leaves_no_half_file(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    video, plan = tmp_path / "long.mp4", tmp_path / "plan.json"
    loop_video(write_video(tmp_path / "short.mp4", frames=30, width=640, height=360), video, times=30)
    with open_video(video) as reader:
        whole = (Segment(0, len(reader), 20),)
        write_schedule(
            Schedule(reader.info.identity, False, "qp", 1, 75.0, "a.b", "00", "libx264", "slow", whole), plan
        )
    there = sorted(path.name for path in tmp_path.iterdir())
    command = [
        sys.executable,
        "-m",
        "jndcore",
        "encode",
        video,
        "--schedule",
        plan,
        "-o",
        tmp_path / "out.mp4",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: any(p.name.startswith(".out-") and p.stat().st_size for p in tmp_path.iterdir()))
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert out == ""
    assert f"ended by {number.name}; no half-written file is left" in err
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == there


def wait_until(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_info_prints_what_the_reader_sees(jnd: Callable, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", frames=12, width=128, height=96)
    code, out, _ = jnd("info", video)
    assert code == 0
    for fact in (
        "128x96",
        "h264",
        "yuv420p",
        "8 bits",
        "12, 1 of them key frames",
        "24.000 a second",
        "progressive",
    ):
        assert fact in " ".join(out.split())
    assert jnd("info", tmp_path / "gone.mp4")[0] == 2


def test_version_and_help(jnd: Callable) -> None:
    assert jnd("--version")[:2][0] == 0
    code, out, _ = jnd("analyze", "--help")
    assert code == 0
    assert "x264 -qp" in " ".join(out.split())
