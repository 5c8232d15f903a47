from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import videos

from jndcore.media import MediaError, measure, open_video
from jndcore.media import vmaf as vmaf_module
from jndcore.media.planes import to_av

FRAMES = 8


def source(path: Path, **how: object) -> Path:
    return videos.encode(path, "ffv1", {}, frames=FRAMES, **how)  # type: ignore[arg-type]


def lossy(path: Path, qp: int = 30, **how: object) -> Path:
    return videos.encode(path, options={"qp": str(qp)}, frames=FRAMES, **how)  # type: ignore[arg-type]


def luma(path: Path) -> list[np.ndarray]:
    """Samples as decoded, in float."""
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray() for frame in container.decode(video=0)]
    return [p[: len(p) * 2 // 3].astype(np.float64) for p in pictures]


def psnr(a: np.ndarray, b: np.ndarray, peak: int) -> float:
    return float(10 * np.log10(peak**2 / np.mean((a - b) ** 2)))


def ssim(a: np.ndarray, b: np.ndarray, peak: int) -> float:
    """Wang et al. 2004 over every fourth window of 8x8, each weighted alike, as x264 computes it.

    With sums s over 64 samples in place of means; x264's first constant is a 64th of Wang's.
    """
    c1, c2 = int(0.01**2 * peak**2 * 64 + 0.5), int(0.03**2 * peak**2 * 64 * 63 + 0.5)

    def sums(x: np.ndarray) -> np.ndarray:
        return np.lib.stride_tricks.sliding_window_view(x, (8, 8))[::4, ::4].sum((-1, -2))

    sa, sb, saa, sab = sums(a), sums(b), sums(a * a + b * b), sums(a * b)
    variances, covariance = 64 * saa - sa * sa - sb * sb, 64 * sab - sa * sb
    values = (2 * sa * sb + c1) * (2 * covariance + c2)
    return float((values / ((sa * sa + sb * sb + c1) * (variances + c2))).mean())


@pytest.mark.parametrize(("pix_fmt", "peak"), [("yuv420p", 255), ("yuv420p10le", 1023), ("yuvj420p", 255)])
def test_psnr_and_ssim_by_their_formulas(tmp_path: Path, pix_fmt: str, peak: int) -> None:
    how = {"pix_fmt": pix_fmt, "size": (176, 104)}
    a = videos.encode(
        tmp_path / "a.mkv",
        options={"qp": "1" if peak == 255 else "13"},
        frames=FRAMES,
        **how,  # type: ignore[arg-type]
    )
    b = lossy(tmp_path / "b.mp4", **how)
    found = measure(a, b)
    assert len(found) == FRAMES
    assert found.vmaf is None
    pairs = list(zip(luma(a), luma(b), strict=True))
    assert found.psnr == pytest.approx([psnr(x, y, peak) for x, y in pairs], abs=0.02)
    assert found.ssim == pytest.approx([ssim(x, y, peak) for x, y in pairs], abs=2e-5)


def test_equal_frames_are_at_the_end_of_the_scales(tmp_path: Path) -> None:
    a = source(tmp_path / "a.mkv")
    found = measure(a, videos.remux(a, tmp_path / "b.nut"))
    assert (found.psnr == 100).all()
    assert (found.ssim == 1).all()
    assert (found.xpsnr == 100).all()


def test_xpsnr_of_pictures_too_small_for_weights_is_psnr(tmp_path: Path) -> None:
    a, b = source(tmp_path / "a.mkv", size=(40, 40)), lossy(tmp_path / "b.mp4", size=(40, 40))
    found = measure(a, b)
    assert found.xpsnr == pytest.approx(found.psnr, abs=0.01)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le"])
def test_xpsnr_weighs_by_the_source(tmp_path: Path, pix_fmt: str) -> None:
    """The same errors count less where the source is busy, whichever the encode is."""

    def write(name: str, busy: bool) -> Path:
        def flat_or_not(i: int) -> av.VideoFrame:
            values = np.random.default_rng(i).integers(-40, 41, (104, 200)) * busy + 128
            rgb = np.repeat(values.astype(np.uint8)[..., None], 3, axis=2)
            return av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format=pix_fmt)

        return source(tmp_path / name, pix_fmt=pix_fmt, size=(200, 104), picture_of=flat_or_not)

    flat, busy = write("flat.mkv", False), write("busy.mkv", True)
    forth, back = measure(busy, flat), measure(flat, busy)
    assert forth.psnr == pytest.approx(back.psnr)
    assert (forth.xpsnr > back.xpsnr + 2).all()
    assert (forth.xpsnr[1:] > back.xpsnr[1:] + 10).all()  # and where it has moved


def test_ten_bits_score_as_eight(tmp_path: Path) -> None:
    """The same pictures with two bits of nothing more; a width that FFmpeg pads."""
    scores = []
    for pix_fmt in ("yuv420p", "yuv420p10le"):
        a = source(
            tmp_path / f"a-{pix_fmt}.mkv", pix_fmt=pix_fmt, size=(200, 104), picture_of=_coarse(pix_fmt, 0)
        )
        b = source(
            tmp_path / f"b-{pix_fmt}.mkv", pix_fmt=pix_fmt, size=(200, 104), picture_of=_coarse(pix_fmt, 6)
        )
        scores.append(measure(a, b))
    assert scores[1].psnr == pytest.approx(scores[0].psnr, abs=0.1)
    assert scores[1].xpsnr == pytest.approx(scores[0].xpsnr, abs=0.5)
    assert scores[1].ssim == pytest.approx(scores[0].ssim, abs=1e-3)


def _coarse(pix_fmt: str, noise: int) -> Callable[[int], av.VideoFrame]:
    def picture(i: int) -> av.VideoFrame:
        frame = videos.picture(i, "yuv420p", (200, 104))
        values = frame.to_ndarray().astype(int)
        values += np.random.default_rng(i).integers(-noise, noise + 1, values.shape)
        wide = values.clip(0, 255).astype(np.uint16) * (4 if "10" in pix_fmt else 1)
        return av.VideoFrame.from_ndarray(wide if "10" in pix_fmt else wide.astype(np.uint8), pix_fmt)

    return picture


def test_a_source_of_more_depth_is_brought_to_the_encodes(tmp_path: Path) -> None:
    a, b = source(tmp_path / "a.mkv", pix_fmt="yuv444p10le"), lossy(tmp_path / "b.mp4", 10)
    assert (measure(a, b).psnr > 44).all()


def test_an_encode_turned_for_display_is_compared_as_displayed(tmp_path: Path) -> None:
    """As ffmpeg turns pictures before it encodes them."""
    sideways = tmp_path / "sideways.mp4"
    with av.open(str(source(tmp_path / "a.mkv"))) as given, av.open(str(sideways), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"qp": "1"})
        stream.width, stream.height = videos.WIDTH, videos.HEIGHT
        stream.set_display_rotation(90)
        for frame in given.decode(video=0):
            frame.pict_type = 0
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with open_video(sideways) as reader:
        assert reader.info.rotation == 270
        shown = [frame.planes() for frame in reader.frames()]
    size = (videos.HEIGHT, videos.WIDTH)
    same = source(tmp_path / "same.mkv", size=size, picture_of=lambda i: to_av(shown[i]))
    assert measure(sideways, same).psnr.tolist() == [100.0] * FRAMES
    other = source(tmp_path / "other.mkv", size=(videos.HEIGHT + 2, videos.WIDTH))
    with pytest.raises(MediaError, match="compare videos of one size"):
        measure(sideways, other)


