import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
import videos
from typer.testing import CliRunner, Result

from jndcore.cli import app
from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.training.made import sources
from jndcore.training.made.footage import cut_video
from jndcore.training.made.make import Source, make_clips
from jndcore.training.made.motion import draw_move, move_still
from jndcore.training.made.scenes import draw_scene
from jndcore.training.made.sources import list_sources


def draw(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def jnd(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})


def luma(path: Path) -> np.ndarray:
    with open_video(path) as reader:
        return np.stack([frame.planes().y for frame in reader.frames()])


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``clips.csv`` with two stills, and ``videos/`` with two videos, one of them HDR."""
    folder = tmp_path_factory.mktemp("material")
    (folder / "stills").mkdir()
    (folder / "videos").mkdir()
    noise = draw(0).integers(0, 256, (45, 80, 3), dtype=np.uint8)
    for name in ("s1.png", "s2.png"):
        cv2.imwrite(str(folder / "stills" / name), cv2.resize(noise, (1440, 810)))
    (folder / "clips.csv").write_text("id,still,group\nk1,s1.png,g1\nk2,s2.png,g2\nk3,s1.png,g1\n")
    videos.encode(folder / "videos" / "b.mp4", frames=30, size=(704, 400), options={"preset": "ultrafast"})
    hdr = {"preset": "ultrafast", "x264-params": "transfer=smpte2084:colorprim=bt2020:colormatrix=bt2020nc"}
    videos.encode(folder / "videos" / "a.mkv", frames=24, size=(160, 96), options=hdr)
    (folder / "videos" / "README.md").write_text("Two videos.\n")
    return folder


@pytest.fixture(scope="module")
def made(material: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A clip of each kind and one scene more, with the seeds 0, 0 and 1."""
    still = Source("g1", material / "stills" / "s1.png")
    kinds = [still, Source("b", material / "videos" / "b.mp4", video=True), Source("", None)]
    folders = [tmp_path_factory.mktemp("made") / "clips" for _ in range(3)]
    for folder, seed in zip(folders, (0, 0, 1), strict=True):
        make_clips([*kinds, kinds[-1]], 4, folder, seed, lambda share: None)
    return folders


def test_a_seed_gives_the_same_clips_again(made: list[Path]) -> None:
    for name in ("m00000.mkv", "m00001.mkv", "m00002.mkv"):
        first, same, other = (luma(folder / name) for folder in made)
        assert first.shape == (24, 352, 640)
        np.testing.assert_array_equal(first, same)
        assert (first != other).any()
    assert (luma(made[0] / "m00002.mkv") != luma(made[0] / "m00003.mkv")).any()


def test_the_table_names_groups_and_what_was_used(made: list[Path]) -> None:
    with open(made[2] / "made.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["group"], row["source"], row["fps"], row["seed"]) for row in rows] == [
        ("g1", "s1.png", "30", "1"),
        ("b", "b.mp4", "25", "1"),
        ("m00002", "scene", "30", "1"),  # a scene is shown by no other clip
        ("m00003", "scene", "30", "1"),
    ]
    assert {path.name for path in made[2].iterdir()} == {*(f"m0000{i}.mkv" for i in range(4)), "made.csv"}


def test_progress_goes_to_the_end_and_a_second_run_is_refused(material: Path, tmp_path: Path) -> None:
    still, told = Source("g1", material / "stills" / "s1.png"), []
    make_clips([still], 2, tmp_path / "out", 0, told.append)
    assert told == [0.5, 1.0]
    with pytest.raises(JNDError, match=r"made\.csv: is there already"):
        make_clips([still], 2, tmp_path / "out", 1, told.append)


def test_material_that_cannot_be_used(tmp_path: Path) -> None:
    bad = tmp_path / "bad.webp"
    bad.write_bytes(b"no picture")
    with pytest.raises(JNDError, match=r"bad\.webp: cannot be read as a picture"):
        make_clips([Source("g", bad)], 1, tmp_path / "out", 0, lambda share: None)
    assert not list((tmp_path / "out").iterdir())
    short = videos.encode(tmp_path / "short.mkv", frames=20, size=(640, 352))
    small = videos.encode(tmp_path / "small.mkv", frames=30)
    with pytest.raises(JNDError, match=r"short\.mkv: has 20 frames; 24 are needed"):
        cut_video(short, draw(0))
    with pytest.raises(JNDError, match=r"small\.mkv: is smaller than 640x352"):
        cut_video(small, draw(0))


def test_sources_take_turns_and_pq_is_left_out(material: Path) -> None:
    said: list[str] = []
    listed = list_sources(material, material / "videos", said.append)
    assert [source.group for source in listed] == ["g1", "g2", *["b"] * 12, *[""] * 30]
    assert [source.video for source in listed] == [False] * 2 + [True] * 12 + [False] * 30
    assert len(said) == 1
    assert "a.mkv: HDR (PQ)" in said[0]
    assert len(list_sources(material, None, said.append)) == 32


def test_sources_that_are_missing(material: Path, tmp_path: Path) -> None:
    with pytest.raises(JNDError, match="holds no videos"):
        list_sources(material, tmp_path, lambda text: None)
    (tmp_path / "clips.csv").write_text("id,still,group\nk1,s1.png,g1\n")
    with pytest.raises(JNDError, match=r"s1\.png: is not there"):
        list_sources(tmp_path, None, lambda text: None)


def test_the_command(material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "PIECES", 1)
    monkeypatch.setattr(sources, "SCENES", 0)
    out = tmp_path / "made"
    asked = jnd("make-clips", material, "--videos", material / "videos", "--seed", 3, "-o", out)
    assert asked.exit_code == 0, asked.exception
    assert asked.stdout == f"{out / 'made.csv'}\n"
    assert "a.mkv: HDR (PQ), left out" in asked.stderr
    with open(out / "made.csv", newline="") as file:
        assert [(row["group"], row["seed"]) for row in csv.DictReader(file)] == [
            ("g1", "3"),
            ("g2", "3"),
            ("b", "3"),
        ]


def test_scenes_are_pictures_with_something_in_them() -> None:
    for seed in range(3):
        scene = draw_scene(draw(seed))
        assert scene.shape == (810, 1440, 3)
        assert scene.dtype == np.uint8
        assert scene.std() > 5


def test_a_static_camera_shows_the_same_but_for_grain() -> None:
    still = draw(5).integers(0, 256, (405, 720, 3), dtype=np.uint8)
    moves = [draw_move(draw(seed)) for seed in range(60)]
    static = [move for move in moves if not (any(move.velocity) or move.zoom or move.flow.any())]
    assert 5 < len(static) < 40
    calm = next(move for move in static if not move.grain)
    frames = move_still(still, calm, draw(0))
    assert all((frame == frames[0]).all() for frame in frames)
    panning = next(move for move in moves if move.velocity[0] > 2)
    frames = move_still(still, panning, draw(0))
    assert (frames[0] != frames[1]).any()
