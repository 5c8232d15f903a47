from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from reels import schedule, y4m

from jndcore.errors import JNDError
from jndcore.media import EncodeSettings, Frame, Piece, Trial, measure, open_video
from jndcore.schedule import Schedule, crf_match, crf_vmaf, crf_xpsnr
from jndcore.schedule.crf_match import match_crf
from jndcore.schedule.encoding import encode
from jndcore.schedule.schedule import Encoder
from jndcore.schedule.verify import verify

LENGTHS, QPS = [40, 25, 32], [24, 31, 36]


def texture(rng: np.random.Generator) -> np.ndarray:
    """Detail of all sizes, the coarse the strongest, as pictures of nature have it."""
    grain = [
        cv2.resize(rng.normal(0, sd, (288 // size + 2, 448 // size + 2)), (448, 288), interpolation=2)
        for size, sd in ((2, 4), (4, 8), (16, 20), (48, 30))
    ]
    return np.sum(grain, axis=0) + 128


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Slow pans, 384x224."""
    path, rng = tmp_path_factory.mktemp("reel") / "reel.y4m", np.random.default_rng(5)
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W384 H224 F25:1 Ip A1:1 C420jpeg\n")
        for length in LENGTHS:
            scene = texture(rng)
            for i in range(length):
                move = np.array([[1, 0, -0.7 * i], [0, 1, -0.4 * i]])
                luma = cv2.warpAffine(scene, move, (384, 224), flags=cv2.INTER_CUBIC)
                file.write(b"FRAME\n" + luma.clip(16, 235).astype(np.uint8).tobytes())
                file.write(bytes([118]) * (384 * 224 // 2))
    return path


@pytest.fixture(scope="module")
def planned(reel: Path) -> Schedule:
    """QPs as they are planned for the labels' encoder."""
    with open_video(reel) as reader:
        return schedule(LENGTHS, QPS, preset="medium", video=reader.info.identity)


@pytest.fixture(scope="module")
def wanted(reel: Path, planned: Schedule) -> np.ndarray:
    return qualities(reel, planned, reel.with_name("qp.mp4"))


def qualities(video: Path, planned: Schedule, target: Path) -> np.ndarray:
    """Mean XPSNR of each segment of a file that `jnd encode` makes."""
    assert [step for step in encode(video, planned, target)][-1].finished
    each = measure(video, target).xpsnr
    return np.array([each[s.start : s.stop].mean() for s in planned.segments])


def vmafs(video: Path, planned: Schedule) -> np.ndarray:
    """The same of VMAF."""
    target = video.with_name("vmaf.mp4")
    assert [step for step in encode(video, planned, target)][-1].finished
    each = measure(video, target, vmaf=True).vmaf
    assert each is not None
    return np.array([each[s.start : s.stop].mean() for s in planned.segments])


def moved(planned: Schedule, by: float) -> Schedule:
    return replace(planned, segments=tuple(replace(s, value=s.value + by) for s in planned.segments))


@pytest.mark.parametrize(
    ("encoder", "preset"), [("libx264", "medium"), ("libx264", "veryfast"), ("libx265", "ultrafast")]
)
def test_each_shot_of_the_encode_has_the_quality_of_its_qp(
    reel: Path, planned: Schedule, wanted: np.ndarray, tmp_path: Path, encoder: Encoder, preset: str
) -> None:
    matched = match_crf(planned, reel, encoder=encoder, preset=preset)
    assert (matched.mode, matched.encoder, matched.preset) == ("crf", encoder, preset)
    assert all(s.value == round(s.value, 1) for s in matched.segments)
    assert [s.predicted for s in matched.segments] == [s.predicted for s in planned.segments]
    found = qualities(reel, matched, tmp_path / "out.mp4")
    # matched to 0.05 dB; pictures of half the size came out 0.1 dB apart from one encode to the next
    np.testing.assert_allclose(found, wanted, atol=0.2)
    if encoder == "libx264":  # libx265 takes seconds
        assert (qualities(reel, moved(matched, 1.0), tmp_path / "out.mp4") < found).all()


def test_av1_gets_the_highest_whole_crf_that_is_no_worse(
    reel: Path, planned: Schedule, wanted: np.ndarray, tmp_path: Path
) -> None:
    matched = match_crf(planned, reel, encoder="libsvtav1", preset="8")
    assert all(s.value == round(s.value) for s in matched.segments)
    assert (qualities(reel, matched, tmp_path / "out.mp4") > wanted - 0.02).all()
    report = verify(tmp_path / "out.mp4", matched, reel)
    assert report.ok
    assert report.read_back.codec == "av1"
    assert set(np.flatnonzero(report.read_back.key)) == {0, 40, 65}
    assert not report.frames_off_plan
    assert (qualities(reel, moved(matched, 1), tmp_path / "out.mp4") < wanted + 0.02).all()
    said = " ".join(matched.warnings)
    assert "XPSNR" in said
    assert "no proof of equal visibility" in said
    other = verify(tmp_path / "out.mp4", planned)
    assert "it is av1, and h264 is planned (libx264)" in other.reasons
    assert "QPs of av1 cannot be read back, so they are not proved" in other.reasons


class Recorded:
    """Stands for `trial`: notes what it is asked for, and falls by 0.7 dB a CRF from the QP's 40 dB at 25."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[int], Piece, EncodeSettings]] = []

    def __call__(self, frames: Iterable[Frame], piece: Piece, settings: EncodeSettings, **_: object) -> Trial:
        self.asked.append(([frame.number for frame in frames], piece, settings))
        return Trial((1,), 0.0, 40.0 if piece.crf is None else 40 - 0.7 * (piece.crf - 25))


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    made = Recorded()
    monkeypatch.setattr(crf_xpsnr, "trial", made)
    return made


def test_qps_are_tried_on_the_labels_scale_and_long_shots_in_their_middle(
    recorded: Recorded, reel: Path, planned: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (crf_match, crf_xpsnr):
        monkeypatch.setattr(module, "LONGEST", 30)
    matched = match_crf(planned, reel, encoder="libx265", preset="fast")
    by_qp = [(frames, piece.qp, settings) for frames, piece, settings in recorded.asked if piece.qp]
    assert [qp for _, qp, _ in by_qp] == QPS
    assert {settings for *_, settings in by_qp} == {EncodeSettings("libx264", "medium", 125)}
    assert [(frames[0], frames[-1]) for frames, *_ in by_qp] == [(5, 34), (40, 64), (66, 95)]
    by_crf = [settings for _, piece, settings in recorded.asked if piece.crf]
    assert set(by_crf) == {EncodeSettings("libx265", "fast", 125)}
    assert "2 of 3 segments are longer than 30 frames" in " ".join(matched.warnings)
    assert [s.value for s in matched.segments] == pytest.approx([25, 25, 25], abs=0.1)


def test_progress_rises_to_the_end(recorded: Recorded, reel: Path, planned: Schedule) -> None:
    told: list[float] = []
    match_crf(planned, reel, told.append)
    assert told == sorted(told)
    assert len(told) > sum(LENGTHS) * 2
    assert (told[0], told[-1]) == (0.0, pytest.approx(1.0))


def test_what_progress_raises_ends_the_work(recorded: Recorded, reel: Path, planned: Schedule) -> None:
    def stop(share: float) -> None:
        if share > 0.1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        match_crf(planned, reel, stop)
    assert len(recorded.asked) <= 2


def test_the_end_of_the_scale_is_warned_of(
    reel: Path, planned: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        crf_xpsnr,
        "trial",
        lambda _, piece, *__, **___: Trial((1,), 0.0, 40.0 if piece.qp else 90 - piece.crf / 9),
    )
    said = " ".join(match_crf(planned, reel).warnings)
    assert "3 of 3 segments lie at the end of the CRFs that libx264 takes" in said


def test_what_does_not_fit_is_refused(reel: Path, planned: Schedule, tmp_path: Path) -> None:
    other = y4m(tmp_path / "other.y4m", [30])
    with pytest.raises(JNDError, match=r"other\.y4m: not the video that was planned"):
        match_crf(planned, other)
    crfs = replace(planned, mode="crf")
    with pytest.raises(JNDError, match="this schedule has CRFs already"):
        match_crf(crfs, reel)
    with pytest.raises(JNDError, match=r"no such file"):
        match_crf(planned, tmp_path / "gone.mp4")


@pytest.mark.parametrize(("encoder", "preset"), [("libx264", "veryfast"), ("libsvtav1", "10")])
def test_vmaf_is_matched_too(reel: Path, planned: Schedule, encoder: Encoder, preset: str) -> None:
    """Of the files that come of it, by another run of the measurement."""
    told: list[float] = []
    matched = match_crf(planned, reel, told.append, encoder=encoder, preset=preset, vmaf=True)
    wanted, found = vmafs(reel, planned), vmafs(reel, matched)
    if encoder == "libx264":
        np.testing.assert_allclose(found, wanted, atol=0.6)  # to 0.1; x264 makes another encode each time
    else:
        assert (found > wanted - 0.01).all()
        assert (vmafs(reel, moved(matched, 1)) < wanted).all()
    assert "mean VMAF of x264 -qp N" in " ".join(matched.warnings)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_without_the_extra_vmaf_nothing_is_encoded(
    reel: Path, planned: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setattr(crf_vmaf, "encode_video", None)
    with pytest.raises(JNDError, match=r"pip install 'jndscope\[vmaf\]'"):
        match_crf(planned, reel, vmaf=True)
