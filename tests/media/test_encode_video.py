from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import field_coded
import numpy as np
import pytest
import videos
from hypothesis import given
from hypothesis import strategies as st

from jndcore.errors import JNDError
from jndcore.media import (
    EncodeProgress,
    EncodeSettings,
    MediaError,
    Piece,
    encode_video,
    measure,
    open_video,
    read_back,
)
from jndcore.media.index import FrameIndex
from jndcore.media.stamps import DecodeStamps

QPS = [20, 31, 12, 40, 26, 26, 44, 9, 33, 18]
LENGTHS = [12, 1, 25, 7, 2, 30, 12, 13, 3, 15]
OFFSETS = {"I": -3, "P": 0, "B": 1, "b": 2}
KEYINT = 10


def reel(qps: list[int] = QPS, lengths: list[int] = LENGTHS) -> list[Piece]:
    """Rising and falling QPs; some pieces are longer than a key-frame interval, some of one or two frames."""
    edges = np.cumsum([0, *lengths]).tolist()
    return [Piece(a, b, qp) for a, b, qp in zip(edges[:-1], edges[1:], qps, strict=True)]


REEL = reel()
FRAMES = REEL[-1].stop


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return videos.encode(
        tmp_path_factory.mktemp("source") / "source.mp4", options=videos.x264(), frames=FRAMES
    )


def encode(source: Path, target: Path, pieces: list[Piece], **settings: object) -> EncodeProgress:
    *steps, last = encode_video(source, target, pieces, EncodeSettings(**settings))  # type: ignore[arg-type]
    assert last.finished
    assert not any(step.finished for step in steps)
    assert [step.done for step in steps] == [*range(1, last.total + 1), last.total]
    return last


def planned(pieces: list[Piece], types: np.ndarray) -> np.ndarray:
    qps = np.concatenate([np.full(p.stop - p.start, p.qp) for p in pieces])
    return qps + np.array([OFFSETS[kind] for kind in types])


def stamps(path: Path) -> list[Fraction]:
    """Seconds of each decoded frame."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base
        return [Fraction(pts) * stream.time_base for pts, _ in videos.decode(path) if pts is not None]


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_every_frame_at_its_planned_qp(tmp_path: Path, source: Path, encoder: str, suffix: str) -> None:
    target = tmp_path / f"out{suffix}"
    last = encode(source, target, REEL, encoder=encoder, keyint=KEYINT)
    found = read_back(target)
    assert len(found) == FRAMES
    assert found.uniform
    assert set(found.types) == {"I", "P", "B", "b"}
    assert np.array_equal(found.qp_min, planned(REEL, found.types))
    assert np.array_equal(found.qp_max, planned(REEL, found.types))
    assert np.diff(np.flatnonzero(found.types == "I")).max() <= KEYINT
    assert all(found.key[piece.start] for piece in REEL)
    assert last.bytes == pytest.approx(found.bytes.sum(), rel=1e-3)  # start codes became lengths
    assert last.warnings == ()


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_the_pixels_of_plain_encodes_of_each_piece(tmp_path: Path, source: Path, encoder: str) -> None:
    encode(source, tmp_path / "out.mp4", REEL, encoder=encoder, keyint=KEYINT)
    joined = [samples for _, samples in videos.decode(tmp_path / "out.mp4")]
    assert len(joined) == FRAMES
    for piece in REEL:
        options = {"qp": str(piece.qp), "preset": "medium", "g": str(KEYINT)}
        if encoder == "libx265":
            options["x265-params"] = "log-level=none"
        assert joined[piece.start : piece.stop] == plain(source, piece, encoder, options)


def plain(source: Path, piece: Piece, encoder: str, options: dict[str, str]) -> list[bytes]:
    """Frames of a piece, encoded by themselves as ``ffmpeg -qp N`` does, and decoded again."""
    context = av.CodecContext.create(encoder, "w")
    context.width, context.height, context.pix_fmt = videos.WIDTH, videos.HEIGHT, "yuv420p"
    context.framerate, context.thread_type, context.options = Fraction(25), "FRAME", options
    packets = []
    with av.open(str(source)) as container:
        for i, frame in enumerate(container.decode(video=0)):
            if piece.start <= i < piece.stop:
                frame.pict_type = 0
                packets += context.encode(frame)
    packets += context.encode(None)
    decoder = av.CodecContext.create({"libx264": "h264", "libx265": "hevc"}[encoder], "r")
    frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    return [frame.to_ndarray().tobytes() for frame in frames]


def test_no_two_idr_pictures_in_a_row_have_the_same_id(tmp_path: Path, source: Path) -> None:
    """Else a decoder without a container's help takes the second for a slice of the first."""
    pieces = reel([20, 30, 20, 25, 33, 20, 12], [1, 1, 1, 11, 21, 11, FRAMES - 46])
    encode(source, tmp_path / "out.mp4", pieces, keyint=KEYINT)
    ids = idr_ids(tmp_path / "out.mp4")
    assert sum(i is not None for i in ids) > 10
    assert all(a is None or a != b for a, b in pairwise(ids))
    raw = videos.remux(tmp_path / "out.mp4", tmp_path / "raw.h264")
    assert [s for _, s in videos.decode(raw)] == [s for _, s in videos.decode(tmp_path / "out.mp4")]


