"""Files whose packets promise other frames than the decoder gives, and damaged ones."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import field_coded
import numpy as np
import pytest
import videos
from av.bitstream import BitStreamFilterContext
from videos import FRAMES, GOP

from jndcore.media import Reader, open_video

CORRECTED = "frame numbers are corrected"


def hidden_av1(path: Path) -> Path:
    """AV1 with a packet for each frame, hidden ones too."""
    options = {"preset": "12", "g": str(GOP), "svtav1-params": "irefresh-type=2"}
    whole = videos.encode(path.with_name("whole.mkv"), "libsvtav1", options)
    with av.open(str(whole)) as given, av.open(str(path), "w") as out:
        stream = given.streams.video[0]
        copy = out.add_stream("libsvtav1", rate=25)
        copy.width, copy.height, copy.pix_fmt = videos.WIDTH, videos.HEIGHT, "yuv420p"
        split = BitStreamFilterContext("av1_frame_split", stream)
        for packet in (p for p in given.demux(stream) if p.size):
            due = packet.pts
            parts = split.filter(packet)
            for early, part in zip(range(len(parts) - 1, -1, -1), parts, strict=True):
                part.pts = part.dts = due - early
                part.time_base, part.stream = stream.time_base, copy
                out.mux(part)
    return path


def field_pairs(path: Path) -> Path:
    return field_coded.write(path, frames=FRAMES)


@pytest.fixture(params=[hidden_av1, field_pairs])
def unpromised(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    make: Callable[[Path], Path] = request.param
    return make(tmp_path / "video.nut")


def lumas(reader: Reader, numbers: range) -> list[bytes]:
    return [reader.read(n).luma().tobytes() for n in numbers]


def luma_of(decoded: list[tuple[int | None, bytes]], size: int) -> list[bytes]:
    return [samples[:size] for _, samples in decoded]


def test_a_pass_numbers_pictures_not_packets(unpromised: Path) -> None:
    decoded = videos.decode(unpromised)
    with open_video(unpromised) as reader:
        assert len(reader) > len(decoded) == FRAMES
        frames = list(reader.frames())
        assert [frame.number for frame in frames] == list(range(FRAMES))
        assert len(reader) == reader.info.frames == reader.info.identity.frames == FRAMES
        assert [frame.pts for frame in frames] == list(reader.index.pts) == [pts for pts, _ in decoded]
        assert sum(CORRECTED in warning for warning in reader.warnings) == 1
        assert reader.info.fps == pytest.approx(25, rel=0.02)


def test_after_a_pass_every_frame_is_found_by_its_number(unpromised: Path) -> None:
    decoded = videos.decode(unpromised)
    with open_video(unpromised, cache_bytes=0) as reader:
        list(reader.frames())
        height, width = reader.read(0).luma().shape
        expected = luma_of(decoded, height * width)
        backwards = range(FRAMES - 1, -1, -1)
        assert lumas(reader, backwards) == expected[::-1]


def test_numbers_behind_a_pass_are_final_and_pts_never_change(unpromised: Path) -> None:
    with open_video(unpromised) as reader:
        for seen, frame in enumerate(reader.frames()):
            assert frame.number == seen
            assert reader.index.find(frame.pts) == seen


def test_a_pass_from_the_middle_leaves_nothing_out(unpromised: Path) -> None:
    pts = [pts for pts, _ in videos.decode(unpromised)]
    with open_video(unpromised) as reader:
        start = len(reader) // 2
        seen = [frame.pts for frame in reader.frames(start)]
        seen_before = [frame.pts for frame in reader.frames(0, reader.index.find(seen[0]))]
        assert seen_before + seen == pts


def test_an_older_index_stays_what_it_was(unpromised: Path) -> None:
    with open_video(unpromised) as reader:
        before = reader.index
        promised = len(before)
        list(reader.frames())
        assert reader.index is not before
        assert len(before) == promised


def test_a_frame_that_was_promised_but_is_not_there(unpromised: Path) -> None:
    with open_video(unpromised) as reader:
        last = len(reader) - 1
        with pytest.raises(IndexError, match=f"frame {last} of a video"):
            reader.read(last)
        assert len(reader) <= last


def test_clocks_that_start_again_are_not_believed(tmp_path: Path) -> None:
    whole = videos.encode(tmp_path / "one.ts", options=videos.x264())
    joined = tmp_path / "joined.ts"
    joined.write_bytes(whole.read_bytes() * 2)
    decoded = videos.decode(joined)
    with open_video(joined) as reader:
        assert len(reader) == len(decoded) == 2 * FRAMES
        assert "frames are counted" in reader.warnings[0]
        assert (
            reader.read(FRAMES + 7).planes().y.tobytes()
            == decoded[FRAMES + 7][1][: videos.WIDTH * videos.HEIGHT]
        )
        assert np.ptp(np.diff(reader.index.time)) == pytest.approx(0)
        assert not reader.info.variable_frame_rate


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    written = videos.encode(folder / "first.mp4", options=videos.x264())
    return videos.remux(written, folder / "whole.mp4", muxer={"movflags": "faststart"})


def test_packets_of_noise_in_the_middle(whole: Path, tmp_path: Path) -> None:
    data = bytearray(whole.read_bytes())
    start = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 3
    data[start : start + 600] = np.random.default_rng(3).integers(0, 256, 600, dtype=np.uint8).tobytes()
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    expected = luma_of(videos.decode(whole), videos.WIDTH * videos.HEIGHT)
    with open_video(damaged) as reader:
        frames = list(reader.frames())
        assert any("damaged" in warning for warning in reader.warnings)
        assert [frame.number for frame in frames] == list(range(len(reader)))
        assert all(a.pts < b.pts for a, b in pairwise(frames))
        last_gop = [frame.luma().tobytes() for frame in frames[-GOP:]]
        assert last_gop == expected[-GOP:]
        assert lumas(reader, range(5)) == expected[:5]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_file_cut_off_in_the_middle(whole: Path, tmp_path: Path, suffix: str) -> None:
    copy = whole if suffix == ".mp4" else videos.remux(whole, tmp_path / "copy.mkv")
    data = copy.read_bytes()
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(data[: len(data) * 6 // 10])
    decoded = luma_of(videos.decode(cut), videos.WIDTH * videos.HEIGHT)
    assert 10 < len(decoded) < FRAMES
    with open_video(cut) as reader:
        assert "cut off" in reader.warnings[0]
        assert [frame.luma().tobytes() for frame in reader.frames()] == decoded
        assert len(reader) == len(decoded)


def test_whole_files_bring_no_warning(whole: Path) -> None:
    with open_video(whole) as reader:
        assert sum(1 for _ in reader.frames()) == FRAMES
        assert reader.warnings == ()


def test_a_size_that_changes_on_the_way(tmp_path: Path) -> None:
    large = videos.encode(tmp_path / "large.ts", options=videos.x264(), frames=GOP)
    small = videos.encode(
        tmp_path / "small.ts", options=videos.x264(), frames=GOP, size=(96, 64), pts=lambda i: i + 2 * GOP
    )
    joined = tmp_path / "joined.ts"
    joined.write_bytes(large.read_bytes() + small.read_bytes())
    with open_video(joined) as reader:
        shapes = {frame.luma().shape for frame in reader.frames()}
        assert shapes == {(videos.HEIGHT, videos.WIDTH)}
        assert len(reader) == 2 * GOP
        assert any("size changes" in warning for warning in reader.warnings)
