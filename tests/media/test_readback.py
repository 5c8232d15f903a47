from __future__ import annotations

import csv
from pathlib import Path

import av
import numpy as np
import pytest
import videos
from av.sidedata.sidedata import Type

from jndcore.media import MediaError, read_back
from jndcore.media.trace import trace_hevc

FRAMES = 40


def noise(i: int) -> av.VideoFrame:
    values = np.random.default_rng(i).integers(0, 256, (videos.HEIGHT * 3 // 2, videos.WIDTH), dtype=np.uint8)
    return av.VideoFrame.from_ndarray(values, "yuv420p")


def maps(path: Path) -> list[np.ndarray]:
    """QPs of macroblocks as PyAV gives them."""
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        context.thread_type = "NONE"
        context.options = {"export_side_data": "venc_params"}
        return [frame.side_data[Type.VIDEO_ENC_PARAMS].qp_map() for frame in container.decode(video=0)]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_the_macroblocks_of_h264(tmp_path: Path, suffix: str) -> None:
    options = {"preset": "medium", "crf": "28", "x264-params": "aq-strength=2"}
    path = videos.encode(tmp_path / f"v{suffix}", options=options, frames=FRAMES)
    found = read_back(path)
    expected = maps(path)
    assert (found.codec, len(found), found.damaged, found.uniform) == ("h264", FRAMES, 0, True)
    assert found.qp_min == pytest.approx([m.min() for m in expected])
    assert found.qp == pytest.approx([m.mean() for m in expected])
    assert found.qp_max == pytest.approx([m.max() for m in expected])
    assert (found.qp_max > found.qp_min).any()
    assert (np.diff(found.pts) > 0).all()


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    """With frame threads FFmpeg exports QPs of pictures that are not decoded to their end."""
    path = videos.encode(tmp_path / "v.mp4", options={"qp": "12"}, frames=120, size=(320, 192))
    offsets = {"I": -3, "P": 0, "B": 1, "b": 2}
    for _ in range(3):
        found = read_back(path)
        assert list(found.qp_min) == list(found.qp_max) == [12 + offsets[kind] for kind in found.types]


@pytest.mark.parametrize(
    ("params", "kinds"),
    [
        ("b-pyramid=none:bframes=2:b-adapt=0", "IbbP"),
        ("b-pyramid=normal:bframes=3:b-adapt=0", "IbBbP"),
        ("bframes=0", "IPPP"),
    ],
)
def test_which_b_frames_others_refer_to(tmp_path: Path, params: str, kinds: str) -> None:
    path = videos.encode(tmp_path / "v.mp4", options={"qp": "30", "x264-params": params}, frames=19)
    assert "".join(read_back(path).types).startswith(kinds)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_an_open_gop_starts_with_no_key_frame(tmp_path: Path, suffix: str) -> None:
    options = {"preset": "medium", "x264-params": "open-gop=1:keyint=10:min-keyint=10:scenecut=0:bframes=3"}
    path = videos.encode(tmp_path / f"v{suffix}", options=options, frames=FRAMES)
    found = read_back(path)
    assert np.flatnonzero(found.key).tolist() == idrs(path) == [0]
    assert (found.types == "I").sum() == 4
    closed = videos.encode(tmp_path / f"w{suffix}", options=videos.x264(), frames=FRAMES)
    assert np.flatnonzero(read_back(closed).key).tolist() == idrs(closed) == [0, videos.GOP]


def idrs(path: Path) -> list[int]:
    """Numbers of IDR pictures, as FFmpeg's parser of headers names their units."""
    found = []
    av.logging.set_level(av.logging.INFO)
    try:
        with av.open(str(path)) as container, av.logging.Capture() as log:
            bsf = av.BitStreamFilterContext("trace_headers", container.streams.video[0])
            for packet in container.demux(video=0):
                if packet.size:
                    pts = packet.pts or 0
                    bsf.filter(packet)
                    types = [int(m.split("=")[1]) for *_, m in log if "nal_unit_type" in m]
                    found.append((pts, 5 in types))
                    log.clear()
    finally:
        av.logging.set_level(None)
    return [n for n, (_, idr) in enumerate(sorted(found)) if idr]


def test_raw_macroblocks_do_not_count(tmp_path: Path) -> None:
    """x264 stores noise at a low QP as samples (I_PCM), to which FFmpeg gives QP 0."""

    def half(i: int) -> av.VideoFrame:
        values = noise(i).to_ndarray()
        values[:, : videos.WIDTH // 2] = 10 * i
        return av.VideoFrame.from_ndarray(values, "yuv420p")

    for name, picture_of in {"half": half, "whole": noise}.items():
        options = {"qp": "8", "x264-params": "psy=0"}
        path = videos.encode(tmp_path / f"{name}.mp4", options=options, frames=6, picture_of=picture_of)
        assert all((m == 0).mean() >= 0.5 for m in maps(path))
        found = read_back(path)
        if picture_of is half:
            assert set(found.qp_min) <= {5, 8, 9, 10}
            assert np.array_equal(found.qp_min, found.qp_max)
        else:
            assert np.isnan(found.qp).all()


def test_slices(tmp_path: Path) -> None:
    path = videos.encode(tmp_path / "v.mp4", options={"qp": "30", "x264-params": "slices=3"}, frames=8)
    found = read_back(path)
    assert len(found) == 8
    assert set(found.qp) <= {27, 30, 31, 32}


X265 = {
    "CQP": "qp=26:bframes=4",
    "open GOPs": "qp=33:keyint=9:min-keyint=9:open-gop=1",
    "no pyramid": "qp=20:b-pyramid=0:bframes=3",
    "two references of a list, weights": "qp=22:ref=4:weightb=1:limit-refs=0",
    "slices": "qp=30:slices=2",
    "no temporal motion, long blocks": "qp=14:temporal-mvp=0:ctu=16:rect=1:amp=1",
    "AQ off in CRF": "crf=30:aq-mode=0:cutree=0",
}


@pytest.mark.parametrize("case", X265)
@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
def test_hevc_against_the_log_of_x265(tmp_path: Path, case: str, suffix: str) -> None:
    log = tmp_path / "log.csv"
    params = f"{X265[case]}:csv={log}:csv-log-level=2:log-level=none"
    path = videos.encode(
        tmp_path / f"v{suffix}", "libx265", {"preset": "medium", "x265-params": params}, frames=FRAMES
    )
    lines = csv.DictReader(log.read_text().splitlines())
    rows = [{k.strip(): v.strip() for k, v in row.items() if k} for row in lines]
    rows = [row for row in rows if row.get("Type", "").endswith("SLICE")]
    number = np.argsort(display_order(rows))
    found = read_back(path)
    assert (found.codec, len(found), found.damaged) == ("hevc", FRAMES, 0)
    kinds = [rows[n]["Type"].split("-")[0] for n in number]
    assert "".join(found.types) == "".join("I" if k in "iI" else k for k in kinds)
    logged = [float(rows[n]["QP"]) for n in number]  # of CRF before it was rounded
    assert found.qp == pytest.approx(logged, abs=0.51 if "crf" in params else 0)
    assert found.uniform


def display_order(rows: list[dict[str, str]]) -> list[int]:
    """POC starts again at each IDR picture, which the log calls so by a POC of 0."""
    base, highest, order = 0, -1, []
    for row in rows:
        poc = int(row["POC"])
        if poc == 0:
            base = highest + 1
        order.append(base + poc)
        highest = max(highest, base + poc)
    return order


def test_hevc_with_adaptive_quantisation_is_not_called_uniform(tmp_path: Path) -> None:
    params = {"preset": "ultrafast", "x265-params": "crf=28:aq-mode=1:log-level=none"}
    path = videos.encode(tmp_path / "v.mp4", "libx265", params, frames=9)
    found = read_back(path)
    assert not found.uniform
    assert np.isfinite(found.qp).all()


@pytest.mark.parametrize("codec", ["libsvtav1", "libvpx-vp9", "mpeg4"])
def test_other_codecs_give_types_alone(tmp_path: Path, codec: str) -> None:
    path = videos.encode(tmp_path / "v.mkv", codec, {}, frames=9)
    found = read_back(path)
    assert len(found) == 9
    assert np.isnan(found.qp).all()
    assert found.types[0] == "I"


def test_time_stamps_that_do_not_name_frames(tmp_path: Path) -> None:
    path = videos.encode(tmp_path / "v.h264", options=videos.x264(), frames=9)
    with pytest.raises(MediaError, match="its time stamps do not name its frames"):
        read_back(path)


def test_no_video(tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_text("no video")
    with pytest.raises(MediaError, match="not a video that FFmpeg can open"):
        read_back(tmp_path / "v.mp4")
    with pytest.raises(MediaError, match="not a video that FFmpeg can open"):
        next(trace_hevc(tmp_path / "v.mp4"))


def test_damaged_frames_are_counted(tmp_path: Path) -> None:
    whole = videos.encode(tmp_path / "whole.mkv", options=videos.x264(), frames=60)

    def spoil(i: int, packet: av.Packet) -> av.Packet:
        if i != 10:
            return packet
        spoilt = av.Packet(bytes(packet)[: packet.size // 2] + bytes(packet.size - packet.size // 2))
        spoilt.pts, spoilt.dts, spoilt.time_base = packet.pts, packet.dts, packet.time_base
        return spoilt

    assert read_back(videos.remux(whole, tmp_path / "spoilt.mkv", spoil)).damaged > 0


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_progress_and_its_cancelling(tmp_path: Path, codec: str) -> None:
    path = videos.encode(tmp_path / "v.mp4", codec, {"preset": "ultrafast"}, frames=60)
    told: list[float] = []
    read_back(path, told.append)
    assert told == sorted(told)
    assert 0.9 < told[-1] <= 1

    class CancelledError(Exception):
        pass

    def cancel(done: float) -> None:
        if done > 0.6:
            raise CancelledError

    with pytest.raises(CancelledError):
        read_back(path, cancel)
