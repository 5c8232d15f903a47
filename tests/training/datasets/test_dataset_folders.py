import shutil
from pathlib import Path

import imitations as im
import numpy as np
import pytest

from jndcore.errors import JNDError
from jndcore.training.datasets import open_dataset

TRAIN = ["img1.png", "img2.jpg", "img10.PNG", "img11.bmp", "img100.jpeg"]
VALID = ["a_f001.png", "a_f002.png", "b7_012.png"]


def label(seed: int) -> tuple[float, float, float]:
    return (20.0 + seed, 25.5 + seed, 30.0 + seed)


def write_split(root: Path, split: str, names: list[str], first: int) -> None:
    """Files in an order that is not the natural one; JND frames under another suffix."""
    for seed, name in sorted(enumerate(names, first), key=lambda pair: -pair[0]):
        im.write(root / split / name, im.picture(seed))
        for level in (1, 2, 3):
            im.write(root / f"jnd{level}{split}" / f"{Path(name).stem}.png", im.picture(100 * level + seed))
    lines = ["\t".join(map(str, label(seed))) for seed in range(first, first + len(names))]
    im.write_lines(root / split / "JND-Levels.txt", lines)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("folders")
    write_split(root, "train", TRAIN, 0)
    write_split(root, "valid", VALID, 20)
    for seed, name in enumerate(("x_1.png", "y_1.png"), 40):
        im.write(root / "test" / name, im.picture(seed))
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(made, tmp_path / "folders"))


def test_row_n_belongs_to_the_nth_picture_in_natural_order(made: Path) -> None:
    dataset = open_dataset("folders", made)
    assert dataset.scale == "x264 QP"
    train = [item for item in dataset.items if item.split == "train"]
    assert [item.name for item in train] == [f"train/{Path(name).stem}" for name in TRAIN]
    for seed, (item, name) in enumerate(zip(train, TRAIN, strict=True)):
        assert item.jnd == label(seed)
        assert np.isnan(item.sd).all()
        np.testing.assert_array_equal(item.source.frames(5), [im.read(made / "train" / name)])


def test_jnd_frames_are_paired_by_stem(made: Path) -> None:
    for item in open_dataset("folders", made).items:
        split, stem = item.name.split("/")
        for level in (1, 2, 3):
            if split == "test":
                with pytest.raises(JNDError, match=rf"{stem}\.png: has no label of JND{level}"):
                    item.source.at_jnd(level, 1)
            else:
                expected = im.read(made / f"jnd{level}{split}" / f"{stem}.png")
                np.testing.assert_array_equal(item.source.at_jnd(level, 3), [expected])


def test_test_pictures_may_be_without_labels(made: Path) -> None:
    unlabelled = [item for item in open_dataset("folders", made).items if item.split == "test"]
    assert [item.name for item in unlabelled] == ["test/x_1", "test/y_1"]
    assert np.isnan([item.jnd for item in unlabelled]).all()


def test_test_pictures_may_have_labels(root: Path) -> None:
    im.write_lines(root / "test" / "JND-Levels.txt", ["20 21 22", "30, 31, 32"])
    items = [item for item in open_dataset("folders", root).items if item.split == "test"]
    assert [item.jnd for item in items] == [(20, 21, 22), (30, 31, 32)]
    assert items[0].source.video is None
    with pytest.raises(
        JNDError, match=r"x_1\.png: has no picture at JND2 quality \(the folder jnd2test is missing\); add"
    ):
        items[0].source.at_jnd(2, 1)
    for name in ("x_1.png", "y_1.png"):
        im.write(root / "jnd2test" / name, im.picture(70))
    item = next(item for item in open_dataset("folders", root).items if item.split == "test")
    np.testing.assert_array_equal(item.source.at_jnd(2, 1), [im.picture(70)])
    with pytest.raises(JNDError, match="the folder jnd1test is missing"):
        item.source.at_jnd(1, 1)


def test_frames_of_a_clip_share_its_group(made: Path) -> None:
    groups = {item.name: item.group for item in open_dataset("folders", made).items}
    assert groups["valid/a_f001"] == groups["valid/a_f002"] == "a"
    assert groups["valid/b7_012"] == "b7"
    assert (groups["train/img1"], groups["train/img10"]) == ("img1", "img10")


