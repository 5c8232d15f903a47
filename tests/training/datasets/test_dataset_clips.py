import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from jndcore.errors import JNDError
from jndcore.media import Encode, Planes, open_video
from jndcore.media.versions import x264_version
from jndcore.training.datasets import Dataset, open_dataset
from jndcore.training.datasets import jnd_frames as under_test
from jndcore.training.datasets.jnd_frames import content_key, jnd_planes


@pytest.fixture
def root(clips: Path, tmp_path: Path) -> Path:
    """A copy of the labelled clips with a column `split`."""
    root = Path(shutil.copytree(clips, tmp_path / "set"))
    lines = (root / "clips.csv").read_text().splitlines()
    splits = ["split", *("valid" if i % 4 == 0 else "train" for i in range(8))]
    (root / "clips.csv").write_text("".join(f"{line},{s}\n" for line, s in zip(lines, splits, strict=True)))
    return root


def opened(root: Path, cache: Path | None = None) -> Dataset:
    return open_dataset("clips", root, rendered=root / "rendered", cache=cache)


def test_labels_and_splits_are_the_tables(root: Path) -> None:
    dataset = opened(root)
    assert (dataset.scale, len(dataset.items)) == ("x264 QP", 8)
    item = dataset.items[4]
    assert (item.name, item.group, item.split) == ("k4", "g0", "valid")
    assert item.jnd == (18 + 27 / 4, 23 + 27 / 4, 26 + 27 / 4)
    assert item.sd == (4.68, 2.79, 1.95)
    assert item.source.video == root / "rendered" / "k4.mkv"


def test_a_table_without_splits_assigns_none(clips: Path) -> None:
    assert {item.split for item in opened(clips).items} == {""}


def test_a_group_in_two_splits_is_refused(root: Path) -> None:
    text = (root / "clips.csv").read_text()
    (root / "clips.csv").write_text(text.replace("valid", "train", 1))
    with pytest.raises(JNDError, match=r"1 sources lie in more than one split \(g0 in train and valid\)"):
        opened(root)


def test_an_unknown_split_is_refused(root: Path) -> None:
    text = (root / "clips.csv").read_text()
    (root / "clips.csv").write_text(text.replace("valid", "validation"))
    with pytest.raises(JNDError, match=r"clips\.csv: row k0 is in split 'validation'; name it train, valid"):
        opened(root)


def test_missing_clips_are_told_at_once(root: Path) -> None:
    for stem in ("k1", "k6"):
        (root / "rendered" / f"{stem}.mkv").unlink()
    with pytest.raises(JNDError, match=r"2 of 8 clips are missing \(k1\.mkv, k6\.mkv\)"):
        opened(root)


def by_hand(clip: Path, qp: int, out: Path, threads: int = 1) -> list[np.ndarray]:
    """Frames, blue first, of a file that FFmpeg's libx264 wrote."""
    with av.open(str(clip)) as given, av.open(str(out), "w") as target:
        options = {"qp": str(qp), "preset": "medium", "threads": str(threads)}
        stream = target.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height = given.streams.video[0].width, given.streams.video[0].height
        stream.pix_fmt = "yuv420p"
        for frame in given.decode(video=0):
            frame.pict_type = (
                av.video.frame.PictureType.NONE
            )  # else each would be coded as the key frame it was
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    with open_video(out) as reader:
        return [frame.rgb()[..., ::-1] for frame in reader.frames()]


@pytest.mark.parametrize("cached", [True, False])
def test_jnd_frames_are_what_ffmpeg_would_write(root: Path, tmp_path: Path, cached: bool) -> None:
    item = opened(root, tmp_path / "a" / "cache" if cached else None).items[3]
    frames = item.source.frames(4)
    with open_video(root / "rendered" / "k3.mkv") as reader:
        every = [frame.rgb()[..., ::-1] for frame in reader.frames()]
    numbers = [1, 5, 8, 12]
    for mine, n in zip(frames, numbers, strict=True):
        np.testing.assert_array_equal(mine, every[n])
    for level in (1, 2, 3):
        expected = by_hand(root / "rendered" / "k3.mkv", round(item.jnd[level - 1]), tmp_path / "coded.mkv")
        for _ in range(2):  # the second time from the cache
            coded = item.source.at_jnd(level, 4)
            for mine, n in zip(coded, numbers, strict=True):
                np.testing.assert_array_equal(mine, expected[n])


