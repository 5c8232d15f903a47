from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import typer
import videos

from jndcore.commands.encode import encode as encode_command
from jndcore.commands.verify import verify as verify_command
from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.schedule import Predicted, Schedule, Segment, write_schedule
from jndcore.schedule.encoding import encode
from jndcore.schedule.report_text import report_text
from jndcore.schedule.verify import verify

QPS = [22, 34, 12, 12, 41, 18]
EDGES = [0, 14, 26, 60, 61, 75, 96]
FRAMES = EDGES[-1]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "source.mp4"
    return videos.encode(path, options=videos.x264(), frames=FRAMES)


@pytest.fixture
def planned(source: Path) -> Schedule:
    return plan_for(source)


@pytest.fixture
def encoded(tmp_path: Path, source: Path, planned: Schedule) -> Path:
    return made(source, planned, tmp_path / "out.mp4")


def plan_for(video: Path, encoder: str = "libx264", mode: str = "qp") -> Schedule:
    with open_video(video) as reader:
        identity, varies = reader.info.identity, reader.info.variable_frame_rate
    predicted = Predicted(24.5, 4.7, 1.8, 24.5, 4.7, 81.2, 81.2)
    parts = zip(EDGES[:-1], EDGES[1:], QPS, strict=True)
    segments = tuple(Segment(a, b, q if mode == "qp" else q + 0.5, predicted) for a, b, q in parts)
    return Schedule(
        identity,
        varies,
        mode,
        1,
        75.0,
        "net.tag",
        "ab" * 32,
        encoder,
        "veryfast",
        segments,  # type: ignore[arg-type]
    )


def made(video: Path, schedule: Schedule, target: Path) -> Path:
    assert [step for step in encode(video, schedule, target)][-1].finished
    return target


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_an_encode_that_follows_its_schedule(tmp_path: Path, source: Path, encoder: str) -> None:
    planned = plan_for(source, encoder)
    target = made(source, planned, tmp_path / "out.mp4")
    report = verify(target, planned, source)
    assert report.ok
    assert report.reasons == report.remarks == report.frames_off_plan == ()
    assert [(s.start, s.stop, s.value, s.qp, s.off_plan) for s in report.segments] == [
        (a, b, q, q, 0) for a, b, q in zip(EDGES[:-1], EDGES[1:], QPS, strict=True)
    ]
    assert sum(s.bytes for s in report.segments) == report.read_back.bytes.sum()
    first = report.segments[0]
    assert first.kbps == pytest.approx(first.bytes * 8 / (14 / 25) / 1000)
    assert first.predicted.jnd == 24.5
    assert report.metrics is not None
    assert len(report.metrics) == FRAMES
    for s in report.segments:
        assert s.psnr == pytest.approx(report.metrics.psnr[s.start : s.stop].mean())
        assert s.worst_frame is not None
        assert report.metrics.xpsnr[s.worst_frame] == report.metrics.xpsnr[s.start : s.stop].min()
    quality = [s.xpsnr for s in report.segments]
    assert np.argsort(quality)[0] == 4  # the segment with the highest QP


def test_without_a_source_it_says_what_is_not_compared(encoded: Path, planned: Schedule) -> None:
    report = verify(encoded, planned)
    assert report.ok
    assert report.remarks == ("No source was given: neither time stamps nor pictures are compared.",)
    assert report.metrics is None
    assert report.segments[2].qp == 12


def test_a_segment_at_another_qp_is_found_frame_by_frame(
    tmp_path: Path, source: Path, planned: Schedule
) -> None:
    segments = list(planned.segments)
    segments[2] = replace(segments[2], value=13)
    target = made(source, replace(planned, segments=tuple(segments)), tmp_path / "out.mp4")
    report = verify(target, planned, source)
    assert not report.ok
    assert report.reasons == ("34 of 96 frames are off plan, the first is frame 26",)
    assert [frame.frame for frame in report.frames_off_plan] == list(range(26, 60))
    assert [s.off_plan for s in report.segments] == [0, 0, 34, 0, 0, 0]
    first = report.frames_off_plan[0]
    assert (first.type, first.planned, first.lowest, first.highest) == ("I", 9, 10, 10)
    assert "off plan: frame 26, I: QP 10, planned 9" in report_text(report)
    assert "off plan: 29 frames more" in report_text(report)