def rename(root: Path, split: str, stems: list[str]) -> None:
    folders = (split, *(f"jnd{level}{split}" for level in (1, 2, 3)))
    for folder in (name for name in folders if (root / name).is_dir()):
        paths = sorted(path for path in (root / folder).iterdir() if path.suffix == ".png")
        for path, stem in zip(paths, stems, strict=True):
            path.rename(path.with_stem(stem))


def test_a_clip_in_two_splits_is_refused(root: Path) -> None:
    rename(root, "test", ["a_f009", "c_f001"])
    with pytest.raises(JNDError, match=r"1 sources lie in more than one split \(a in test and valid\)"):
        open_dataset("folders", root)


def test_numbers_alone_are_a_group_each(root: Path) -> None:
    shutil.rmtree(root / "train")
    shutil.rmtree(root / "test")
    rename(root, "valid", ["frame_1", "frame_2", "frame_3"])
    groups = [item.group for item in open_dataset("folders", root).items]
    assert groups == ["frame_1", "frame_2", "frame_3"]


def test_numbers_may_begin_anew_in_each_split_unless_pictures_are_the_same(root: Path) -> None:
    rename(root, "valid", ["img1", "img2", "img3"])
    groups = {item.name: item.group for item in open_dataset("folders", root).items}
    assert groups["train/img1"] == "train/img1"
    assert groups["valid/img1"] == "valid/img1"
    assert groups["train/img10"] == "img10"
    shutil.copy(root / "train" / "img1.png", root / "valid" / "img1.png")
    with pytest.raises(JNDError, match=r"split \(img1 in train and valid\)"):
        open_dataset("folders", root)


def test_falling_levels_are_jpeg_qualities_and_mixed_ones_an_error(root: Path) -> None:
    for split, count in (("train", 5), ("valid", 3)):
        im.write_lines(root / split / "JND-Levels.txt", ["60 40 30"] * count)
    assert open_dataset("folders", root).scale == "JPEG quality"
    im.write_lines(root / "valid" / "JND-Levels.txt", ["60 40 30", "20 30 40", "60 40 30"])
    with pytest.raises(JNDError, match=r"rise in 1 pictures and fall in 7 \(valid/a_f002\)"):
        open_dataset("folders", root)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["20 25 30"] * 2, "has 2 rows for 3 pictures"),
        (["20 25 30"] * 4, "has 4 rows for 3 pictures"),
        (["20 25 30", "20 25", "20 25 30"], "row 2 is not three numbers"),
        (["20 25 30", "20 25 many", "20 25 30"], "row 2 is not three numbers"),
        (["20 25 30", "20 nan 30", "20 25 30"], "row 2 holds no finite numbers"),
    ],
)
def test_bad_tables(root: Path, rows: list[str], reason: str) -> None:
    im.write_lines(root / "valid" / "JND-Levels.txt", rows)
    with pytest.raises(JNDError, match=rf"valid/JND-Levels\.txt: {reason}"):
        open_dataset("folders", root)


def test_all_that_is_missing_or_misnamed_is_told_at_once(root: Path) -> None:
    (root / "jnd1train" / "img10.png").unlink()
    (root / "jnd2valid" / "a_f001.png").rename(root / "jnd2valid" / "a_f1.png")
    shutil.rmtree(root / "jnd3valid")
    (root / "valid" / "JND-Levels.txt").unlink()
    with pytest.raises(JNDError) as error:
        open_dataset("folders", root)
    assert str(error.value).startswith(
        f"{root}: missing 4 files: jnd1train/img10.PNG, valid/JND-Levels.txt, jnd2valid/a_f001.png, "
        "jnd3valid/; misnamed 1 file: jnd2valid/a_f1.png; give each split a table"
    )


def test_two_pictures_of_one_stem_are_refused(root: Path) -> None:
    im.write(root / "train" / "img1.bmp", im.picture(0))
    with pytest.raises(JNDError, match=r"misnamed 1 file: train/img1\.png"):
        open_dataset("folders", root)


def test_a_jnd_frame_of_another_size_and_one_that_is_none(root: Path) -> None:
    items = {item.name: item for item in open_dataset("folders", root).items}
    im.write(root / "jnd1valid" / "a_f001.png", im.picture(0)[:40])
    with pytest.raises(JNDError, match=r"a_f001\.png: is 64x40, but .* is 64x64"):
        items["valid/a_f001"].source.at_jnd(1, 1)
    (root / "jnd2valid" / "a_f001.png").write_bytes(b"no picture")
    with pytest.raises(JNDError, match=r"a_f001\.png: is no picture that can be read"):
        items["valid/a_f001"].source.at_jnd(2, 1)
