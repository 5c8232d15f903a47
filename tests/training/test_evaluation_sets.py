"""Runs on other data sets than labelled clips, judged as far as their scales and files go."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import videos
from evaluation_runs import tell, write_run

from jndcore.errors import JNDError
from jndcore.training.evaluation import Report, evaluate, measuring

SIDE, FRAMES = 64, 10
JNDS = {1: (22, 27, 31), 2: (26, 30, 35), 3: (30, 34, 40), 4: (24, 29, 33)}
IDS = [f"SRC{source:03d}" for source in JNDS]
VIDEO_LABEL = np.array(list(JNDS.values()), float)
VIDEOSET = {"data": {"kind": "videoset", "resolution": "640x360"}}


def name(source: int, qp: int) -> str:
    return f"videoSRC{source:03d}_640x360_25_qp_{qp:02d}.264"


@pytest.fixture(scope="module")
def videoset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four sources in VideoSet's layout; the encodes at JND quality are of other pictures."""
    root = tmp_path_factory.mktemp("videoset")
    for level, ordinal in enumerate(("1st", "2nd", "3rd")):
        rows = ["anchor,jnd,samples,sequence_index"]
        for source, jnd in JNDS.items():
            anchor = jnd[level - 1] if level else 0
            rows.append(f'{anchor},{jnd[level]},"[{jnd[level]}, {jnd[level]}]",{source}')
        (root / f"640x360_{ordinal}.csv").write_text("\n".join(rows) + "\n")
    for source, jnd in JNDS.items():
        for qp in (0, *jnd):
            videos.encode(
                root / name(source, qp),
                options={"qp": str(max(qp, 1)), "preset": "fast"},
                frames=FRAMES,
                size=(SIDE, SIDE),
                picture_of=lambda i, s=source, q=qp: videos.picture(20 * s + i + q, size=(SIDE, SIDE)),
            )
    return root


@pytest.fixture
def video_run(tmp_path: Path) -> Path:
    path = write_run(
        tmp_path / "MJ-LAT.oof.csv",
        VIDEO_LABEL + 2,
        ids=IDS,
        groups=IDS,
        fold=(0, 0, 1, 1),
        label=VIDEO_LABEL,
    )
    tell(path, settings=VIDEOSET, scale="x264 QP", data="VideoSet 640x360", labels="Lower quartiles.")
    return path


def lumas(path: Path) -> np.ndarray:
    """By FFmpeg's decoder, shape (N, SIDE, SIDE)."""
    with av.open(str(path)) as container:
        return np.stack([f.to_ndarray()[:SIDE].astype(float) for f in container.decode(video=0)])


def by_hand(source: Path, qp: int, out: Path) -> tuple[float, int]:
    """PSNR and bytes of a stream that FFmpeg's libx264 writes."""
    with av.open(str(source)) as given, av.open(str(out), "w") as target:
        options = {"qp": str(qp), "preset": "medium", "threads": "1"}
        stream = target.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        for i, frame in enumerate(given.decode(video=0)):
            frame.pict_type = av.video.frame.PictureType.NONE
            frame.pts, frame.time_base = i, Fraction(1, 25)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    mse = ((lumas(source) - lumas(out)) ** 2).mean()
    return 10 * np.log10(255**2 / mse), out.stat().st_size


def test_a_run_on_videoset_is_judged_by_encodes_of_its_sources(
    videoset: Path, video_run: Path, tmp_path: Path
) -> None:
    report = evaluate([video_run], tmp_path / "out", data=videoset)
    assert [row.name for row in report.rows] == ["constant guess", "one trial encode", "MJ-LAT"]
    assert (report.kind, report.data, report.clips) == ("videoset", "VideoSet 640x360", 4)
    made = {}
    for line in (tmp_path / "out" / "encodes.csv").read_text().splitlines()[1:]:
        clip, _, width, height, frames, _, qp, psnr, size = line.split(",")
        assert (width, height, frames) == ("64", "64", "10")
        made[clip, int(qp)] = float(psnr), int(size)
    errors = []
    for source, jnd in JNDS.items():
        of = {q: by_hand(videoset / name(source, 0), q, tmp_path / "a.h264") for q in (jnd[0], jnd[0] + 2)}
        for qp, (psnr, size) in of.items():
            assert made[f"SRC{source:03d}", qp] == (pytest.approx(psnr, abs=1e-3), size)
        errors.append(abs(of[jnd[0]][0] - of[jnd[0] + 2][0]))
    assert report.rows[2].scores is not None
    level = report.rows[2].scores.levels[0]
    assert level.psnr_error is not None
    assert level.psnr_error.value == pytest.approx(np.mean(errors), abs=1e-3)
    assert "Labels: Lower quartiles." in report.notes
    text = (tmp_path / "out" / "evaluation.md").read_text()
    assert "VideoSet 640x360: 4 clips of 4 groups, 2 folds, labels in x264 QP." in text
    assert "| error (MAE, x264 QP) |" in text
    again = evaluate([video_run], tmp_path / "out")
    assert again == report


