import csv
import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jndcore.errors import JNDError
from jndcore.results import (
    LABEL_CONVENTION,
    Analysis,
    Prediction,
    Shot,
    VideoIdentity,
    read_analysis,
    write_analysis,
)

# the promised names in the promised order
COLUMNS = [
    *("frame", "pts", "time", "shot"),
    *("jnd1", "jnd2", "jnd3", "sur_sd1", "sur_sd2", "sur_sd3", "err1", "err2", "err3"),
]


@pytest.fixture
def analysis() -> Analysis:
    rng = np.random.default_rng(1)
    qp = np.sort(rng.uniform(15, 40, (6, 3)), axis=1)
    prediction = Prediction(qp, np.tile([4.68, 2.79, 1.95], (6, 1)), rng.uniform(1, 3, (6, 3)))
    return Analysis(
        video=VideoIdentity(
            "Über,clip.mp4", 123456, 0.4, "ab" * 32, 640, 360, 15.0, 8, "1/15360", ("HDR (PQ)",)
        ),
        model="scopenet.test",
        model_sha256="cd" * 32,
        frame=np.arange(6),
        pts=np.arange(6) * 1024 - 2048,
        time=np.arange(6) / 15,
        shot=np.array([0, 0, 0, 1, 1, 1]),
        prediction=prediction,
        shots=(Shot(0, 3, prediction.take(slice(0, 1))), Shot(3, 8, Prediction.unknown(1))),
        version="0.1.0",
        device="CPU, fp32",
        every=1,
        warnings=("clip.mp4: cut off.",),
    )


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".json", ".JSON"])
def test_a_file_gives_back_what_was_written(analysis: Analysis, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    write_analysis(analysis, path)
    back = read_analysis(path)
    assert (back.video, back.model, back.model_sha256) == (
        analysis.video,
        analysis.model,
        analysis.model_sha256,
    )
    assert (back.device, back.every) == ("CPU, fp32", 1)
    assert (back.version, back.warnings, back.label) == ("0.1.0", analysis.warnings, LABEL_CONVENTION)
    for name in ("frame", "pts", "time", "shot"):
        np.testing.assert_array_equal(getattr(back, name), getattr(analysis, name))
    np.testing.assert_array_equal(back.prediction.qp, analysis.prediction.qp)
    np.testing.assert_array_equal(back.prediction.sur_sd, analysis.prediction.sur_sd)
    np.testing.assert_array_equal(back.prediction.err, analysis.prediction.err)
    assert [(s.start, s.stop) for s in back.shots] == [(0, 3), (3, 8)]
    np.testing.assert_array_equal(back.shots[0].prediction.qp, analysis.shots[0].prediction.qp)
    assert np.isnan(back.shots[1].prediction.qp).all()


def test_columns_are_the_promised_ones_for_any_program(analysis: Analysis, tmp_path: Path) -> None:
    for suffix in (".parquet", ".csv", ".json"):
        write_analysis(analysis, tmp_path / f"out{suffix}")
    with open(tmp_path / "out.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == COLUMNS
    assert float(rows[2]["jnd2"]) == analysis.prediction.qp[2, 1]
    assert pq.read_schema(tmp_path / "out.parquet").names == COLUMNS
    assert list(json.loads((tmp_path / "out.json").read_text())["frames"][0]) == COLUMNS


@pytest.fixture
def partial(analysis: Analysis) -> Analysis:
    """What a model of level 2 alone says: no other level, no error, no spread; and not of one frame."""
    for values in (analysis.prediction.err, analysis.prediction.sur_sd, analysis.prediction.qp[:, ::2]):
        values[:] = math.nan
    analysis.prediction.qp[3] = math.nan
    return analysis


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".json"])
def test_what_a_model_does_not_tell_is_unknown_again_when_read(
    partial: Analysis, tmp_path: Path, suffix: str
) -> None:
    write_analysis(partial, tmp_path / f"out{suffix}")
    back = read_analysis(tmp_path / f"out{suffix}")
    for name in ("qp", "sur_sd", "err"):
        np.testing.assert_array_equal(getattr(back.prediction, name), getattr(partial.prediction, name))
    np.testing.assert_array_equal(back.shots[0].prediction.qp, partial.shots[0].prediction.qp)


def test_unknown_values_are_null_in_parquet_and_json_and_empty_in_csv(
    partial: Analysis, tmp_path: Path
) -> None:
    for suffix in (".parquet", ".csv", ".json"):
        write_analysis(partial, tmp_path / f"out{suffix}")
    table = pq.read_table(tmp_path / "out.parquet")
    assert table["jnd1"].null_count == table["err2"].null_count == 6
    assert str(table.schema.field("jnd1").type) == "double"
    rows = json.loads((tmp_path / "out.json").read_text())["frames"]
    assert [row["jnd2"] is None for row in rows] == [False, False, False, True, False, False]
    assert rows[0]["jnd1"] is rows[0]["sur_sd1"] is None
    with open(tmp_path / "out.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["jnd2"] == "" for row in rows] == [False, False, False, True, False, False]
    assert rows[0]["jnd1"] == rows[0]["err3"] == ""


def test_a_file_with_nan_for_unknown_values_can_be_read_too(partial: Analysis, tmp_path: Path) -> None:
    write_analysis(partial, tmp_path / "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet")
    nan = pa.array([math.nan] * 6)  # as version 0.1.0 wrote it
    old = table.set_column(table.schema.get_field_index("err1"), "err1", nan)
    pq.write_table(old, tmp_path / "old.parquet")
    assert np.isnan(read_analysis(tmp_path / "old.parquet").prediction.err[:, 0]).all()


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".json"])
@pytest.mark.parametrize("content", [b"", b"not an analysis", b"{}", b"PAR1xxxxPAR1"])
def test_a_damaged_file_gives_one_sentence(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(content)
    with pytest.raises(JNDError, match=r"bad.*analy[sz]e"):
        read_analysis(path)


def test_a_newer_format_is_refused(analysis: Analysis, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write_analysis(analysis, path)
    path.write_text(path.read_text().replace('"format_version": 1', '"format_version": 2'))
    with pytest.raises(JNDError, match="not an analysis that this version reads"):
        read_analysis(path)


def test_bad_names_and_places_leave_nothing_behind(analysis: Analysis, tmp_path: Path) -> None:
    with pytest.raises(JNDError, match=r"out\.xlsx: unknown kind"):
        write_analysis(analysis, tmp_path / "out.xlsx")
    with pytest.raises(JNDError, match="cannot be written"):
        write_analysis(analysis, tmp_path / "missing" / "out.csv")
    assert list(tmp_path.iterdir()) == []
