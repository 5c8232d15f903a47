from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.training.crops import BLOCK, coded_crop, picture_crop, shuffled
from jndcore.training.frames import PICTURES, TARGETS, ClipFrames, cache_frames
from jndcore.training.labels import Clip, read_clips


@pytest.fixture(scope="module")
def cached(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Clip], list[ClipFrames]]:
    known = read_clips(clips, clips / "rendered")
    told: list[float] = []
    frames = cache_frames(known, tmp_path_factory.mktemp("cache"), 0, lambda stage, share: told.append(share))
    assert told == [i / 8 for i in range(1, 9)]
    return known, frames


def test_frames_are_those_of_the_clip(cached: tuple[list[Clip], list[ClipFrames]]) -> None:
    clip, frames = cached[0][3], cached[1][3]
    assert frames.pictures.shape == (PICTURES, 2, 130, 198)
    with open_video(clip.path) as reader:
        lumas = [reader.read(n).luma().astype(int) for n in range(len(reader))]
        for luma, difference in frames.pictures:
            (n,) = [n for n, other in enumerate(lumas) if np.array_equal(luma, other)]
            changes = [np.clip(128 + 4 * (lumas[n] - lumas[m]), 0, 255) for m in (n - 1, n + 1)]
            assert any(np.array_equal(difference, change) for change in changes)
        for t, n in enumerate(TARGETS):
            planes = reader.read(n).planes()
            for kept, plane in zip(
                (frames.y, frames.u, frames.v), (planes.y, planes.u, planes.v), strict=True
            ):
                np.testing.assert_array_equal(kept[0, t], plane)
            here, beside = frames.version(0, t), frames.beside(t)
            np.testing.assert_array_equal(here.v, planes.v)
            for m, other in zip((n - 1, n + 1), beside, strict=True):
                np.testing.assert_array_equal(other.y, lumas[m])
                np.testing.assert_array_equal(other.u, reader.read(m).planes().u)


def test_encodes_are_at_the_labels_qps_and_worse_the_higher(
    cached: tuple[list[Clip], list[ClipFrames]],
) -> None:
    for clip, frames in zip(*cached, strict=True):
        np.testing.assert_array_equal(frames.qps[:3], np.rint(clip.jnd))
        assert 10 <= frames.qps[3] <= 40
        error = np.square(frames.y[1:4].astype(float) - frames.y[0]).mean((1, 2, 3))
        assert 0 < error[0] < error[2]


def test_a_short_clip_is_one_clear_error(make_clip: Callable[..., None], tmp_path: Path) -> None:
    make_clip(tmp_path / "short.mkv", 0, 9.0, frames=5)
    clip = Clip("short", "g", (20.0, 25.0, 28.0), False, tmp_path / "short.mkv")
    with pytest.raises(JNDError, match=r"short\.mkv: has 5 frames; a labelled clip needs 12"):
        cache_frames([clip], tmp_path, 0, lambda stage, share: None)


def test_a_small_clip_is_one_clear_error(make_clip: Callable[..., None], tmp_path: Path) -> None:
    make_clip(tmp_path / "small.mkv", 0, 9.0, size=(48, 80))
    clip = Clip("small", "g", (20.0, 25.0, 28.0), False, tmp_path / "small.mkv")
    with pytest.raises(JNDError, match=r"small\.mkv: is 80x48; a labelled clip needs 64 pixels each way"):
        cache_frames([clip], tmp_path, 0, lambda stage, share: None)


def test_coded_crops_are_aligned_pieces_of_source_and_encode(
    cached: tuple[list[Clip], list[ClipFrames]],
) -> None:
    frames, draw = cached[1][5], np.random.default_rng(0)
    for _ in range(20):
        crop = coded_crop(frames, 64, draw)
        source, target = crop.source, crop.target
        assert {one.y.shape for one in (source, target, *crop.beside)} == {(64, 64)}
        version = 1 + list(frames.qps).index(crop.qp)
        found = [
            (t, y, x)
            for t in range(len(TARGETS))
            for y in range(0, 130 - 63, BLOCK)
            for x in range(0, 198 - 63, BLOCK)
            if np.array_equal(frames.y[0, t, y : y + 64, x : x + 64], source.y)
        ]
        (t, y, x) = found[0]
        np.testing.assert_array_equal(frames.y[version, t, y : y + 64, x : x + 64], target.y)
        half = (slice(y // 2, y // 2 + 32), slice(x // 2, x // 2 + 32))
        np.testing.assert_array_equal(frames.v[0, t][half], source.v)
        for i in range(2):
            np.testing.assert_array_equal(frames.beside_y[i, t, y : y + 64, x : x + 64], crop.beside[i].y)
            np.testing.assert_array_equal(frames.beside_u[i, t][half], crop.beside[i].u)


def test_crops_have_the_size_asked_for(cached: tuple[list[Clip], list[ClipFrames]]) -> None:
    draw = np.random.default_rng(0)
    assert picture_crop(cached[1][0], 96, 128, draw).shape == (2, 96, 128)
    assert picture_crop(cached[1][0], 352, 640, draw).shape == (2, 352, 640)


def epochs(batches: Iterator[np.ndarray], count: int) -> np.ndarray:
    return np.concatenate([next(batches) for _ in range(count)])


def test_every_clip_once_an_epoch() -> None:
    seen = epochs(shuffled(np.ones(10), 5, np.random.default_rng(0)), 2 * 7)
    np.testing.assert_array_equal(np.bincount(seen), np.full(10, 7))


def test_a_share_of_three_is_three_times_as_often() -> None:
    seen = np.bincount(epochs(shuffled(np.array([1.0, 3.0, 1.5]), 11, np.random.default_rng(0)), 200))
    np.testing.assert_allclose(seen / seen.sum(), np.array([1, 3, 1.5]) / 5.5, atol=0.02)