def idr_ids(path: Path) -> list[int | None]:
    """idr_pic_id of each packet, None where it is no IDR picture, as FFmpeg's parser reads it."""
    ids: list[int | None] = []
    av.logging.set_level(av.logging.INFO)
    try:
        with av.open(str(path)) as container, av.logging.Capture() as log:
            bsf = av.BitStreamFilterContext("trace_headers", container.streams.video[0])
            for packet in container.demux(video=0):
                if packet.size:
                    bsf.filter(packet)
                    found = [int(message.split("=")[1]) for *_, message in log if "idr_pic_id" in message]
                    ids.append(found[0] if found else None)
                    log.clear()
    finally:
        av.logging.set_level(None)
    return ids


@pytest.mark.parametrize("encoder", ["libx264", "libx265", "libsvtav1"])
def test_packets_are_in_order_and_each_seek_is_exact(tmp_path: Path, source: Path, encoder: str) -> None:
    pieces = REEL if encoder != "libsvtav1" else [Piece(p.start, p.stop, crf=p.qp or 0) for p in REEL]
    encode(source, tmp_path / "out.mp4", pieces, encoder=encoder, keyint=KEYINT)
    with av.open(str(tmp_path / "out.mp4")) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    assert (np.diff([p.dts or 0 for p in packets]) > 0).all()
    assert all((p.dts or 0) <= (p.pts or 0) for p in packets)
    assert not any(p.is_discard or p.is_corrupt for p in packets)
    decoded = [samples for _, samples in videos.decode(tmp_path / "out.mp4")]
    with open_video(tmp_path / "out.mp4", cache_bytes=0) as reader:
        assert len(reader) == len(decoded) == FRAMES
        assert stamps(tmp_path / "out.mp4") == stamps(source)
        for n in [*(p.start for p in REEL), FRAMES - 1, 20, 80]:
            y = reader.read(n).planes().y
            assert y.tobytes() == decoded[n][: y.size]
        assert reader.warnings == ()


def test_crf_keeps_adaptive_quantisation(tmp_path: Path, source: Path) -> None:
    pieces = [Piece(0, 50, crf=20), Piece(50, FRAMES, crf=34.5)]
    encode(source, tmp_path / "out.mp4", pieces, preset="fast")
    found = read_back(tmp_path / "out.mp4")
    assert (found.qp_max > found.qp_min).mean() > 0.5
    assert found.qp[:50].mean() + 8 < found.qp[50:].mean()