def test_times_may_start_elsewhere_and_be_rounded(tmp_path: Path) -> None:
    film = {"time_base": Fraction(1001, 24000)}
    a = lossy(tmp_path / "a.mp4", 12, **film)
    later = lossy(tmp_path / "b.ts", 12, pts=lambda i: 77 + i, **film)
    rounded = videos.remux(a, tmp_path / "c.mkv")
    assert measure(a, later).psnr == pytest.approx(100)
    assert measure(a, rounded).psnr == pytest.approx(100)


def test_frames_that_do_not_pair_are_not_compared(tmp_path: Path) -> None:
    a = source(tmp_path / "a.mkv")
    fewer = videos.encode(tmp_path / "fewer.mp4", frames=FRAMES - 1)
    uneven = lossy(tmp_path / "uneven.mp4", pts=lambda i: 2 * i + (i > 4), time_base=Fraction(1, 50))
    small = lossy(tmp_path / "small.mp4", size=(96, 64))
    for other, complaint in {
        fewer: "it has 7 frames and the source 8; name the video that it was made of",
        uneven: r"frame 5 comes 0.220 s after the first and in the source 0.200 s \(3 of 8 frames are off\)",
        small: "it has 96x64 samples and the source 160x96",
    }.items():
        with pytest.raises(MediaError, match=complaint):
            measure(a, other)


def test_an_encode_that_is_a_frame_late(tmp_path: Path) -> None:
    """As many frames at the same times, so only the pictures tell."""
    a = source(tmp_path / "a.mkv")
    right = lossy(tmp_path / "right.mp4", 45)
    late = lossy(tmp_path / "late.mp4", 20, picture_of=lambda i: videos.picture(max(0, i - 1)))
    early = lossy(tmp_path / "early.mp4", 20, picture_of=lambda i: videos.picture(min(FRAMES - 1, i + 1)))
    still = lossy(tmp_path / "still.mp4", 20, picture_of=lambda _: videos.picture(3))
    assert measure(a, right).elsewhere == 0
    assert measure(a, late).elsewhere >= FRAMES - 2
    assert measure(a, early).elsewhere >= FRAMES - 2
    assert measure(still, videos.remux(still, tmp_path / "still.mkv")).elsewhere == 0


