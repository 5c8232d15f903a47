"""What encoders make of the files: QPs and types are read back from the stream."""

import os
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from reels import schedule, y4m

from jndcore.media import ReadBack, open_video, read_back
from jndcore.schedule import Schedule
from jndcore.schedule.writers import VideoFacts, write

LENGTHS = [9, 1, 30, 2, 26, 140, 12]
QPS = [26, 18, 47, 8, 31, 24, 40]
"""Rising and falling, parts of a frame or two, and one longer than the interval of key frames."""

OFFSET = {"I": -3, "P": 0, "B": 1, "b": 2}


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def planned_qps(planned: Schedule, back: ReadBack) -> np.ndarray:
    return planned.values() + [OFFSET[kind] for kind in back.types]


def check_on_plan(planned: Schedule, back: ReadBack) -> None:
    assert len(back) == planned.frames
    wanted = planned_qps(planned, back)
    np.testing.assert_array_equal(back.qp_min, wanted)
    np.testing.assert_array_equal(back.qp_max, wanted)


def run(folder: Path, reel: Path, path_of_programs: str) -> None:
    """Run the written script; where `reel` is a Y4M file, something that prints it stands for ffmpeg."""
    bin_ = folder.parent / "bin"
    bin_.mkdir(exist_ok=True)
    if reel.suffix == ".y4m":
        (bin_ / "ffmpeg").write_text(f'#!/bin/sh\nexec cat "{reel}"\n')
        (bin_ / "ffmpeg").chmod(0o755)
    env = os.environ | {"PATH": f"{bin_}:{path_of_programs}"}
    subprocess.run(["bash", folder / "encode.sh"], env=env, check=True, capture_output=True)


def timed(bare: Path, target: Path) -> Path:
    """A bare stream with a time stamp for each frame: its place in display order."""
    with av.open(str(bare)) as given:
        order = []
        for i, packet in enumerate(given.demux(video=0)):
            packet.pts = i if packet.size else None
            order += [frame.pts for frame in packet.decode()]
    with av.open(str(bare)) as given, av.open(str(target), "w") as out:
        copy = out.add_stream_from_template(given.streams.video[0])
        for i, packet in enumerate(p for p in given.demux(video=0) if p.size):
            packet.stream, packet.time_base = copy, Fraction(1, 25)
            packet.pts, packet.dts = order.index(i) + 8, i
            out.mux(packet)
    return target


@needs("x264")
@pytest.mark.parametrize("preset", ["ultrafast", "medium"])
def test_x264_follows_zones_and_key_frames_on_every_frame(tmp_path: Path, preset: str) -> None:
    planned = schedule(LENGTHS, QPS, preset=preset)
    write(planned, "x264", VideoFacts(tmp_path / "a.mp4"), tmp_path / "out")
    run(tmp_path / "out", y4m(tmp_path / "reel.y4m", LENGTHS), os.environ["PATH"])
    back = read_back(tmp_path / "out" / "a.jnd1-75.mkv")
    check_on_plan(planned, back)
    starts = {segment.start for segment in planned.segments}
    assert set(np.flatnonzero(back.key)) == starts | {68 + 125}


@needs("x264")
def test_x264_follows_the_types_and_qps_of_every_frame(tmp_path: Path) -> None:
    planned = schedule(LENGTHS, QPS)
    reel = y4m(tmp_path / "reel.y4m", LENGTHS)
    write(planned, "x264", VideoFacts(tmp_path / "a.mp4"), tmp_path / "first")
    run(tmp_path / "first", reel, os.environ["PATH"])
    types = "".join(read_back(tmp_path / "first" / "a.jnd1-75.mkv").types)
    write(planned, "x264-qpfile", VideoFacts(tmp_path / "a.mp4", frame_types=types), tmp_path / "second")
    run(tmp_path / "second", reel, os.environ["PATH"])
    back = read_back(tmp_path / "second" / "a.jnd1-75.mkv")
    assert "".join(back.types) == types
    check_on_plan(planned, back)


@needs("x265")
@pytest.mark.parametrize("preset", ["ultrafast", "medium"])
def test_x265_follows_zones_and_key_frames_on_every_frame(tmp_path: Path, preset: str) -> None:
    planned = schedule(LENGTHS, QPS, encoder="libx265", preset=preset)
    write(planned, "x265", VideoFacts(tmp_path / "a.mp4"), tmp_path / "out")
    run(tmp_path / "out", y4m(tmp_path / "reel.y4m", LENGTHS), os.environ["PATH"])
    back = read_back(timed(tmp_path / "out" / "a.jnd1-75.hevc", tmp_path / "a.mkv"))
    assert back.uniform
    check_on_plan(planned, back)


@needs("ffmpeg")
@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_ffmpeg_joins_parts_with_the_planned_qps_and_the_sources_time(tmp_path: Path, encoder: str) -> None:
    video = tmp_path / "varying.mkv"
    stamps = np.cumsum(np.random.default_rng(6).integers(20, 70, sum(LENGTHS)))
    reel = y4m(tmp_path / "reel.y4m", LENGTHS)
    with av.open(str(reel)) as given, av.open(str(video), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"qp": "10", "preset": "veryfast"})
        stream.width, stream.height, stream.codec_context.time_base = 96, 64, Fraction(1, 1000)
        for frame, stamp in zip(given.decode(video=0), stamps, strict=True):
            frame.pts, frame.time_base, frame.pict_type = int(stamp), Fraction(1, 1000), 0
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with open_video(video) as reader:
        planned = schedule(
            LENGTHS, QPS, encoder=encoder, video=reader.info.identity, variable_frame_rate=True
        )
        write(planned, "ffmpeg", VideoFacts(video, reader.index.pts), tmp_path / "out")
    run(tmp_path / "out", video, os.environ["PATH"])
    back = read_back(tmp_path / "out" / "varying.jnd1-75.mp4")
    check_on_plan(planned, back)
    seconds = (back.pts - back.pts[0]) * float(back.time_base)
    np.testing.assert_allclose(seconds, (stamps - stamps[0]) / 1000, atol=1e-4)


