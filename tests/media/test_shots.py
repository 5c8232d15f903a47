from pathlib import Path

import av
import numpy as np
import pytest
import videos

from jndcore.media import ShotDetector, open_video, shot_starts


def scene(seed: int, i: int) -> np.ndarray:
    """Coloured blocks that glide by, 2 pixels a frame."""
    blocks = np.random.default_rng(seed).integers(0, 256, (12, 30, 3), dtype=np.uint8)
    return np.roll(blocks.repeat(16, 0).repeat(16, 1), 2 * i, 1)[:180, :320]


def detect(pictures: list[np.ndarray], first: int = 0) -> tuple[list[int], list[int]]:
    """Cuts, and for each how many frames later it was told."""
    detector = ShotDetector(25)
    cuts, lags = [], []
    for number, picture in enumerate(pictures, first):
        for cut in detector.push(number, picture):
            cuts.append(cut)
            lags.append(number - cut)
    assert all(lag <= detector.lag for lag in lags)
    return cuts + detector.flush(), lags


def test_cuts_are_found_where_they_are() -> None:
    pictures = [scene(i // 30, i) for i in range(100)]
    assert detect(pictures)[0] == [30, 60, 90]


def test_numbers_are_the_ones_pushed() -> None:
    pictures = [scene(i // 30, i) for i in range(50)]
    assert detect(pictures, first=1000)[0] == [1030]


def test_motion_is_no_cut() -> None:
    assert detect([scene(0, 4 * i) for i in range(80)])[0] == []


def test_a_still_is_no_cut() -> None:
    assert detect([scene(0, 0)] * 40)[0] == []


@pytest.mark.parametrize("fps", [0.0, 25.0, 30000 / 1001])
def test_any_rate(fps: float) -> None:
    detector = ShotDetector(fps)
    cuts = [cut for i in range(60) for cut in detector.push(i, scene(i // 30, i))]
    assert cuts == [30]


def test_cuts_of_a_decoded_video(tmp_path: Path) -> None:
    path = tmp_path / "cuts.mp4"
    videos.encode(
        path,
        size=(320, 180),
        frames=70,
        options={"preset": "ultrafast"},
        picture_of=lambda i: av.VideoFrame.from_ndarray(scene(i // 35, i), "rgb24").reformat(
            format="yuv420p"
        ),
    )
    with open_video(path) as reader:
        assert detect([frame.small() for frame in reader.frames()])[0] == [35]


def test_shots_are_at_least_half_a_second_long() -> None:
    assert shot_starts([10, 12, 40, 45, 60], 0, 25.0) == [0, 12, 40, 60]
    assert shot_starts([45, 40], 30, 10.0) == [30, 40, 45]
    assert shot_starts([], 7, 25.0) == [7]
