import csv
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from jndcore.cli import app
from jndcore.errors import JNDError
from jndcore.media import VIDEO_SUFFIXES
from jndcore.training.labelling import run, sweep
from jndcore.training.labelling.agreement import compare_tables
from jndcore.training.labelling.run import label_clips, list_clips
from jndcore.training.labelling.sweep import ALL_QPS, Sweep, sweep_clip
from jndcore.training.labelling.teacher import load_teacher
from jndcore.training.labelling.unfinished import Unfinished
from jndcore.training.labels import read_clips, read_rows

SIZE = (112, 128)
FEW = (24, 30, 36)
quiet: Callable[[float], None] = lambda share: None  # noqa: E731


def jnd(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, make_clip: Callable[..., None]) -> Path:
    """Three clips that can be labelled: a, b and c."""
    folder = tmp_path_factory.mktemp("to label")
    for i, name in enumerate("abc"):
        make_clip(folder / f"{name}.mkv", i, 5.0 + 10 * i, frames=24, size=SIZE)
    return folder


def test_coarser_encodes_are_smaller_and_worse(folder: Path, teacher_file: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    found = sweep_clip(folder / "b.mkv", load_teacher(teacher_file), FEW)
    assert tuple(found.qps) == FEW
    for falling in (found.size, found.vmaf, found.psnr):
        assert (np.diff(falling) < 0).all()
    assert np.isfinite(found.teacher).all()
    assert 100 >= found.vmaf[0] > found.vmaf[-1] >= 0
    assert found.rate == 8 * 25 / 24 * (1280 * 720) / (112 * 128)
    assert found.jnd[0] + 1 <= found.jnd[1]
    assert found.jnd[1] + 1 <= found.jnd[2]


@pytest.mark.parametrize(
    ("frames", "size", "why"),
    [(23, SIZE, "has 23 frames"), (24, (100, 128), "112"), (24, (113, 128), "even")],
)
def test_clips_that_cannot_be_labelled(
    frames: int,
    size: tuple[int, int],
    why: str,
    tmp_path: Path,
    make_clip: Callable[..., None],
    teacher_file: Path,
) -> None:
    make_clip(tmp_path / "x.mkv", 0, 5.0, frames=frames, size=size)
    with pytest.raises(JNDError, match=rf"x\.mkv: .*{why}"):
        sweep_clip(tmp_path / "x.mkv", load_teacher(teacher_file), FEW)


def test_the_command_writes_a_table_that_training_reads(
    folder: Path, teacher_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("imageio_ffmpeg")
    monkeypatch.setattr(sweep, "QUICK_QPS", FEW)
    known = tmp_path / "known.csv"
    heads = "id,group,still,jnd1,jnd2,jnd3,teacher45"
    known.write_text(f"{heads}\nc,same,s.webp,30,35,40,1\na,same,,20,25,30,1\nb,,,25,30,35,1\n")
    out = tmp_path / "clips.csv"
    asked = jnd(
        "label", folder, "--teacher", teacher_file, "--table", known, "--quick", "-o", out, "--compare", known
    )
    assert asked.exit_code == 0, asked.exception
    assert asked.stdout.splitlines()[0] == str(out)
    assert [line.split()[:2] for line in asked.stdout.splitlines()[2:]] == [
        [f"jnd{k}", "3"] for k in (1, 2, 3)
    ]
    clips = read_clips(tmp_path, folder)
    assert [(clip.name, clip.group, clip.moves) for clip in clips] == [
        ("c", "same", False),
        ("a", "same", True),
        ("b", "b", True),
    ]
    assert all(clip.measured for clip in clips)
    assert "teacher45" not in out.read_text()  # of the older table, and not measured now


def test_without_the_extra_nothing_starts(
    folder: Path, teacher_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    asked = jnd("label", folder, "--teacher", teacher_file, "-o", tmp_path / "out.csv")
    assert isinstance(asked.exception, JNDError)
    assert re.search(r"pip install 'jndscope\[vmaf\]'", str(asked.exception))
    assert not list(tmp_path.glob("*.csv"))


def test_a_folder_for_the_table_must_be_there(folder: Path, tmp_path: Path) -> None:
    asked = jnd("label", folder, "--teacher", "t.pt", "-o", tmp_path / "none" / "out.csv")
    assert isinstance(asked.exception, JNDError)
    assert "does not exist" in str(asked.exception)


def test_what_is_labelled(folder: Path, tmp_path: Path) -> None:
    assert list_clips(folder) == [{"id": name, "group": name} for name in "abc"]
    (tmp_path / "kinds").mkdir()
    for suffix in VIDEO_SUFFIXES:
        (tmp_path / "kinds" / f"{suffix[1:]}{suffix}").touch()
    assert len(list_clips(tmp_path / "kinds")) == len(VIDEO_SUFFIXES)
    made = tmp_path / "made.csv"
    made.write_text("id,group,source\nm0,g,x.webp\n")
    assert list_clips(tmp_path) == [{"id": "m0", "group": "g", "source": "x.webp"}]
    made.write_text("id,group\nm0,g\nm0,g\n")
    with pytest.raises(JNDError, match=r"made\.csv: 2 clips are called m0"):
        list_clips(tmp_path)
    made.write_text("name\nm0\n")
    with pytest.raises(JNDError, match=r"made\.csv: has no id"):
        list_clips(tmp_path)
    made.unlink()
    with pytest.raises(JNDError, match="holds no clips"):
        list_clips(tmp_path)


def test_missing_clips_are_named_before_any_work(folder: Path, teacher_file: Path, tmp_path: Path) -> None:
    rows = [{"id": name, "group": name} for name in ("a", "x", "y")]
    with pytest.raises(JNDError, match=r"2 of 3 clips are missing \(x, y\)"):
        label_clips(folder, rows, load_teacher(teacher_file), FEW, tmp_path / "out.csv", quiet)


def test_interrupting_ends_the_clips_under_way_and_writes_nothing(
    folder: Path, teacher_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(path: Path, teacher: object, qps: object, check: Callable[[], None]) -> None:
        while True:
            check()
            time.sleep(0.01)
            if path.stem == "a":
                raise KeyboardInterrupt

    monkeypatch.setattr(run, "sweep_clip", endless)
    with pytest.raises(KeyboardInterrupt):
        label_clips(folder, list_clips(folder), load_teacher(teacher_file), FEW, tmp_path / "out.csv", quiet)
    assert not list(tmp_path.glob("*.csv"))


def test_a_sweep_that_was_stopped_goes_on(
    folder: Path, teacher_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[str] = []
    kept_first = threading.Event()
    stop_at = "b"

    def sweep(path: Path, teacher: object, qps: object, check: Callable[[], None]) -> Sweep:
        if path.stem == stop_at:
            assert kept_first.wait(10)
            raise KeyboardInterrupt
        while path.stem == "a" and stop_at:  # the first clip takes longest
            check()
        swept.append(path.stem)
        curve = np.linspace(95, 40 + len(swept), 3)
        return Sweep(np.array([24, 30, 36]), curve, curve, curve, np.array([900, 400, 200]), 50.0)

    def progress(share: float) -> None:
        shares.append(share)
        kept_first.set()

    monkeypatch.setattr(run, "sweep_clip", sweep)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    out, shares = tmp_path / "out.csv", list[float]()
    label = partial(label_clips, folder, list_clips(folder), load_teacher(teacher_file), (24, 30, 36), out)
    with pytest.raises(KeyboardInterrupt):
        label(progress)
    (kept,) = tmp_path.glob("out.*.unfinished.csv")
    assert (swept, out.exists(), len(kept.read_text().splitlines())) == (["c"], False, 2)
    assert shares == pytest.approx([1 / 3])
    stop_at = ""
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    label(progress)
    assert swept == ["c", "a", "b"]
    assert shares == pytest.approx([1 / 3, 2 / 3, 1])
    assert list(tmp_path.iterdir()) == [out]
    assert [row["teacher36"] for row in read_rows(out, ("id",))] == ["42.00", "43.00", "41.00"]


def test_what_another_teacher_or_clip_gave_does_not_count(
    folder: Path, teacher_file: Path, tmp_path: Path
) -> None:
    out, clip = tmp_path / "out.csv", Path(shutil.copy(folder / "a.mkv", tmp_path))
    teacher = load_teacher(teacher_file)
    first = Unfinished(out, [clip, folder / "b.mkv"], teacher, FEW)
    first.keep(clip, {"jnd1": "20.00"})
    assert first.find(folder / "b.mkv") is None
    assert Unfinished(out, [clip], teacher, FEW).find(clip) == {"jnd1": "20.00"}
    other = load_teacher(teacher_file)
    other.fc2.bias.data += 1
    for by, qps in ((teacher, ALL_QPS), (load_teacher(teacher_file, half=True), FEW), (other, FEW)):
        assert Unfinished(out, [clip], by, qps).find(clip) is None
    before = Unfinished(out, [clip], teacher, FEW)
    clip.write_bytes(clip.read_bytes() + b"x")
    before.keep(clip, {"jnd1": "21.00"})  # found before the clip was written anew
    assert Unfinished(out, [clip], teacher, FEW).find(clip) is None


def test_a_file_that_a_crash_left_is_no_hindrance(folder: Path, teacher_file: Path, tmp_path: Path) -> None:
    clip, teacher = folder / "a.mkv", load_teacher(teacher_file)
    kept = Unfinished(tmp_path / "out.csv", [clip], teacher, FEW)
    kept.path.write_bytes(b"\xff")
    again = Unfinished(tmp_path / "out.csv", [clip], teacher, FEW)
    assert again.find(clip) is None
    again.keep(clip, {"jnd1": "20.00"})
    again.remove()
    assert not kept.path.exists()


def test_how_far_tables_agree(tmp_path: Path) -> None:
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for path, first in zip(paths, ((20, 21, 22, 30), (20, 23, 22, 30)), strict=True):
        with open(path, "w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["id", "jnd1", "vmaf95"])
            table.writerows([f"k{i}", qp, 31] for i, qp in enumerate(first))
    agreed = {a.column: a for a in compare_tables(*paths)}
    assert set(agreed) == {"jnd1", "vmaf95"}
    assert (agreed["jnd1"].clips, agreed["jnd1"].mean, agreed["jnd1"].largest) == (4, 0.5, 2.0)
    assert agreed["jnd1"].rank == pytest.approx(0.8)
    assert np.isnan(agreed["vmaf95"].rank)
    paths[1].write_text("id,jnd1\nk0,20\nk1,25\n")
    with pytest.raises(JNDError, match="shares 2 clips"):
        compare_tables(*paths)