UNEVEN = np.cumsum(np.random.default_rng(7).integers(300, 4000, FRAMES)).tolist()


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_variable_frame_rate_and_time_base_are_kept(tmp_path: Path, encoder: str) -> None:
    source = videos.encode(
        tmp_path / "s.mp4",
        options=videos.x264(),
        frames=FRAMES,
        pts=lambda i: UNEVEN[i],
        time_base=Fraction(1, 60000),
    )
    encode(source, tmp_path / "out.mp4", REEL, encoder=encoder, preset="ultrafast")
    given = stamps(source)
    assert stamps(tmp_path / "out.mp4") == [second - given[0] for second in given]
    with open_video(source) as a, open_video(tmp_path / "out.mp4") as b:
        assert b.index.time_base == a.index.time_base == Fraction(1, 60000)
        assert list(b.index.pts) == list(a.index.pts - a.index.pts[0])
        assert b.info.duration == pytest.approx(a.info.duration)


def test_rounded_time_stamps_are_told(tmp_path: Path) -> None:
    source = videos.encode(tmp_path / "s.mp4", frames=9, time_base=Fraction(1001, 24000))
    assert encode(source, tmp_path / "out.mp4", [Piece(0, 9, 30)]).warnings == ()
    assert stamps(tmp_path / "out.mp4") == stamps(source) == [Fraction(1001 * i, 24000) for i in range(9)]
    told = encode(source, tmp_path / "out.mkv", [Piece(0, 9, 30)]).warnings
    assert told == ("Matroska rounds time stamps to milliseconds: write MP4 to keep them.",)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_negative_pts_move_alike_with_the_audio(tmp_path: Path, suffix: str) -> None:
    source = videos.encode(
        tmp_path / "s.ts",
        options=videos.x264(),
        frames=30,
        pts=lambda i: 2**33 - 36000 + 3600 * i,
        time_base=Fraction(1, 90000),
    )
    with open_video(source) as reader:
        assert reader.index.pts[0] < 0
    encode(source, tmp_path / f"out{suffix}", [Piece(0, 30, 25)])
    given, made = stamps(source), stamps(tmp_path / f"out{suffix}")
    assert made[0] == 0
    assert [t - given[0] for t in given] == made


CLOCKS = {"1.4 s": 1.4, "10 hours": 36000.0, "wraps on the way": 2**33 / 90000 - 1.9}


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("clock", CLOCKS)
def test_a_clock_that_starts_late_starts_anew_for_all_streams(
    tmp_path: Path, clock: str, suffix: str
) -> None:
    source, target = tmp_path / "source.ts", tmp_path / f"out{suffix}"
    with_audio(source, {"output_ts_offset": f"{CLOCKS[clock]}"})
    encode(source, target, [Piece(0, 12, 30), Piece(12, 30, 22)])
    given, made = starts(source), starts(target)
    assert min(made) == 0
    assert max(made) < 0.1  # no lead of the source's clock
    for was, now in zip(given, made, strict=True):
        assert now - made[0] == pytest.approx(was - given[0], abs=0.0021)
    assert [t - stamps(source)[0] for t in stamps(source)] == [i * Fraction(1, 25) for i in range(30)]
    moved = stamps(target)
    assert [float(t - moved[0]) for t in moved] == pytest.approx([i / 25 for i in range(30)], abs=0.0011)
    assert len(measure(source, target)) == 30  # they pair
    if suffix == ".mp4":  # Matroska stores no decode stamps
        assert (np.diff([p.dts or 0 for p in packets_of(target, 0)]) > 0).all()


def starts(path: Path) -> list[float]:
    """Seconds of the first packet of each stream, as FFmpeg reads them."""
    with av.open(str(path)) as container:
        count = len(container.streams)
    return [float(min((p.pts or 0) * p.time_base for p in packets_of(path, i))) for i in range(count)]