@pytest.mark.parametrize("options", [{"qp": "26"}, {"crf": "23"}, {"qp": "22"}], ids=str)
@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_another_encode_falls_short(
    tmp_path: Path, source: Path, encoder: str, options: dict[str, str]
) -> None:
    quiet = {"x265-params": "log-level=none"} if encoder == "libx265" else {}
    other = recoded(source, tmp_path / "other.mp4", encoder, options | quiet)
    report = verify(other, plan_for(source, encoder))
    assert not report.ok
    assert len(report.frames_off_plan) > FRAMES / 2
    assert any("frames are off plan" in text for text in report.reasons)


def recoded(source: Path, path: Path, codec: str, options: dict[str, str], **how: object) -> Path:
    with open_video(source) as reader:
        frames = [frame.planes() for frame in reader.frames()]

    def picture(i: int) -> av.VideoFrame:
        planes = frames[i]
        stacked = np.concatenate([p.reshape(-1, videos.WIDTH) for p in (planes.y, planes.u, planes.v)])
        return av.VideoFrame.from_ndarray(stacked, "yuv420p")

    how = {"frames": FRAMES, "picture_of": picture} | how
    return videos.encode(path, codec, options, **how)  # type: ignore[arg-type]


def test_blocks_that_leave_their_slice_are_not_proved(tmp_path: Path, source: Path) -> None:
    """HEVC's headers tell the slice's QP alone: with adaptive quantisation they prove nothing."""
    options = {"preset": "ultrafast", "x265-params": "crf=30:aq-mode=2:log-level=none"}
    other = recoded(source, tmp_path / "other.mp4", "libx265", options)
    report = verify(other, plan_for(source, "libx265"))
    assert (
        "blocks may have other QPs than their slice: adaptive quantisation or cutree is on" in report.reasons
    )


def test_numbers_and_times_come_before_any_score(tmp_path: Path, source: Path, encoded: Path) -> None:
    planned = plan_for(source)
    fewer = videos.remux(encoded, tmp_path / "fewer.mp4", lambda i, p: p if i < FRAMES - 1 else None)
    report = verify(fewer, planned, source)
    assert "it has 95 frames, and 96 are planned" in report.reasons
    assert report.segments == ()
    assert report.metrics is None
    uneven = videos.remux(encoded, tmp_path / "uneven.mp4", _pause_at(50))
    report = verify(uneven, planned, source)
    assert [text for text in report.reasons if "frame 50 comes" in text]
    assert report.metrics is None
    assert report.frames_off_plan == ()


def _pause_at(frame: int) -> Callable[[int, av.Packet], av.Packet]:
    def change(_: int, packet: av.Packet) -> av.Packet:
        assert packet.pts is not None
        if packet.pts >= frame * 512:
            packet.pts += 200
        if packet.dts is not None and packet.dts >= frame * 512:
            packet.dts += 200
        return packet

    return change


def test_a_shorter_video_of_as_many_frames(tmp_path: Path, encoded: Path, planned: Schedule) -> None:
    """Even without a source."""

    def faster(_: int, packet: av.Packet) -> av.Packet:
        packet.pts = packet.pts // 2
        packet.dts = packet.dts // 2 if packet.dts is not None else None
        return packet

    report = verify(videos.remux(encoded, tmp_path / "fast.mp4", faster), planned)
    assert report.reasons == ("its frames last 1.94 s and the video's 3.84 s",) or "last" in report.reasons[0]


def test_other_pictures_at_the_planned_qps(tmp_path: Path, source: Path) -> None:
    """Only the pictures tell."""
    planned = plan_for(source)
    strange = videos.encode(
        tmp_path / "strange.mp4", options=videos.x264(), frames=FRAMES, picture_of=_upside_down
    )
    target = made(strange, replace(planned, video=plan_for(strange).video), tmp_path / "out.mp4")
    assert verify(target, planned).ok
    report = verify(target, planned, source)
    assert not report.ok
    assert "frames show something else than the source's" in report.reasons[0]
    late = videos.encode(
        tmp_path / "late.mp4",
        options={"qp": "10"},
        frames=FRAMES,
        picture_of=lambda i: videos.picture(max(0, i - 1)),
    )
    target = made(late, replace(planned, video=plan_for(late).video), tmp_path / "out.mp4")
    report = verify(target, planned, source)
    assert "look more like the source's frame before or after theirs" in report.reasons[0]