def test_pictures_of_something_else(tmp_path: Path) -> None:
    def turned(i: int) -> av.VideoFrame:
        return av.VideoFrame.from_ndarray(videos.picture(i + 7).to_ndarray()[::-1].copy(), "yuv420p")

    def black(_: int) -> av.VideoFrame:
        return av.VideoFrame.from_ndarray(np.full((144, 160), 16, np.uint8), "yuv420p")

    a = source(tmp_path / "a.mkv")
    assert measure(a, lossy(tmp_path / "worst.mp4", 51)).unlike == 0
    assert measure(a, lossy(tmp_path / "turned.mp4", 20, picture_of=turned)).unlike == FRAMES
    assert measure(a, lossy(tmp_path / "black.mp4", 20, picture_of=black)).unlike == FRAMES
    dark = source(tmp_path / "dark.mkv", picture_of=black)
    assert measure(dark, lossy(tmp_path / "dark.mp4", 51, picture_of=black)).unlike == 0


def test_progress_and_its_cancelling(tmp_path: Path) -> None:
    a, b = source(tmp_path / "a.mkv"), lossy(tmp_path / "b.mp4")
    told: list[float] = []
    measure(a, b, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1

    class CancelledError(Exception):
        pass

    def cancel(done: float) -> None:
        if done > 0.4:
            raise CancelledError

    with pytest.raises(CancelledError):
        measure(a, b, progress=cancel)


def test_vmaf_by_the_extra(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    size = (320, 192)
    a = source(tmp_path / "a: it's.mkv", size=size)
    told: list[float] = []
    good, bad = (lossy(tmp_path / f"{qp}.mp4", qp, size=size) for qp in (12, 45))
    scores = [measure(a, b, vmaf=True, progress=told.append).vmaf for b in (good, bad)]
    assert all(s is not None and s.shape == (FRAMES,) for s in scores)
    assert scores[0].min() > 85 > 75 > scores[1].max()  # type: ignore[union-attr]
    assert max(told) == 1


def test_vmaf_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "imageio_ffmpeg", None)
    a, b = source(tmp_path / "a.mkv"), lossy(tmp_path / "b.mp4")
    with pytest.raises(MediaError, match=r"pip install 'jndscope\[vmaf\]'"):
        measure(a, b, vmaf=True)


FAKE = """#!/bin/sh
echo "$@" > "{record}"
cp "{log}" vmaf.json
echo frame=8
{end}
"""


def fake_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frames: int, end: str) -> Path:
    """A stand-in for ffmpeg, which says what VMAF it "found"."""
    rows = [{"frameNum": i, "metrics": {"vmaf": 90.0 + i}} for i in range(frames)]
    (tmp_path / "log.json").write_text(json.dumps({"frames": rows}))
    program = tmp_path / "ffmpeg"
    record = tmp_path / "record"
    program.write_text(FAKE.format(record=record, log=tmp_path / "log.json", end=end))
    program.chmod(0o755)
    monkeypatch.setattr(vmaf_module, "vmaf_program", lambda: str(program))
    return record


def test_what_the_vmaf_program_is_told_and_what_becomes_of_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = source(tmp_path / "a.mkv"), lossy(tmp_path / "b.mp4")
    record = fake_program(tmp_path, monkeypatch, FRAMES, "exit 0")
    assert measure(a, b, vmaf=True).vmaf == pytest.approx([90.0 + i for i in range(FRAMES)])
    said = record.read_text()
    assert said.index("b.mp4") < said.index("a.mkv")  # libvmaf takes the second for the reference
    assert "[0:0]settb=1/25,setpts=N" in said
    assert "autorotate" not in said  # both as displayed
    fake_program(tmp_path, monkeypatch, FRAMES - 1, "exit 0")
    with pytest.raises(MediaError, match="decodes 7 frames where there are 8"):
        measure(a, b, vmaf=True)
    fake_program(tmp_path, monkeypatch, FRAMES, "echo no such filter: libvmaf; exit 1")
    with pytest.raises(MediaError, match="no such filter: libvmaf"):
        measure(a, b, vmaf=True)


def test_odd_sizes(tmp_path: Path) -> None:
    a = source(tmp_path / "a.mkv", size=(65, 47))
    with open_video(a) as reader:
        assert reader.info.width == 65
    assert (measure(a, videos.remux(a, tmp_path / "b.nut")).psnr == 100).all()