def packets_of(path: Path, stream: int) -> list[av.Packet]:
    with av.open(str(path)) as container:
        return [p for p in container.demux(container.streams[stream]) if p.size]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_chapters_move_with_the_clock(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / "source.mkv"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = videos.WIDTH, videos.HEIGHT
        edges = [(3_600_000, 3_600_480), (3_600_480, 3_601_200)]
        container.set_chapters(
            [
                {"id": i, "start": a, "end": b, "time_base": Fraction(1, 1000), "metadata": {"title": str(i)}}
                for i, (a, b) in enumerate(edges)
            ]
        )
        for i in range(30):
            picture = videos.picture(i)
            picture.pts, picture.time_base = 90_000 + i, Fraction(1, 25)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    encode(source, tmp_path / f"out{suffix}", [Piece(0, 30, 30)])
    with av.open(str(tmp_path / f"out{suffix}")) as container:
        found = [
            tuple(float(chapter[edge] * chapter["time_base"]) for edge in ("start", "end"))
            for chapter in container.chapters()
        ]
    assert found == [(0.0, 0.48), (0.48, 1.2)]


def with_audio(path: Path, muxer: dict[str, str] | None = None) -> Path:
    """Video and two audio streams."""
    with av.open(str(path), "w", options=muxer or {}) as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height = videos.WIDTH, videos.HEIGHT
        sounds = [container.add_stream(codec, rate=48000) for codec in ("aac", "libmp3lame")]
        sounds[1].metadata["language"] = "deu"
        container.metadata["title"] = "A title"
        for i in range(30):
            container.mux(video.encode(videos.picture(i)))
        noise = np.random.default_rng(3).normal(size=(2, 1152 * 40)).astype(np.float32) / 8
        for sound in sounds:
            sound.codec_context.open(strict=False)
            size = sound.codec_context.frame_size
            for at in range(0, noise.shape[1] - size, size):
                frame = av.AudioFrame.from_ndarray(noise[:, at : at + size], "fltp", "stereo")
                frame.sample_rate, frame.pts, frame.time_base = 48000, at, Fraction(1, 48000)
                container.mux(sound.encode(frame))
            container.mux(sound.encode(None))
        container.mux(video.encode(None))
    return path


def copies(path: Path, kind: str) -> list[list[tuple[Fraction, bytes]]]:
    with av.open(str(path)) as container:
        streams = getattr(container.streams, kind)
        found: dict[int, list[tuple[Fraction, bytes]]] = {stream.index: [] for stream in streams}
        for packet in container.demux(*streams):
            if packet.size:
                found[packet.stream_index].append(((packet.pts or 0) * packet.time_base, bytes(packet)))
    return list(found.values())


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_audio_is_copied_bit_by_bit(tmp_path: Path, suffix: str) -> None:
    source = with_audio(tmp_path / "source.mp4")
    last = encode(source, tmp_path / f"out{suffix}", [Piece(0, 30, 30)])
    given, made = copies(source, "audio"), copies(tmp_path / f"out{suffix}", "audio")
    assert [len(stream) > 30 for stream in given] == [True, True]
    assert [[data for _, data in stream] for stream in made] == [
        [data for _, data in stream] for stream in given
    ]
    moved = stamps(tmp_path / f"out{suffix}")[0]  # Matroska has no negative time: AAC's lead-in moves all
    assert moved < 0.03
    for a, b in zip(given, made, strict=True):
        for (was, _), (now, _) in zip(a, b, strict=True):
            assert abs(float(was + moved - now)) <= (0 if suffix == ".mp4" else 0.002)
    assert last.warnings == ()
    with av.open(str(tmp_path / f"out{suffix}")) as container:
        assert container.metadata["title"] == "A title"
        assert container.streams.audio[1].language == "deu"


def test_a_time_code_track_is_left_out(tmp_path: Path) -> None:
    """Players do not need it, and FFmpeg refuses to write it beside the one that it makes itself."""
    source = tmp_path / "source.mp4"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = videos.WIDTH, videos.HEIGHT
        stream.metadata["timecode"] = "01:00:00:00"
        for i in range(5):
            container.mux(stream.encode(videos.picture(i)))
        container.mux(stream.encode(None))
    with av.open(str(source)) as container:
        assert [s.type for s in container.streams] == ["video", "data"]
    told = encode(source, tmp_path / "out.mp4", [Piece(0, 5, 30)]).warnings
    assert told == ("Stream 1, data, is left out: audio and subtitles alone are copied.",)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert [s.type for s in container.streams] == ["video"]


SUBTITLES = "1\n00:00:00,200 --> 00:00:00,600\nHello\n\n2\n00:00:00,700 --> 00:00:01,100\nthere\n"


def test_subtitles_are_copied_or_told(tmp_path: Path) -> None:
    (tmp_path / "text.srt").write_text(SUBTITLES)
    video = videos.encode(tmp_path / "video.mp4", options=videos.x264(), frames=30)
    source = tmp_path / "source.mkv"
    with av.open(str(video)) as a, av.open(str(tmp_path / "text.srt")) as b, av.open(str(source), "w") as out:
        made = [(given, out.add_stream_from_template(given.streams[0], opaque=True)) for given in (a, b)]
        for given, copy in made:
            for packet in given.demux(given.streams[0]):
                if packet.size:
                    packet.stream = copy
                    out.mux(packet)
    assert encode(source, tmp_path / "out.mkv", [Piece(0, 30, 30)]).warnings == ()
    given, made = copies(source, "subtitles"), copies(tmp_path / "out.mkv", "subtitles")
    assert made == given
    assert [data for _, data in made[0]] == [b"Hello", b"there"]
    told = encode(source, tmp_path / "out.mp4", [Piece(0, 30, 30)]).warnings
    assert len(told) == 1
    assert "subtitle (subrip), is left out: mp4 cannot hold it" in told[0]
    with open_video(tmp_path / "out.mp4") as reader:
        assert len(reader) == 30


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_colours_shape_and_rotation_are_kept(tmp_path: Path, encoder: str, suffix: str) -> None:
    source = tmp_path / "source.mp4"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = videos.WIDTH, videos.HEIGHT
        context = stream.codec_context
        context.color_range, context.color_primaries, context.color_trc, context.colorspace = 2, 1, 1, 1
        context.pix_fmt = "yuvj420p"
        context.sample_aspect_ratio = Fraction(4, 3)
        stream.set_display_rotation(90)
        for i in range(8):
            container.mux(stream.encode(videos.picture(i, "yuvj420p")))
        container.mux(stream.encode(None))
    target = tmp_path / f"out{suffix}"
    assert encode(source, target, [Piece(0, 8, 12)], encoder=encoder).warnings == ()
    with open_video(source) as a, open_video(target) as b:
        names = ("color_range", "color_primaries", "color_transfer", "color_matrix", "rotation", "width")
        assert [getattr(b.info, n) for n in names] == [getattr(a.info, n) for n in names]
        assert (a.info.rotation, a.info.color_range) == (270, "full")
        difference = a.read(5).luma().astype(int) - b.read(5).luma()
        assert np.abs(difference).mean() < 2
    with av.open(str(target)) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(4, 3)


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_ten_bits_stay_ten_bits_on_the_same_scale(tmp_path: Path, encoder: str) -> None:
    source = videos.encode(tmp_path / "source.mkv", "ffv1", pix_fmt="yuv420p10le", frames=FRAMES, options={})
    encode(source, tmp_path / "out.mp4", REEL, encoder=encoder, keyint=KEYINT)
    found = read_back(tmp_path / "out.mp4")
    with open_video(tmp_path / "out.mp4") as reader:
        assert (reader.info.pix_fmt, len(reader)) == ("yuv420p10le", FRAMES)
    assert np.array_equal(found.qp_min, planned(REEL, found.types))
    assert np.array_equal(found.qp_max, planned(REEL, found.types))
    eight = videos.encode(tmp_path / "eight.mkv", "ffv1", frames=FRAMES, options={})
    encode(eight, tmp_path / "eight.mp4", REEL, encoder=encoder, keyint=KEYINT)
    for piece in REEL:
        losses = [loss(source, tmp_path / "out.mp4", piece), loss(eight, tmp_path / "eight.mp4", piece)]
        assert losses[0] == pytest.approx(losses[1], rel=0.4, abs=0.3)  # 12 QP would be a factor of 10


def loss(a: Path, b: Path, piece: Piece) -> float:
    """Mean squared error of luma over a piece, in 8-bit codes."""
    with open_video(a) as given, open_video(b) as made:
        pairs = zip(*(r.frames(piece.start, piece.stop) for r in (given, made)), strict=True)
        return float(np.mean([(x.luma().astype(float) - y.luma()) ** 2 for x, y in pairs]))


@pytest.mark.parametrize(
    ("pix_fmt", "made"), [("bgr0", "yuv420p"), ("yuv444p", "yuv444p"), ("gray", "yuv420p")]
)
def test_other_sample_layouts(tmp_path: Path, pix_fmt: str, made: str) -> None:
    source = videos.encode(tmp_path / "source.mkv", "ffv1", pix_fmt=pix_fmt, frames=4, options={})
    last = encode(source, tmp_path / "out.mp4", [Piece(0, 4, 8)])
    assert bool(last.warnings) == (pix_fmt != made)
    assert all("converted to yuv420p" in text for text in last.warnings)
    with open_video(source) as a, open_video(tmp_path / "out.mp4") as b:
        assert b.info.pix_fmt == made
        assert np.abs(a.read(2).luma().astype(int) - b.read(2).luma()).mean() < 2


def test_full_range_for_av1_which_has_no_format_for_it(tmp_path: Path) -> None:
    source = videos.encode(tmp_path / "source.avi", "mjpeg", pix_fmt="yuvj420p", frames=4)
    encode(source, tmp_path / "out.mp4", [Piece(0, 4, crf=5)], encoder="libsvtav1")
    with open_video(source) as a, open_video(tmp_path / "out.mp4") as b:
        assert (b.info.pix_fmt, b.info.color_range) == ("yuv420p", "full")
        assert np.abs(a.read(2).luma().astype(int) - b.read(2).luma()).mean() < 2


def test_cancelling_leaves_what_was_there(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out.mp4"
    target.write_bytes(b"an older encode")
    steps = encode_video(source, target, REEL)
    assert next(steps).done == 1
    assert len(list(tmp_path.iterdir())) == 2
    for _ in range(30):
        next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]
    assert target.read_bytes() == b"an older encode"


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file may grow beyond 30 kB, which a full disk resembles: writing fails with an error number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_full_disk(tmp_path: Path, source: Path, suffix: str) -> None:
    with pytest.raises(JNDError, match=r"cannot be written \(File too large\); free some space"):
        list(encode_video(source, tmp_path / f"out{suffix}", REEL))
    assert list(tmp_path.iterdir()) == []


BAD_PIECES: dict[str, tuple[list[Piece], str]] = {
    "too few": (REEL[:-1], "the pieces cover 105 frames and the video has 120"),
    "too many": ([*REEL, Piece(FRAMES, FRAMES + 1, 20)], "the pieces cover 121 frames"),
    "a gap": ([REEL[0], *REEL[2:]], "frame 12 is due"),
    "an empty one": ([Piece(0, 0, 20), *REEL], "without a gap"),
    "none": ([], "cover 0 frames"),
    "lossless": ([Piece(0, FRAMES, 0)], "QP 0 is outside 4 to 49"),
    "QP and CRF": ([Piece(0, FRAMES, 20, 20.0)], "either a QP or a CRF"),
    "QPs and CRFs": ([Piece(0, 12, 20), Piece(12, FRAMES, crf=20.0)], "one of the two"),
    "CRF 0": ([Piece(0, FRAMES, crf=0.0)], "takes a CRF above 0"),
}


@pytest.mark.parametrize("case", BAD_PIECES)
def test_pieces_that_do_not_fit(tmp_path: Path, source: Path, case: str) -> None:
    pieces, complaint = BAD_PIECES[case]
    with pytest.raises(MediaError, match=complaint):
        list(encode_video(source, tmp_path / "out.mp4", pieces))
    assert list(tmp_path.iterdir()) == []


def test_what_an_encoder_cannot_take(tmp_path: Path, source: Path) -> None:
    odd = videos.encode(tmp_path / "odd.mkv", "ffv1", frames=2, size=(65, 48), options={})
    target = tmp_path / "out.mp4"
    for encoder in ("libx264", "libx265"):
        with pytest.raises(MediaError, match="cannot encode 65x48 in yuv420p; crop or scale"):
            list(encode_video(odd, target, [Piece(0, 2, 20)], EncodeSettings(encoder)))  # type: ignore[arg-type]
    with pytest.raises(MediaError, match="no QPs of H"):
        list(encode_video(source, target, REEL, EncodeSettings("libsvtav1")))
    with pytest.raises(MediaError, match="whole CRFs"):
        list(encode_video(source, target, [Piece(0, FRAMES, crf=20.5)], EncodeSettings("libsvtav1")))
    with pytest.raises(MediaError, match="choose a preset"):
        list(encode_video(source, target, REEL, EncodeSettings(preset="hasty")))
    assert not target.exists()


def test_names_that_cannot_be_written(tmp_path: Path, source: Path) -> None:
    for name, complaint in {"out.avi": "name it .mp4", "no/out.mp4": "choose a folder that exists"}.items():
        with pytest.raises(JNDError, match=complaint):
            list(encode_video(source, tmp_path / name, REEL))
    os.link(source, tmp_path / "itself.mp4")
    with pytest.raises(MediaError, match="this is the video itself"):
        list(encode_video(source, tmp_path / "itself.mp4", REEL))


def test_fields_of_which_two_make_a_frame(tmp_path: Path) -> None:
    """The index promises a frame for each; the plan knows better."""
    source = field_coded.write(tmp_path / "fields.ts", 12)
    with open_video(source) as reader:
        assert len(reader) > 12
        frames = len(list(reader.frames()))
    last = encode(source, tmp_path / "out.mp4", [Piece(0, frames, 30)])
    assert any("interlaced" in text for text in last.warnings)
    assert len(measure(source, tmp_path / "out.mp4")) == frames == 12


def test_an_index_that_promised_too_much(tmp_path: Path, source: Path) -> None:
    """Only decoding shows that a packet in the middle holds no picture."""
    broken = videos.remux(source, tmp_path / "broken.mp4", _emptied(50))
    with open_video(broken) as reader:
        assert len(reader) == FRAMES
    with pytest.raises(MediaError, match="the pieces cover 120; analyse and plan it again"):
        list(encode_video(broken, tmp_path / "out.mp4", REEL))
    assert not (tmp_path / "out.mp4").exists()


def _emptied(n: int):  # type: ignore[no-untyped-def]
    def change(i: int, packet: av.Packet) -> av.Packet:
        if i != n:
            return packet
        empty = av.Packet(b"\0\0\0\2\x09\xf0")  # an access unit delimiter and nothing else
        empty.pts, empty.dts, empty.time_base = packet.pts, packet.dts, packet.time_base
        empty.duration = packet.duration
        return empty

    return change


@given(
    steps=st.lists(st.integers(1, 1000), min_size=1, max_size=60),
    first=st.integers(-5000, 5000),
    delay=st.integers(0, 4),
    data=st.data(),
)
def test_decode_stamps_rise_and_never_pass_the_pts(
    steps: list[int], first: int, delay: int, data: st.DataObject
) -> None:
    pts = np.cumsum([first, *steps]).astype(np.int64)
    index = FrameIndex(pts, np.ones(len(pts), dtype=bool), Fraction(1, 1000))
    queue = DecodeStamps(index, delay)
    for p in pts:
        queue.shown(int(p))
    dts = [queue.take() for _ in pts]
    assert (np.diff(dts) > 0).all()
    left = list(range(len(pts)))
    for k in range(len(pts)):  # any coded order in which nothing is coded more than `delay` places late
        overdue = bool(left) and left[0] <= k - delay
        n = left.pop(0 if overdue else data.draw(st.integers(0, len(left) - 1)))
        assert dts[k] <= pts[n]
