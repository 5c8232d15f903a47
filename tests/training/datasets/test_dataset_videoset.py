import csv
import shutil
from pathlib import Path

import imitations as im
import numpy as np
import pytest

from jndcore.errors import JNDError
from jndcore.training.datasets import open_dataset

HEADER = [
    "anchor",
    "jnd",
    "mean",
    "normality",
    "samples",
    "samples_no",
    "sequence_index",
    "standard_deviation",
]
SOURCES = {1: 30, 2: 24, 137: 24}


def observers(source: int, level: int) -> np.ndarray:
    draw = np.random.default_rng([source, level])
    return np.clip(draw.normal(20 + 6 * level, 3, 31), 9, 50).round().astype(int)


def write_tables(root: Path, resolution: str = "1280x720") -> None:
    before = dict.fromkeys(SOURCES, 0)
    for level, ordinal in enumerate(("1st", "2nd", "3rd"), 1):
        with open(root / f"{resolution}_{ordinal}.csv", "w", newline="") as file:
            table = csv.writer(file)
            table.writerow(HEADER)
            for source in SOURCES:
                seen = observers(source, level)
                jnd = round(float(np.percentile(seen, 25)))
                table.writerow(
                    [before[source], jnd, seen.mean(), 1, seen.tolist(), len(seen), source, seen.std()]
                )
                before[source] = jnd


def name(source: int, qp: int, resolution: str = "1280x720") -> str:
    return f"videoSRC{source:03d}_{resolution}_{SOURCES[source]}_qp_{qp:02d}.264"


def jnds(source: int) -> list[int]:
    return [round(float(np.percentile(observers(source, level), 25))) for level in (1, 2, 3)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("videoset")
    write_tables(root)
    for source in SOURCES:
        for qp in (0, *jnds(source)):
            im.write_video(root / f"videos/SRC{source}" / name(source, qp), qp, shift=source)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(made, tmp_path / "videoset"))


def test_labels_are_the_lower_quartiles_and_the_spread_that_of_the_samples(made: Path) -> None:
    dataset = open_dataset("videoset", made)
    assert (dataset.name, dataset.scale) == ("VideoSet 1280x720", "x264 QP")
    assert "75 % SUR" in dataset.convention
    assert [(i.name, i.group, i.split) for i in dataset.items] == [
        ("SRC001", "SRC001", ""),
        ("SRC002", "SRC002", ""),
        ("SRC137", "SRC137", ""),
    ]
    for item, source in zip(dataset.items, SOURCES, strict=True):
        assert list(item.jnd) == jnds(source)
        expected = [np.sqrt(np.var(observers(source, k), ddof=1)) for k in (1, 2, 3)]
        np.testing.assert_allclose(item.sd, expected)


def test_frames_are_those_of_the_source_and_of_the_encode_at_the_jnd(made: Path) -> None:
    source = 137
    item = open_dataset("videoset", made).items[2]
    folder = made / f"videos/SRC{source}"
    assert item.source.video == folder / name(source, 0)
    reference = {qp: im.decoded(folder / name(source, qp)) for qp in (0, *jnds(source))}
    frames = item.source.frames(3)
    assert [im.spelled(f) - source for f in frames] == [1, 5, 8]
    for level, qp in enumerate(jnds(source), 1):
        coded = item.source.at_jnd(level, 3)
        assert [im.spelled(f) - source for f in coded] == [1, 5, 8]
        for mine, n in zip(coded, (1, 5, 8), strict=True):
            assert mine.shape == (im.SIDE, im.SIDE, 3)
            assert im.distance(mine, reference[qp][n]) < 8  # two ways to scale chroma
            assert min(reference, key=lambda q, m=mine, i=n: im.distance(m, reference[q][i])) == qp
        assert all(np.array_equal(a, b) for a, b in zip(coded, item.source.at_jnd(level, 3), strict=True))


def test_more_frames_than_there_are_gives_each_once(made: Path) -> None:
    item = open_dataset("videoset", made).items[0]
    assert [im.spelled(f) - 1 for f in item.source.frames(99)] == list(range(10))
    assert len(item.source.at_jnd(3, 99)) == 10


def test_all_that_is_missing_or_misnamed_is_told_at_once(root: Path) -> None:
    first, third = jnds(1)[0], jnds(2)[2]
    (root / "videos/SRC1" / name(1, 0)).rename(root / "videos/SRC1/videoSRC001_1280x720_qp_00.264")
    (root / "videos/SRC1" / name(1, first)).unlink()
    (root / "videos/SRC2" / name(2, third)).unlink()
    with pytest.raises(JNDError) as error:
        open_dataset("videoset", root)
    for part in (
        "missing 3 files",
        name(1, 0),
        name(1, first),
        name(2, third),
        "misnamed 1 file: videoSRC001_1280x720_qp_00.264",
    ):
        assert part in str(error.value)


def test_another_resolution_needs_its_own_files(made: Path) -> None:
    with pytest.raises(JNDError, match=r"missing 3 files: (640x360_...\.csv(, )?){3};"):
        open_dataset("videoset", made, resolution="640x360")
    with pytest.raises(JNDError, match="has no 800x600; choose one of 1920x1080, 1280x720, 960x540, 640x360"):
        open_dataset("videoset", made, resolution="800x600")


def test_every_resolution_is_told_apart(root: Path) -> None:
    write_tables(root, "960x540")
    for source in SOURCES:
        for qp in (0, *jnds(source)):
            im.write_video(root / name(source, qp, "960x540"), qp, shift=source + 20, frames=4)
    item = open_dataset("videoset", root, resolution="960x540").items[0]
    assert [im.spelled(f) for f in item.source.at_jnd(1, 9)] == [21, 22, 23, 24]
    assert im.spelled(open_dataset("videoset", root).items[0].source.frames(1)[0]) == 6


@pytest.mark.parametrize(
    ("ordinal", "column", "value", "reason"),
    [
        ("1st", "jnd", "40", "line 2 is no label of VideoSet .*lower quartile"),
        ("1st", "samples", "thirty", "line 2 is no label of VideoSet"),
        ("1st", "samples", "[]", "line 2 is no label of VideoSet .samples is no list"),
        ("1st", "sequence_index", "0", "line 2 .*sequence_index 0 is below 1"),
        ("1st", "sequence_index", "2", "line 3 labels video 2 again"),
        ("2nd", "sequence_index", "3", "video 1 is only in one of this table and 1280x720_1st.csv"),
        ("1st", "anchor", "20", "the anchor of video 1 is 20, not 0"),
        ("3rd", "anchor", "20", "the anchor of video 1 is 20, not"),
    ],
)
def test_tables_that_break_the_convention(
    root: Path, ordinal: str, column: str, value: str, reason: str
) -> None:
    table = root / f"1280x720_{ordinal}.csv"
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0][column] = value
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(JNDError, match=rf"{ordinal}\.csv: .*{reason}"):
        open_dataset("videoset", root)


def test_an_encode_of_another_length_is_refused(root: Path) -> None:
    qp = jnds(1)[0]
    im.write_video(root / "videos/SRC1" / name(1, qp), qp, frames=7)
    item = open_dataset("videoset", root).items[0]
    with pytest.raises(JNDError, match=r"\.264: has 7 frames, but .*qp_00\.264 has 10"):
        item.source.at_jnd(1, 2)
