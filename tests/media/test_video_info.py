import hashlib
from fractions import Fraction
from pathlib import Path

import av
import field_coded
import numpy as np
import pytest
import videos

from jndcore.media import VideoInfo, open_video


def info_of(path: Path) -> VideoInfo:
    with open_video(path) as reader:
        return reader.info


def test_a_plain_file(tmp_path: Path) -> None:
    path = videos.encode(tmp_path / "plain.mp4", options=videos.x264(), size=(640, 360), frames=10)
    info = info_of(path)
    assert (info.codec, info.profile, info.pix_fmt) == ("h264", "High", "yuv420p")
    assert "mp4" in info.container
    assert (info.width, info.height, info.bit_depth, info.chroma) == (640, 360, 8, "4:2:0")
    assert (info.fps, info.frames, info.duration) == (25, 10, pytest.approx(0.4))
    assert info.start_time == 0
    assert (info.rotation, info.hdr, info.interlaced, info.variable_frame_rate) == (0, None, False, False)
    assert info.extrapolated == ()


def test_identity_tells_one_file_from_another(tmp_path: Path) -> None:
    path = videos.encode(tmp_path / "video.mkv", "rawvideo", frames=60)
    assert path.stat().st_size > 1 << 20
    info = info_of(path)
    identity = info.identity
    assert (identity.name, identity.size) == ("video.mkv", path.stat().st_size)
    assert identity.head_sha256 == hashlib.sha256(path.read_bytes()[: 1 << 20]).hexdigest()
    assert (identity.duration, identity.frames, identity.fps) == (info.duration, 60, 25.0)
    assert Fraction(identity.time_base) == info.time_base
    assert (identity.width, identity.height) == (videos.WIDTH, videos.HEIGHT)


@pytest.mark.parametrize(
    ("pix_fmt", "chroma", "bits"),
    [
        ("yuv422p10le", "4:2:2", 10),
        ("yuv444p", "4:4:4", 8),
        ("yuv411p", "4:1:1", 8),
        ("gray", "4:0:0", 8),
        ("bgr0", "RGB", 8),
    ],
)
def test_sample_layouts(tmp_path: Path, pix_fmt: str, chroma: str, bits: int) -> None:
    info = info_of(videos.encode(tmp_path / "video.mkv", "ffv1", pix_fmt=pix_fmt, frames=2))
    assert (info.pix_fmt, info.chroma, info.bit_depth) == (pix_fmt, chroma, bits)


COLOURS = {
    "PQ": "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
    "HLG": "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc",
}


@pytest.mark.parametrize("hdr", COLOURS)
def test_hdr_is_outside_of_what_the_labels_know(tmp_path: Path, hdr: str) -> None:
    path = tmp_path / "hdr.mp4"
    videos.encode(path, options=videos.x264(COLOURS[hdr]), pix_fmt="yuv420p10le", size=(640, 360), frames=3)
    info = info_of(path)
    assert info.hdr == hdr
    assert (info.color_primaries, info.color_matrix) == ("bt2020", "bt2020nc")
    assert info.extrapolated == (f"HDR ({hdr})", "10 bits a sample")
    assert info.identity.extrapolated == info.extrapolated


def test_stated_colour(tmp_path: Path) -> None:
    stated = "colorprim=bt709:transfer=bt709:colormatrix=bt709:fullrange=on"
    info = info_of(videos.encode(tmp_path / "v.mp4", options=videos.x264(stated), frames=2))
    assert (info.color_primaries, info.color_transfer, info.color_matrix) == ("bt709",) * 3
    assert info.color_range == "full"


def test_interlaced(tmp_path: Path) -> None:
    info = info_of(field_coded.write(tmp_path / "fields.ts", 12))
    assert info.interlaced
    assert "interlaced" in info.extrapolated


@pytest.mark.parametrize(
    ("size", "known"),
    [
        ((640, 360), True),
        ((1280, 720), True),
        ((720, 1280), True),
        ((1920, 1080), False),
        ((320, 180), False),
    ],
)
def test_sizes_that_the_labels_know(tmp_path: Path, size: tuple[int, int], known: bool) -> None:
    path = videos.encode(tmp_path / "v.mp4", options={"preset": "ultrafast"}, size=size, frames=1)
    width, height = size
    reason = f"{width}x{height}: the labels know 640x360 to 1280x720"
    assert info_of(path).extrapolated == (() if known else (reason,))


def test_variable_frame_rate(tmp_path: Path) -> None:
    due = np.cumsum([0, 40, 20, 80, 40, 40, 100, 40]).tolist()
    path = videos.encode(tmp_path / "v.mkv", frames=8, pts=lambda i: due[i], time_base=Fraction(1, 1000))
    with open_video(path) as reader:
        assert reader.info.variable_frame_rate
        assert list(reader.index.time) == pytest.approx([t / 1000 for t in due])


def test_rounding_to_milliseconds_is_no_variable_frame_rate(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    videos.encode(path, frames=48, pts=lambda i: round(i * 1001 / 24), time_base=Fraction(1, 1000))
    info = info_of(path)
    assert not info.variable_frame_rate
    assert float(info.fps or 0) == pytest.approx(24000 / 1001, rel=0.01)


def test_one_dropped_frame_is_no_variable_frame_rate(tmp_path: Path) -> None:
    path = videos.encode(tmp_path / "v.mp4", frames=150, size=(64, 64), pts=lambda i: i + (i > 70))
    info = info_of(path)
    assert not info.variable_frame_rate
    assert float(info.fps or 0) == pytest.approx(25, rel=0.01)
    assert info.duration == pytest.approx(151 / 25)


def test_a_cover_picture_is_no_video(tmp_path: Path) -> None:
    video = videos.encode(tmp_path / "video.mp4", options=videos.x264(), frames=5)
    path = tmp_path / "covered.mp4"
    with av.open(str(video)) as given, av.open(str(path), "w") as out:
        cover = out.add_stream("mjpeg")
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        copy = out.add_stream_from_template(given.streams.video[0])
        out.mux(cover.encode(videos.picture(0, "yuvj420p", (64, 64))))
        out.mux(cover.encode(None))
        for packet in given.demux(given.streams.video[0]):
            if packet.size:
                packet.stream = copy
                out.mux(packet)
    info = info_of(path)
    assert (info.codec, info.width, info.frames) == ("h264", videos.WIDTH, 5)


def test_sound_that_outlasts_the_picture_is_no_cut_off_file(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height = videos.WIDTH, videos.HEIGHT
        sound = out.add_stream("aac", rate=44100, layout="mono")
        for i in range(25):
            out.mux(stream.encode(videos.picture(i)))
        out.mux(stream.encode(None))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 3 * 44100), np.float32), "fltp", "mono")
        silence.rate = 44100
        out.mux(sound.encode(silence))
        out.mux(sound.encode(None))
    with open_video(path) as reader:
        assert reader.warnings == ()
        assert reader.info.duration == pytest.approx(1)
