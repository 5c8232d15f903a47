"""Every frame, in any order, must be the one that decoding from the beginning gives."""

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import videos
from videos import FRAMES, GOP

from jndcore.media import Frame, MediaError, open_video

CLOCK = Fraction(1, 90000)
UNEVEN = np.cumsum(np.random.default_rng(5).integers(5, 60, FRAMES))


def without_first_key(path: Path) -> Path:
    """Begins in the middle of an open GOP."""
    whole = videos.encode(path.with_stem("whole"), options=videos.x264("open-gop=1"))
    return videos.remux(whole, path, lambda i, packet: packet if i >= 3 else None)


def cut_by_edit_list(path: Path) -> Path:
    """Shown from the middle of a GOP: the edit list has the frames before it decoded and discarded."""
    whole = videos.encode(path.with_name("whole.mkv"), options=videos.x264())

    def earlier(_: int, packet):  # type: ignore[no-untyped-def]
        packet.pts -= 300
        packet.dts = packet.dts - 300 if packet.dts is not None else None
        return packet

    return videos.remux(whole, path, earlier, {"avoid_negative_ts": "disabled"})


def all_called_key(path: Path) -> Path:
    """Every packet is flagged as a key frame."""
    whole = videos.encode(path.with_stem("whole"), options=videos.x264())

    def flag(_: int, packet):  # type: ignore[no-untyped-def]
        packet.is_keyframe = True
        return packet

    return videos.remux(whole, path, flag)


def vp9(path: Path) -> Path:
    return videos.encode(path, "libvpx-vp9", {"g": str(GOP), "deadline": "realtime", "cpu-used": "8"})


def av1(refresh: int) -> Callable[[Path], Path]:
    options = {"preset": "12", "g": str(GOP), "svtav1-params": f"irefresh-type={refresh}"}
    return lambda path: videos.encode(path, "libsvtav1", options)


def h264(extra: str = "", **more: object) -> Callable[[Path], Path]:
    return lambda path: videos.encode(path, options=videos.x264(extra), **more)  # type: ignore[arg-type]


VIDEOS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "H.264 with a pyramid of B-frames": ("v.mp4", h264()),
    "H.264 with open GOPs": ("v.mkv", h264("open-gop=1")),
    "H.264 with open GOPs in MPEG-TS": ("v.ts", h264("open-gop=1")),
    "H.264 refreshed by columns, no clean key frame": ("v.mp4", h264("intra-refresh=1:bframes=0")),
    "HEVC with open GOPs (RASL)": ("v.mp4", lambda p: videos.encode(p, "libx265", videos.x265())),
    "AV1": ("v.mkv", av1(2)),
    "AV1 with open GOPs": ("v.mp4", av1(1)),
    "VP9": ("v.webm", vp9),
    "MPEG-2 in MPEG-TS": ("v.ts", lambda p: videos.encode(p, "mpeg2video", {"g": "12", "bf": "2"})),
    "MPEG-4 in AVI": ("v.avi", lambda p: videos.encode(p, "mpeg4", {"g": str(GOP), "bf": "2"})),
    "Motion JPEG": ("v.avi", lambda p: videos.encode(p, "mjpeg", pix_fmt="yuvj420p")),
    "variable frame rate": (
        "v.mkv",
        h264(pts=lambda i: int(UNEVEN[i]), time_base=Fraction(1, 1000)),
    ),
    "negative pts: a clock about to wrap": (
        "v.ts",
        h264(pts=lambda i: 2**33 - 90000 + 3600 * i, time_base=CLOCK),
    ),
    "fragmented": ("v.mp4", h264(muxer={"movflags": "frag_keyframe+empty_moov"})),
    "first frame not a key frame": ("v.mkv", without_first_key),
    "first frame not a key frame, MPEG-TS": ("v.ts", without_first_key),
    "edit list": ("v.mp4", cut_by_edit_list),
    "wrong key flags": ("v.nut", all_called_key),
    "no pts: raw stream": ("v.h264", h264()),
    "pts in decoding order: H.264 in AVI": ("v.avi", h264()),
}