def test_large_videos_are_not_all_in_memory_at_once(
    videoset: Path, video_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    pool = measuring.ThreadPoolExecutor
    monkeypatch.setattr(measuring, "ThreadPoolExecutor", lambda n: asked.append(n) or pool(n))
    monkeypatch.setattr(measuring.os, "cpu_count", lambda: 8)
    monkeypatch.setattr(measuring, "MEMORY", int(2.5 * FRAMES * SIDE * SIDE * measuring.COPIES))
    evaluate([video_run], tmp_path / "out", data=videoset)
    monkeypatch.setattr(measuring, "MEMORY", 0)
    evaluate([video_run], tmp_path / "other", data=videoset)
    assert asked == [2, 2, 1, 1]


def test_another_copy_of_the_data_is_refused(videoset: Path, video_run: Path, tmp_path: Path) -> None:
    other = write_run(
        tmp_path / "b.oof.csv", VIDEO_LABEL, ids=IDS, groups=IDS, fold=(0, 0, 1, 1), label=VIDEO_LABEL + 1
    )
    tell(other, settings=VIDEOSET)
    with pytest.raises(JNDError, match=r"labels SRC001 otherwise than .*b\.oof\.csv does"):
        evaluate([other], tmp_path / "out", data=videoset)
    with pytest.raises(JNDError, match=r"missing 3 files: 640x360_1st\.csv"):
        evaluate([video_run], tmp_path / "out", data=tmp_path)


PICTURES = tuple(f"SRC{i:04d}" for i in range(1, 7))
QUALITY = np.array([[40.0, np.nan, np.nan], [50, *[np.nan] * 2], [44, *[np.nan] * 2]] * 2)


def judged(path: Path, out: Path, **about: object) -> tuple[Report, str]:
    tell(path, **about)
    report = evaluate([path], out)
    return report, (out / "evaluation.md").read_text()


def still_run(path: Path, off: float) -> Path:
    return write_run(
        path, QUALITY + off, ids=PICTURES, groups=PICTURES, fold=(0, 0, 1, 1, 2, 2), label=QUALITY
    )


def test_jpeg_qualities_of_one_level_are_judged_on_their_own_scale(tmp_path: Path) -> None:
    path = still_run(tmp_path / "LAT.oof.csv", 3)
    (tmp_path / "encodes.csv").write_text("of another table\n")
    report, text = judged(
        path,
        tmp_path,
        settings={"data": {"kind": "konjnd"}, "levels": [1]},
        build={"levels": [1]},
        scale="JPEG quality",
        labels="First JND only.",
        data="KonJND-1k JPEG",
    )
    assert [row.name for row in report.rows] == ["constant guess", "LAT"]
    constant, lat = (row.scores for row in report.rows)
    assert constant is not None
    assert lat is not None
    (first,), (guess,) = lat.levels, constant.levels
    assert (first.level, first.mae.value, first.bias.value) == (1, 3, 3)
    label = QUALITY[:, 0]
    medians = [np.median(np.delete(label, [i - i % 2, i - i % 2 + 1])) for i in range(6)]
    assert guess.mae.value == pytest.approx(np.abs(label - medians).mean())
    assert first.psnr_error is guess.psnr_error is lat.sur is None
    assert "KonJND-1k JPEG: 6 pictures of 6 groups, 3 folds, labels in JPEG quality." in text
    assert "| error (MAE, JPEG quality) |" in text
    assert "| bias (JPEG quality) |" in text
    assert "QP)" not in text.split("## Notes")[0]
    for head in ("## JND2", "SUR curve", "dB"):
        assert head not in text.split("## Notes")[0]
    starts = [note.split(";")[0] for note in report.notes]
    assert "SUR error: left out" in starts
    assert "PSNR error and one trial encode: left out" in starts
    assert any(
        note.startswith("Bias: ") and "lower JPEG quality is the worse" in note for note in report.notes
    )


def test_stills_with_qps_have_sur_curves_but_no_encodes(tmp_path: Path) -> None:
    path = still_run(tmp_path / "REC.oof.csv", 1)
    report, _ = judged(path, tmp_path, settings={"data": {"kind": "folders"}})
    assert report.rows[1].scores is not None
    assert report.rows[1].scores.sur is not None
    assert any("left out; the set holds stills" in note for note in report.notes)
    assert not any(note.startswith("Bias: ") for note in report.notes)


def test_a_test_part_is_judged_beside_the_constant_of_the_part_trained_on(
    tmp_path: Path, make_clip: Callable[..., None]
) -> None:
    label = np.array([[20.0, 25, 28], [26, 31, 34]])
    rows = ["id,group,jnd1,jnd2,jnd3,split", "t,gt,23,28,31,train", "v,gv,23,28,31,valid"]
    for i, clip in enumerate("ab"):
        rows.append(f"{clip},{clip},{','.join(map(str, label[i]))},test")
    for i, clip in enumerate("tvab"):
        make_clip(tmp_path / f"{clip}.mkv", i, 12.0, frames=6, size=(64, 64))
    (tmp_path / "clips.csv").write_text("\n".join(rows) + "\n")
    path = write_run(
        tmp_path / "MJ-LAT.test.csv",
        label - 1,
        ids="ab",
        groups="ab",
        fold=(0, 0),
        label=label,
        constant=np.array([24.0, 28, 31]),
    )
    report = evaluate([path], tmp_path / "out", data=tmp_path)
    assert [row.name for row in report.rows] == ["constant guess", "MJ-LAT"]
    assert report.folds == 0
    guess, told = (row.scores for row in report.rows)
    assert guess is not None
    assert told is not None
    assert [level.mae.value for level in guess.levels] == [(4 + 2) / 2, 3, 3]
    assert [level.bias.value for level in guess.levels] == [1, 0, 0]
    assert [level.mae.value for level in told.levels] == [1, 1, 1]
    assert all(level.psnr_error is not None for level in told.levels)
    assert ", one split, labels in x264 QP." in (tmp_path / "out" / "evaluation.md").read_text()
    assert any(note.startswith("One trial encode: left out") for note in report.notes)
    assert "Constant guess: the median label of the clips trained on, as the runs state it." in report.notes
