from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jndcore.errors import JNDError
from jndcore.media import encode_x264, measure_x264, open_video
from jndcore.training.evaluation import measuring
from jndcore.training.evaluation.encodes import EncodeTable, whole
from jndcore.training.evaluation.measuring import Measuring, read_source

Make = Callable[..., None]


def quiet(stage: str, share: float) -> None:
    pass


@pytest.fixture
def files(make_clip: Make, tmp_path: Path) -> dict[str, Path]:
    paths = {f"k{i}": tmp_path / f"k{i}.mkv" for i in range(3)}
    for i, path in enumerate(paths.values()):
        make_clip(path, i, 9.0 + 9 * i, frames=12, size=(64, 64))
    return paths


def test_psnr_and_bytes_against_a_second_computation(files: dict[str, Path], tmp_path: Path) -> None:
    table = EncodeTable(tmp_path / "encodes.csv")
    told: list[float] = []
    Measuring(table, files, lambda stage, share: told.append(share)).complete(
        {"k0": [30], "k2": [24, 40]}, ""
    )
    assert told == [0.5, 1.0]
    with open_video(files["k2"]) as reader:
        frames = [frame.planes() for frame in reader.frames()]
    for qp in (24, 40):
        coded = encode_x264(frames, qp, fps=25)  # so small a picture is one slice, whatever the cores
        source = np.stack([f.y for f in frames]).astype(float)
        mse = ((source - np.stack([f.y for f in coded])) ** 2).mean()
        assert table.encodes["k2"][qp].psnr == pytest.approx(
            20 * np.log10(255) - 10 * np.log10(mse), abs=1e-3
        )
        assert table.encodes["k2"][qp].bytes == measure_x264(frames, qp, fps=25).bytes
    assert table.encodes["k2"][24].bytes > table.encodes["k2"][40].bytes
    np.testing.assert_array_equal(table.psnr(["k2"], np.array([39.6])), [table.encodes["k2"][40].psnr])


def test_rates_are_scaled_to_720p(files: dict[str, Path], tmp_path: Path) -> None:
    table = EncodeTable(tmp_path / "encodes.csv")
    Measuring(table, files, quiet).complete({"k0": [30]}, "")
    bits = 8 * table.encodes["k0"][30].bytes * 25 / 12 * (1280 * 720) / (64 * 64)
    assert table.log_rate(["k0"], 30) == pytest.approx([np.log2(bits)])


def test_the_table_comes_back_as_it_was(files: dict[str, Path], tmp_path: Path) -> None:
    table = EncodeTable(tmp_path / "encodes.csv")
    Measuring(table, files, quiet).complete({"k0": [30, 31], "k1": [20]}, "")
    again = EncodeTable(tmp_path / "encodes.csv")
    assert (again.sources, again.encodes) == (table.sources, table.encodes)
    Measuring(again, {}, quiet).complete({"k0": [31], "k1": [20]}, "")


def test_only_what_lacks_is_encoded(
    files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = EncodeTable(tmp_path / "encodes.csv")
    Measuring(table, files, quiet).complete({"k0": [30], "k1": [30]}, "")
    made: list[int] = []
    encode = measuring.encode
    monkeypatch.setattr(
        measuring, "encode", lambda frames, qp, fps: made.append(qp) or encode(frames, qp, fps)
    )
    Measuring(table, files, quiet).complete({"k0": [30, 33], "k1": [30]}, "")
    assert made == [33]


def test_another_clip_of_the_same_name_is_encoded_anew(
    files: dict[str, Path], make_clip: Make, tmp_path: Path
) -> None:
    table = EncodeTable(tmp_path / "encodes.csv")
    Measuring(table, files, quiet).complete({"k0": [30, 35], "k1": [30]}, "")
    before, kept = table.encodes["k0"][30], table.encodes["k1"]
    make_clip(files["k0"], 77, 30.0, frames=12, size=(64, 64))
    again = EncodeTable(tmp_path / "encodes.csv")
    Measuring(again, files, quiet).complete({"k0": [30], "k1": [30]}, "")
    assert list(again.encodes["k0"]) == [30]
    assert again.encodes["k0"][30] != before
    assert again.encodes["k1"] == kept


def test_a_clip_is_known_by_its_samples_not_by_its_file(
    files: dict[str, Path], make_clip: Make, tmp_path: Path
) -> None:
    source, _ = read_source(files["k0"])
    make_clip(tmp_path / "again.mkv", 0, 9.0, frames=12, size=(64, 64))
    assert read_source(tmp_path / "again.mkv")[0] == source
    assert read_source(files["k1"])[0].sha256 != source.sha256
    assert (source.width, source.height, source.frames, source.fps) == (64, 64, 12, 25)


def test_lacking_encodes_without_clips_are_one_error(files: dict[str, Path], tmp_path: Path) -> None:
    table = EncodeTable(tmp_path / "encodes.csv")
    Measuring(table, files, quiet).complete({"k0": [30]}, "")
    says = r"encodes\.csv: lacks 3 encodes of 2 clips \(k0 at QP 31, for one\); give .* --data"
    with pytest.raises(JNDError, match=says):
        Measuring(table, {}, quiet).complete({"k0": [30, 31], "k1": [20, 21]}, "")


def test_a_run_that_dies_keeps_what_was_written(
    files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "KEEP_EVERY", 1)

    def die(stage: str, share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Measuring(EncodeTable(tmp_path / "encodes.csv"), files, die).complete(
            {clip: [30, 31] for clip in files}, ""
        )
    assert len(EncodeTable(tmp_path / "encodes.csv").encodes) == 2


@pytest.mark.parametrize(
    "row",
    [
        "k0,aa,64,64,12,25,30,forty,1000",
        "k0,aa,64,64,12,25/0,30,40.1,1000",
        "k0,aa,64",
        "k0,aa,64,64,12,25,31,40.1,1000\nk0,bb,64,64,12,25,30,40.1,1000",
    ],
)
def test_a_damaged_table_is_one_clear_error(tmp_path: Path, row: str) -> None:
    (tmp_path / "encodes.csv").write_text(f"id,sha256,width,height,frames,fps,qp,psnr,bytes\n{row}\n")
    with pytest.raises(JNDError, match=r"encodes\.csv: not a table of encodes .*; delete it"):
        EncodeTable(tmp_path / "encodes.csv")


def test_a_clip_that_keeps_still_counts_as_68_db(make_clip: Make, tmp_path: Path) -> None:
    make_clip(tmp_path / "grey.mkv", 0, 0.0, frames=12, size=(64, 64))
    table = EncodeTable(tmp_path / "encodes.csv")
    Measuring(table, {"grey": tmp_path / "grey.mkv"}, quiet).complete({"grey": [8]}, "")
    assert table.encodes["grey"][8].psnr == pytest.approx(10 * np.log10(255**2 / 0.01), abs=1e-3)


def test_qps_are_rounded_within_the_usable_range() -> None:
    assert whole(np.array([3.0, 8.4, 25.51, 60.0])).tolist() == [8, 8, 26, 47]