@pytest.fixture(scope="module", params=VIDEOS, ids=str)
def video(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name, make = VIDEOS[request.param]
    return make(tmp_path_factory.mktemp("video") / name)


def samples(frame: Frame) -> bytes:
    planes = frame.planes()
    return planes.y.tobytes() + planes.u.tobytes() + planes.v.tobytes()


def reference(path: Path) -> list[bytes]:
    """Motion JPEG is full range, so it is compared after the same scaling that `Frame` does."""
    if path.suffix == ".avi" and "yuvj" in videos.pixel_format(path):
        with open_video(path) as reader:
            return [samples(frame) for frame in reader.frames()]
    return [decoded for _, decoded in videos.decode(path)]


def test_random_order_gives_the_frames_of_plain_decoding(video: Path) -> None:
    expected = reference(video)
    numbers = random.Random(1).sample(range(len(expected)), len(expected))
    with open_video(video, cache_bytes=0) as reader:
        assert len(reader) == len(expected)
        wrong = [n for n in numbers if samples(reader.read(n)) != expected[n]]
        assert wrong == []
        assert len(reader) == len(expected)


def test_one_pass_gives_the_frames_of_plain_decoding(video: Path) -> None:
    expected = reference(video)
    with open_video(video) as reader:
        frames = [(frame.number, samples(frame)) for frame in reader.frames()]
    assert frames == list(enumerate(expected))


def test_a_pass_that_starts_in_the_middle(video: Path) -> None:
    expected = reference(video)
    start, stop = len(expected) // 2 - 3, len(expected) // 2 + 6
    with open_video(video) as reader:
        frames = [(frame.number, samples(frame)) for frame in reader.frames(start, stop)]
    assert frames == list(enumerate(expected))[start:stop]


def test_time_rises_from_zero_in_step_with_pts(video: Path) -> None:
    with open_video(video) as reader:
        frames = list(reader.frames())
        index = reader.index
    assert [f.time for f in frames] == pytest.approx(list(index.time))
    assert index.time[0] == 0
    assert (np.diff(index.pts) > 0).all()
    assert [f.pts for f in frames] == list(index.pts)


def test_pts_are_the_decoders(video: Path) -> None:
    pts = [pts for pts, _ in videos.decode(video)]
    with open_video(video) as reader:
        list(reader.frames())
        if not any("Timestamps" in warning for warning in reader.warnings):
            assert list(reader.index.pts) == pts


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return videos.encode(tmp_path_factory.mktemp("plain") / "plain.mp4", options=videos.x264())


def test_reading_between_the_frames_of_a_pass_changes_nothing(plain: Path) -> None:
    expected = [decoded for _, decoded in videos.decode(plain)]
    with open_video(plain, cache_bytes=0) as reader:
        seen = []
        for frame in reader.frames(5, 40):
            seen.append(samples(frame))
            assert samples(reader.read(59 - frame.number)) == expected[59 - frame.number]
    assert seen == expected[5:40]


def test_stepping_backwards_inside_a_gop_uses_what_was_decoded(plain: Path) -> None:
    with open_video(plain) as reader:
        last = reader.read(2 * GOP - 1)
        frames = [reader.read(n) for n in range(2 * GOP - 1, GOP - 1, -1)]
        assert frames[0] is last
        assert all(reader.read(frame.number) is frame for frame in frames)


def test_what_is_held_needs_no_decoding(plain: Path) -> None:
    with open_video(plain) as reader:
        assert reader.held(GOP + 5) is None
        frame = reader.read(GOP + 5)
        assert reader.held(GOP + 5) is frame
        before = reader.held(GOP + 4)
        assert before is not None
        assert before is reader.read(GOP + 4)
        assert [reader.held(n) for n in (-1, len(reader))] == [None, None]


def test_a_small_cache_forgets(plain: Path) -> None:
    with open_video(plain, cache_bytes=3 * videos.WIDTH * videos.HEIGHT * 3 // 2) as reader:
        first = reader.read(0)
        reader.read(10)
        assert reader.read(0) is not first


def test_key_frames_and_the_gop_of_a_frame(plain: Path) -> None:
    with open_video(plain) as reader:
        assert list(reader.key_frames) == [0, GOP, 2 * GOP]
        assert [reader.gop_start(n) for n in (0, GOP - 1, GOP, FRAMES - 1)] == [0, 0, GOP, 2 * GOP]
        assert [frame.number for frame in reader.frames() if frame.key] == [0, GOP, 2 * GOP]
        assert reader.read(GOP).pict_type == "I"
        assert {reader.read(n).pict_type for n in range(1, GOP)} == {"P", "B"}


@pytest.mark.parametrize("n", [-1, FRAMES])
def test_a_frame_that_is_not_there(plain: Path, n: int) -> None:
    with open_video(plain) as reader, pytest.raises(IndexError, match=f"frame {n} "):
        reader.read(n)


def test_empty_ranges(plain: Path) -> None:
    with open_video(plain) as reader:
        assert list(reader.frames(10, 10)) == []
        assert list(reader.frames(FRAMES)) == []
        assert [f.number for f in reader.frames(FRAMES - 2, FRAMES + 9)] == [FRAMES - 2, FRAMES - 1]
        with pytest.raises(IndexError):
            next(reader.frames(-1))


def test_closing_twice(plain: Path) -> None:
    reader = open_video(plain)
    reader.close()
    reader.close()


def test_a_file_that_goes_away(plain: Path, tmp_path: Path) -> None:
    path = tmp_path / "video.h264"
    videos.encode(path, options=videos.x264())
    with open_video(path, cache_bytes=0) as reader:
        reader.read(30)
        path.unlink()
        with pytest.raises(MediaError, match="no such file"):
            reader.read(3)


def test_two_readers_of_a_file_do_not_disturb_each_other(plain: Path) -> None:
    expected = [decoded for _, decoded in videos.decode(plain)]
    with open_video(plain) as one, open_video(plain) as other:
        for left, right in zip(one.frames(), other.frames(30), strict=False):
            assert samples(left) == expected[left.number]
            assert samples(right) == expected[right.number]
