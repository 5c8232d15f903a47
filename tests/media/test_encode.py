from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import videos

from jndcore.media import Frame, MediaError, Planes, encode_x264, measure_x264, open_video


def planes(i: int, size: tuple[int, int] = (videos.WIDTH, videos.HEIGHT)) -> Planes:
    return Frame(videos.picture(i, size=size), number=i, pts=i, time=0.0, key=False).planes()


CLIP = [planes(i) for i in range(24)]


def error(a: list[Planes], b: list[Planes]) -> float:
    return float(np.mean([(x.y.astype(float) - y.y) ** 2 for x, y in zip(a, b, strict=True)]))


@pytest.mark.parametrize("preset", ["medium", "ultrafast"])
def test_the_frames_that_a_file_would_hold(tmp_path: Path, preset: str) -> None:
    path = tmp_path / "clip.mkv"
    options = {"qp": "32", "preset": preset}
    videos.encode(path, options=options, frames=len(CLIP))
    decoded = encode_x264(CLIP, 32, preset=preset)
    with open_video(path) as reader:
        written = [frame.planes() for frame in reader.frames()]
    assert len(decoded) == len(written) == len(CLIP)
    for mine, file in zip(decoded, written, strict=True):
        assert np.array_equal(mine.y, file.y)
        assert np.array_equal(mine.u, file.u)
        assert np.array_equal(mine.v, file.v)


def test_a_higher_qp_loses_more() -> None:
    losses = [error(CLIP, encode_x264(CLIP, qp)) for qp in (10, 25, 40)]
    assert losses == sorted(losses)
    assert losses[0] < 2 < losses[2]


def test_bytes_are_those_of_the_stream(tmp_path: Path) -> None:
    path = tmp_path / "clip.h264"
    videos.encode(path, options={"qp": "32", "preset": "medium", "threads": "1"}, frames=len(CLIP))
    made = measure_x264(CLIP, 32, fps=25)
    assert made.bytes == path.stat().st_size
    assert error(CLIP, made.planes) == error(CLIP, encode_x264(CLIP, 32))


def test_bytes_do_not_hang_on_the_number_of_cores() -> None:
    large = [planes(i, (320, 240)) for i in range(4)]
    assert measure_x264(large, 32, fps=25).bytes == measure_x264(large, 32, fps=25, threads=1).bytes
    assert measure_x264(large, 32, fps=25).bytes != measure_x264(large, 32, fps=25, threads=2).bytes


def test_a_generator_and_any_rate() -> None:
    decoded = encode_x264((planes(i) for i in range(3)), 20, fps=Fraction(24000, 1001))
    assert [d.y.shape for d in decoded] == [(videos.HEIGHT, videos.WIDTH)] * 3


def test_nothing_in_nothing_out() -> None:
    assert encode_x264([], 20) == []
    assert measure_x264([], 20, fps=25).bytes == 0


@pytest.mark.parametrize(
    ("frames", "qp", "preset"),
    [
        (CLIP[:1], 20, "hasty"),
        (CLIP[:1], 70, "medium"),
        (CLIP[:1], 0, "medium"),
        ([planes(0, (65, 35))], 20, "medium"),
    ],
)
def test_what_x264_refuses(frames: list[Planes], qp: int, preset: str) -> None:
    with pytest.raises(MediaError, match="libx264"):
        encode_x264(frames, qp, preset=preset)


def test_frames_of_unlike_sizes() -> None:
    with pytest.raises(MediaError, match="one size"):
        encode_x264([planes(0), planes(1, (96, 64))], 20)