def _upside_down(i: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(videos.picture(i + 7).to_ndarray()[::-1].copy(), "yuv420p")


def test_another_source_is_no_reference(tmp_path: Path, encoded: Path, planned: Schedule) -> None:
    other = videos.encode(tmp_path / "other.mp4", options=videos.x264("ref=1"), frames=FRAMES)
    report = verify(encoded, planned, other)
    assert report.reasons == ("other.mp4 is not the video that was planned (source.mp4)",)
    assert report.metrics is None
    with pytest.raises(
        JNDError, match=r"other.mp4: not the video that was planned \(source.mp4, [\d,]+ bytes\)"
    ):
        encode(other, planned, tmp_path / "out2.mp4")


def test_codec_size_and_damage(tmp_path: Path, source: Path, encoded: Path, planned: Schedule) -> None:
    report = verify(encoded, plan_for(source, "libx265"))
    assert report.reasons == ("it is h264, and hevc is planned (libx265)",)
    small = videos.encode(tmp_path / "small.mp4", frames=FRAMES, size=(96, 64))
    assert "it shows 96x64 and the video 160x96" in verify(small, planned).reasons
    whole = videos.remux(encoded, tmp_path / "whole.mkv")
    spoilt = videos.remux(whole, tmp_path / "spoilt.mkv", _spoil)
    assert any("frames are damaged" in text for text in verify(spoilt, planned).reasons)
    unproved = videos.encode(tmp_path / "av1.mp4", "libsvtav1", {"preset": "12"}, frames=FRAMES)
    assert "QPs of av1 cannot be read back, so they are not proved" in verify(unproved, planned).reasons


def _spoil(i: int, packet: av.Packet) -> av.Packet:
    if i != 5:
        return packet
    spoilt = av.Packet(bytes(packet)[: packet.size // 2] + bytes(packet.size - packet.size // 2))
    spoilt.pts, spoilt.dts, spoilt.time_base = packet.pts, packet.dts, packet.time_base
    return spoilt


def test_crfs_are_told_and_not_judged(tmp_path: Path, source: Path) -> None:
    planned = plan_for(source, mode="crf")
    report = verify(made(source, planned, tmp_path / "out.mp4"), planned, source)
    assert report.ok
    assert report.frames_off_plan == ()
    found = [s.qp for s in report.segments if s.qp is not None]
    assert found[4] - found[2] > 15  # CRFs of 41.5 and 12.5
    text = report_text(report)
    assert "CRF 12.5" in text
    assert "off plan" not in text


def test_the_report_as_json_and_as_text(
    tmp_path: Path, encoded: Path, planned: Schedule, source: Path
) -> None:
    report = verify(encoded, planned, source)
    report.write(tmp_path / "report.json")
    document = json.loads((tmp_path / "report.json").read_text())
    assert (document["format"], document["ok"], document["codec"]) == ("jndscope-verification", True, "h264")
    assert {len(values) for values in document["frames"].values()} == {FRAMES}
    assert document["frames"]["qp"] == report.read_back.qp.tolist()
    assert document["frames"]["psnr"] == report.metrics.psnr.tolist()  # type: ignore[union-attr]
    assert document["segments"][1]["predicted"]["share_no_loss"] == 81.2
    lines = report_text(report).splitlines()
    assert lines[0].startswith("out.mp4: 96 frames of h264, ")
    assert lines[1].split("  ")[0].strip() == "frames"
    assert len({len(line) for line in lines[1:8]}) == 1
    assert "24.5 (1.8)" in lines[2]
    assert "VMAF" not in lines[1]
    assert lines[-1] == "as planned"


def test_progress_goes_through_both_stages(encoded: Path, planned: Schedule, source: Path) -> None:
    told: list[tuple[str, float]] = []
    verify(encoded, planned, source, progress=lambda stage, done: told.append((stage, done)))
    assert list(dict(told)) == ["reading back", "comparing"]
    assert dict(told)["comparing"] == 1


@pytest.fixture
def jnd(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run the two commands as `jnd` would; gives the exit code."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command("encode")(encode_command)
    app.command("verify")(verify_command)

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["jnd", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            app()
        return int(end.value.code or 0)

    return run


def test_the_commands(
    tmp_path: Path,
    source: Path,
    planned: Schedule,
    jnd: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan, target = tmp_path / "S.json", tmp_path / "out.mp4"
    write_schedule(planned, plan)
    assert jnd("encode", source, "--schedule", plan, "-o", target) == 0
    assert capsys.readouterr().out == f"{target}\n"
    found = tmp_path / "report.json"
    assert jnd("verify", target, "--schedule", plan, "--source", source, "--json", found) == 0
    assert capsys.readouterr().out.endswith("\nas planned\n")
    assert json.loads(found.read_text())["ok"]
    write_schedule(replace(planned, segments=(replace(planned.segments[0], stop=FRAMES),)), plan)
    assert jnd("verify", target, "--schedule", plan) == 1
    assert "falls short: 8" in capsys.readouterr().out
    with pytest.raises(JNDError, match="name it with --source"):
        verify_command(target, plan, vmaf=True)