def test_frames_do_not_hang_on_the_number_of_cores(
    root: Path, tmp_path: Path, make_clip: Callable[..., None]
) -> None:
    """In this large a picture x264 cuts a slice for each of several threads."""
    clip = root / "rendered" / "k0.mkv"
    make_clip(clip, 3, 20.0, frames=6, size=(320, 240))
    item = opened(root).items[0]
    qp = round(item.jnd[0])
    (mine,) = item.source.at_jnd(1, 1)
    np.testing.assert_array_equal(mine, by_hand(clip, qp, tmp_path / "one.mkv")[3])
    assert (mine != by_hand(clip, qp, tmp_path / "four.mkv", threads=4)[3]).any()


@pytest.mark.parametrize(("label", "qp"), [(3.2, 8), (50.4, 47), (21.6, 22)])
def test_the_qp_is_rounded_and_kept_in_the_usable_range(
    root: Path, monkeypatch: pytest.MonkeyPatch, label: float, qp: int
) -> None:
    asked = []

    def encode(source: list[Planes], qp: int, **options: object) -> Encode:
        asked.append((qp, options["preset"]))
        return Encode(source, 0)

    monkeypatch.setattr(under_test, "measure_x264", encode)
    (root / "clips.csv").write_text(f"id,group,jnd1,jnd2,jnd3\nk0,g,{label},{label + 1},{label + 2}\n")
    opened(root).items[0].source.at_jnd(1, 1)
    assert asked == [(qp, "medium")]


@pytest.fixture
def source(make_clip: Callable[..., None], tmp_path: Path) -> list[Planes]:
    make_clip(tmp_path / "clip.mkv", 5, 20.0, frames=4, size=(64, 80))
    with open_video(tmp_path / "clip.mkv") as reader:
        return [frame.planes() for frame in reader.frames()]


def same(a: Planes, b: Planes) -> bool:
    return all(np.array_equal(getattr(a, plane), getattr(b, plane)) for plane in "yuv")


def test_what_is_cached_is_not_encoded_again(
    source: list[Planes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    first = jnd_planes(source, 30, [0, 2], cache=cache)
    assert len(list(cache.iterdir())) == 2
    monkeypatch.setattr(under_test, "measure_x264", lambda *a, **k: pytest.fail("encoded again"))
    again = jnd_planes(source, 30, [2, 0], cache=cache)
    assert same(first[0], again[1])
    assert same(first[1], again[0])
    assert all(plane.flags.c_contiguous for plane in (again[0].y, again[0].u, again[0].v))


def test_the_key_is_of_the_content_the_qp_and_the_library(
    source: list[Planes], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = content_key(source, 30)
    assert content_key([Planes(p.y.copy(), p.u.copy(), p.v.copy()) for p in source], 30) == key
    v = source[3].v.copy()
    v[-1, -1] ^= 1
    others = {content_key([*source[:3], Planes(source[3].y, source[3].u, v)], 30), content_key(source, 31)}
    monkeypatch.setattr(under_test, "x264_version", lambda: "core 999")
    others.add(content_key(source, 30))
    assert len(others | {key}) == 4


def test_frames_that_an_earlier_version_cached_are_not_taken(source: list[Planes]) -> None:
    """It gave x264 as many threads as there were cores, and did not say so in the key."""
    earlier = hashlib.sha256(f"80x64 -qp 30 -preset medium {x264_version()}\n".encode())
    for planes in source:
        for plane in (planes.y, planes.u, planes.v):
            earlier.update(plane.tobytes())
    assert content_key(source, 30) != earlier.hexdigest()


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text", "other size"])
def test_a_damaged_file_of_the_cache_is_made_anew(source: list[Planes], tmp_path: Path, damage: str) -> None:
    cache = tmp_path / "cache"
    first = jnd_planes(source, 30, [1, 3], cache=cache)
    path = min(cache.iterdir())
    whole = path.read_bytes()
    if damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "flip":
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    elif damage == "other size":
        other = jnd_planes(
            [Planes(p.y[:32], p.u[:16], p.v[:16]) for p in source], 30, [1], cache=tmp_path / "b"
        )
        assert other[0].y.shape == (32, 80)
        path.write_bytes(next((tmp_path / "b").iterdir()).read_bytes())
    else:
        path.write_bytes(b"" if damage == "empty" else b"no archive")
    again = jnd_planes(source, 30, [1, 3], cache=cache)
    assert same(first[0], again[0])
    assert same(first[1], again[1])
    assert len(list(cache.iterdir())) == 2
    with np.load(path) as file:
        assert file["png"].dtype == np.uint8


def test_a_cache_that_cannot_be_made(source: list[Planes], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JNDError, match="cache: the cache cannot be made"):
        jnd_planes(source, 30, [0], cache=tmp_path / "file" / "cache")


def test_the_version_of_libx264_is_known() -> None:
    assert x264_version().startswith("core 1")
    assert x264_version() == x264_version()