LOOKS = {
    "HDR's, 4:3": ("yuv420p", 1, 9, 16, 9),
    "film's": ("yuv420p", 1, 7, 4, 6),
    "full range": ("yuvj420p", 2, 1, 1, 1),
}
"""Samples, range, primaries, transfer and matrix, in FFmpeg's codes."""


def coloured(path: Path, pix_fmt: str, *codes: int) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"qp": "8", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, pix_fmt
        context = stream.codec_context
        context.color_range, context.color_primaries, context.color_trc, context.colorspace = codes
        context.sample_aspect_ratio = Fraction(4, 3)
        rng = np.random.default_rng(3)
        for _ in range(6):
            rgb = rng.integers(0, 256, (8, 12, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format=pix_fmt)))
        out.mux(stream.encode(None))
    return path


def look(path: Path) -> tuple[tuple[object, ...], np.ndarray]:
    """What decoding shows of the last frame: its tags, and luma."""
    with av.open(str(path)) as container:
        *_, last = container.decode(video=0)
        tags = (last.color_range, last.color_primaries, last.color_trc, last.colorspace)
        aspect = container.streams.video[0].codec_context.sample_aspect_ratio
        return (*map(int, tags), aspect), last.to_ndarray()[:64].astype(float)


@needs("ffmpeg")
@pytest.mark.parametrize("case", LOOKS)
@pytest.mark.parametrize(
    ("name", "out"), [("x264", "a.jnd1-75.mkv"), ("x265", "a.jnd1-75.hevc"), ("ffmpeg", "a.jnd1-75.mp4")]
)
def test_the_encode_has_the_videos_colours_and_shape(tmp_path: Path, name: str, out: str, case: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    video = coloured(tmp_path / "a.mp4", *LOOKS[case])
    with open_video(video) as reader:
        encoder = "libx265" if name == "x265" else "libx264"
        planned = schedule([6], [8], encoder=encoder, video=reader.info.identity)
        write(planned, name, VideoFacts(video, reader.index.pts, info=reader.info), tmp_path / "out")
    run(tmp_path / "out", video, os.environ["PATH"])
    given, made = look(video), look(tmp_path / "out" / out)
    assert made[0] == given[0]
    assert np.abs(made[1] - given[1]).mean() < 1  # 4 where full range was squeezed


@needs("ffmpeg")
@needs("x264")
def test_rgb_of_hd_becomes_bt709(tmp_path: Path) -> None:
    """ffmpeg by itself makes BT.601 of it, which players take for BT.709."""
    video = tmp_path / "a.mkv"
    rgb = np.random.default_rng(5).integers(0, 256, (23, 40, 3), dtype=np.uint8).repeat(32, 0).repeat(32, 1)
    with av.open(str(video), "w") as out:
        stream = out.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1280, 736, "bgr0"
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb[:736]), "rgb24")
        out.mux(stream.encode(picture.reformat(format="bgr0")))
        out.mux(stream.encode(None))
    with open_video(video) as reader:
        planned = schedule([1], [8], video=reader.info.identity)
        write(planned, "x264", VideoFacts(video, info=reader.info), tmp_path / "out")
    run(tmp_path / "out", video, os.environ["PATH"])
    with open_video(tmp_path / "out" / "a.jnd1-75.mkv") as reader:
        assert (reader.info.color_matrix, reader.info.color_range) == ("bt709", "limited")
        luma = reader.read(0).luma().astype(float)
    wanted = 16 + rgb[:736].astype(float) @ (0.2126, 0.7152, 0.0722) * 219 / 255
    assert np.abs(luma - wanted).mean() < 1


def test_libx264_keeps_handbrakes_string_to_the_plan_or_below(tmp_path: Path) -> None:
    planned = schedule(LENGTHS, QPS)
    _, made = write(planned, "handbrake", VideoFacts(tmp_path / "a.mp4"), tmp_path / "out")
    options = {"crf": str(QPS[0]), "preset": "veryfast", "x264-params": made.files["advanced.txt"].strip()}
    with (
        av.open(str(y4m(tmp_path / "reel.y4m", LENGTHS))) as given,
        av.open(str(tmp_path / "a.mp4"), "w") as out,
    ):
        stream = out.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height = 96, 64
        for frame in given.decode(video=0):
            frame.pict_type = 0
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    back = read_back(tmp_path / "a.mp4")
    wanted = planned_qps(planned, back)
    assert (back.qp_max <= wanted).all()
    inside = np.ones(planned.frames, dtype=bool)
    for change in np.cumsum(LENGTHS):
        inside[max(change - 6, 0) : change + 6] = False
    np.testing.assert_array_equal(back.qp_max[inside], wanted[inside])
    assert back.key.tolist() == [True] + [False] * (planned.frames - 1)
