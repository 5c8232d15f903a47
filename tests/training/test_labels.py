from pathlib import Path

import numpy as np
import pytest

from jndcore.errors import JNDError
from jndcore.training.labels import MEASURED, labels, measured, read_clips, tables_sha256


def table(folder: Path, text: str, name: str = "clips.csv") -> Path:
    (folder / name).write_text(text)
    return folder


def files(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / f"{name}.mkv").write_bytes(b"")
    return folder


def test_both_tables_are_read_in_order(tmp_path: Path) -> None:
    table(tmp_path, "id,group,still,jnd1,jnd2,jnd3\na,g0,s.webp,20,25,30\nb,g0,s.webp,21.5,26,31\n")
    table(tmp_path, "id,group,file,jnd1,jnd2,jnd3\nv,dog,dog.mp4,24,29,32\n", "real_clips.csv")
    clips = read_clips(tmp_path, files(tmp_path, "a", "b", "v"))
    assert [(clip.name, clip.group, clip.moves) for clip in clips] == [
        ("a", "g0", False),
        ("b", "g0", False),
        ("v", "dog", True),
    ]
    np.testing.assert_array_equal(labels(clips), [[20, 25, 30], [21.5, 26, 31], [24, 29, 32]])
    np.testing.assert_array_equal(measured(clips, np.array([100, 100, 50])), labels(clips))


def test_measured_columns_are_read_where_all_are_there(tmp_path: Path) -> None:
    values = {name: str(2 ** (i % 5)) for i, name in enumerate(MEASURED)}
    table(tmp_path, f"id,group,jnd1,jnd2,jnd3,{','.join(values)}\na,g,20,25,30,{','.join(values.values())}\n")
    area = np.array([640 * 360])  # a quarter of 1280x720, where it would be four times the bytes
    (row,) = measured(read_clips(tmp_path, files(tmp_path, "a")), area)
    expected = [i % 5 + 2 if name.startswith("bytes") else 2 ** (i % 5) for i, name in enumerate(MEASURED)]
    np.testing.assert_array_equal(row, expected)


def test_all_missing_files_are_listed_at_once(tmp_path: Path) -> None:
    table(tmp_path, "id,group,jnd1,jnd2,jnd3\na,g,20,25,30\nb,h,20,25,30\nc,h,20,25,30\n")
    with pytest.raises(JNDError, match=r"2 of 3 clips are missing \(a\.mkv, c\.mkv\); render them"):
        read_clips(tmp_path, files(tmp_path, "b"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no rows"),
        ("id,group,jnd1,jnd2,jnd3\n", "has no rows"),
        ("id,group,jnd1,jnd3\na,g,20,30\n", "has no jnd2"),
        ("id,group,jnd1,jnd2,jnd3\na,g,20,many,30\n", "row a holds a figure that is no number"),
        ("id,group,jnd1,jnd2,jnd3\na,g,20,25\n", "row a holds a figure that is no number"),
        ("id,group,jnd1,jnd2,jnd3\na,g,20,nan,30\n", "row a are not jnd1 <= jnd2 <= jnd3"),
        ("id,group,jnd1,jnd2,jnd3\na,g,20,19,30\n", "row a are not jnd1 <= jnd2 <= jnd3"),
        ("\xff\xfe", "cannot be read as a CSV table|has no"),
    ],
)
def test_bad_tables_are_one_clear_error(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "clips.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(JNDError, match=rf"clips\.csv: .*({reason})"):
        read_clips(tmp_path, files(tmp_path, "a"))


def test_a_folder_without_tables(tmp_path: Path) -> None:
    with pytest.raises(JNDError, match=r"holds no clips\.csv or real_clips\.csv"):
        read_clips(tmp_path, tmp_path)


def test_the_hash_tells_label_sets_apart(tmp_path: Path) -> None:
    first = tables_sha256(table(tmp_path, "id\na\n"))
    assert tables_sha256(table(tmp_path, "id\nb\n")) != first
    assert tables_sha256(table(tmp_path, "id\na\n")) == first
