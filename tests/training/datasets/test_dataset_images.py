import csv
import shutil
from pathlib import Path

import imitations as im
import numpy as np
import pytest

from jndcore.errors import JNDError
from jndcore.training.datasets import open_dataset

OBSERVERS = [[70 - i, *([40 - i] if i < 25 else []), *([20 - i] if i < 12 else [])] for i in range(30)]
"""JNDs of 30 observers; levels 2 and 3 are not seen by all."""


@pytest.fixture(scope="module")
def jci(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("jci")
    for source in (1, 2, 50):
        folder = root / f"distorted_image/ImageJND_SRC{source:02d}"
        for quality in range(1, 101):
            im.write(
                folder / f"ImageJND_SRC{source:02d}_{quality:03d}.jpg", im.picture(source), quality=quality
            )
        part = ", " if source == 2 else " "
        lines = [part.join(str(q) for q in seen) for seen in OBSERVERS]
        im.write_lines(root / "JND_samples" / f"JND_image_{source:02d}.txt", lines)
    return root


@pytest.fixture
def jci_copy(jci: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(jci, tmp_path / "jci"))


def test_mcl_jci_labels_are_upper_quartiles(jci: Path) -> None:
    dataset = open_dataset("mcl-jci", jci)
    assert (dataset.name, dataset.scale) == ("MCL-JCI", "JPEG quality")
    assert [(i.name, i.group, i.split) for i in dataset.items] == [
        (n, n, "") for n in ("SRC01", "SRC02", "SRC50")
    ]
    for item in dataset.items:
        seen = [[s[k] if len(s) > k else 0 for s in OBSERVERS] for k in range(3)]
        np.testing.assert_allclose(item.jnd[:2], [np.percentile(column, 75) for column in seen[:2]])
        accepting = np.mean([q < item.jnd[0] for q in seen[0]])
        assert accepting == pytest.approx(0.75, abs=0.04)
        np.testing.assert_allclose(item.sd[1], np.std(range(25), ddof=1))
        assert item.jnd[2] == np.percentile(seen[2], 75)  # 12 of 30 saw it: above the quartile


def test_mcl_jci_level_that_few_saw_is_unlabelled(jci_copy: Path) -> None:
    few = [" ".join(map(str, seen[: 3 if i < 5 else 2])) for i, seen in enumerate(OBSERVERS)]
    im.write_lines(jci_copy / "JND_samples" / "JND_image_01.txt", few)
    item = open_dataset("mcl-jci", jci_copy).items[0]
    assert np.isnan(item.jnd[2])
    with pytest.raises(JNDError, match="has no label of JND3"):
        item.source.at_jnd(3, 1)


def test_mcl_jci_pictures(jci: Path) -> None:
    for item, source in zip(open_dataset("mcl-jci", jci).items, (1, 2, 50), strict=True):
        folder = jci / f"distorted_image/ImageJND_SRC{source:02d}"
        expected = im.read(folder / f"ImageJND_SRC{source:02d}_100.jpg")
        np.testing.assert_array_equal(item.source.frames(4), [expected])
        for level in (1, 2, 3):
            path = folder / f"ImageJND_SRC{source:02d}_{round(item.jnd[level - 1]):03d}.jpg"
            np.testing.assert_array_equal(item.source.at_jnd(level, 4), [im.read(path)])


def test_mcl_jci_all_that_is_missing_or_misnamed(jci_copy: Path) -> None:
    folder = jci_copy / "distorted_image/ImageJND_SRC01"
    (folder / "ImageJND_SRC01_100.jpg").rename(folder / "ImageJND_SRC1_100.jpg")
    (jci_copy / "JND_samples/JND_image_50.txt").unlink()
    shutil.rmtree(jci_copy / "distorted_image/ImageJND_SRC02")
    with pytest.raises(JNDError) as error:
        open_dataset("mcl-jci", jci_copy)
    for part in (
        "missing 6 files",
        "ImageJND_SRC01_100.jpg",
        "ImageJND_SRC02_100.jpg",
        "ImageJND_SRC02_063.jpg",
        "JND_image_50.txt",
        "misnamed 1 file: ImageJND_SRC1_100.jpg",
    ):
        assert part in str(error.value)


@pytest.mark.parametrize("line", ["60 forty 20", "60 60 20", "100 60", "60 0", "[[60] [40]]"])
def test_mcl_jci_labels_of_another_form_are_refused(jci_copy: Path, line: str) -> None:
    im.write_lines(jci_copy / "JND_samples" / "JND_image_02.txt", ["60 40 20", "", line])
    with pytest.raises(JNDError, match=r"JND_image_02\.txt: line 3 is no list of different JPEG qualities"):
        open_dataset("mcl-jci", jci_copy)


RATED = {"SRC0001": (45.3, 8.0), "SRC0002": (60.0, 12.5)}


def write_konjnd(root: Path, *, quality_of: dict[str, int] | None = None) -> Path:
    """JPEG and BPG; the JPEG at number n has quality n where `quality_of` says 1, ``101 - n`` where -1."""
    sign = (quality_of or {}).get("jpeg", 1)
    rows = []
    for stem, (mean, sd) in RATED.items():
        seed = int(stem[3:])
        im.write(root / "source_image" / f"{stem}.png", im.picture(seed))
        for n in range(1, 101):
            quality = n if sign == 1 else 101 - n
            im.write(root / "jpeg" / f"{stem}_JPEG_{n:03d}.jpg", im.picture(seed), quality=quality)
        rows.append([f"{stem}.png", "JPEG", 3, mean, sd, "[40, 45, 51]"])
    im.write(root / "source_image" / "SRC0505.png", im.picture(505))
    for n in range(1, 52):
        coarse = np.round(im.picture(505) / (n + 1.0)) * (n + 1)
        im.write(root / "bpg" / f"SRC0505_BPG_{n:03d}.png", np.clip(coarse, 0, 255).astype(np.uint8))
    rows.append(["SRC0505.png", "BPG", 2, 31.0, 4.0, "[30, 32]"])
    with open(root / "subjective_ratings.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image_id", "Compression type", "No. of ratings", "mean", "std", "ratings"])
        table.writerows(rows)
    return root


@pytest.fixture
def konjnd(tmp_path: Path) -> Path:
    return write_konjnd(tmp_path / "KonJND-1k")


def test_konjnd_numbers_that_are_qualities(konjnd: Path) -> None:
    dataset = open_dataset("konjnd", konjnd.parent)  # the table is found in the folder below
    assert (dataset.scale, dataset.name) == ("JPEG quality", "KonJND-1k JPEG")
    assert [(i.name, i.group, i.split) for i in dataset.items] == [(s, s, "") for s in RATED]
    for item, (mean, sd) in zip(dataset.items, RATED.values(), strict=True):
        assert item.jnd[0] == pytest.approx(mean + 0.6745 * sd, abs=1e-3)
        assert item.sd[0] == sd
        assert np.isnan([*item.jnd[1:], *item.sd[1:]]).all()
        number = round(mean + 0.6745 * sd)
        coded = im.read(konjnd / "jpeg" / f"{item.name}_JPEG_{number:03d}.jpg")
        np.testing.assert_array_equal(item.source.at_jnd(1, 9), [coded])
        np.testing.assert_array_equal(
            item.source.frames(9), [im.read(konjnd / "source_image" / f"{item.name}.png")]
        )
        with pytest.raises(JNDError, match="has no label of JND2"):
            item.source.at_jnd(2, 1)


def test_konjnd_numbers_that_are_distortions(tmp_path: Path) -> None:
    """Told by the pictures: the same label, on the scale of quality, is on the other side of the mean."""
    root = write_konjnd(tmp_path, quality_of={"jpeg": -1})
    for item, (mean, sd) in zip(open_dataset("konjnd", root).items, RATED.values(), strict=True):
        number = mean - 0.6745 * sd
        assert item.jnd[0] == pytest.approx(101 - number, abs=1e-3)
        coded = im.read(root / "jpeg" / f"{item.name}_JPEG_{round(number):03d}.jpg")
        np.testing.assert_array_equal(item.source.at_jnd(1, 1), [coded])


def test_konjnd_bpg(konjnd: Path) -> None:
    dataset = open_dataset("konjnd", konjnd, codec="bpg")
    (item,) = dataset.items
    assert (dataset.scale, item.name) == ("BPG QP", "SRC0505")
    assert item.jnd[0] == pytest.approx(31 - 0.6745 * 4, abs=1e-3)
    np.testing.assert_array_equal(item.source.at_jnd(1, 1), [im.read(konjnd / "bpg" / "SRC0505_BPG_028.png")])
    with pytest.raises(JNDError, match="has no codec avif; choose one of jpeg, bpg"):
        open_dataset("konjnd", konjnd, codec="avif")


def test_konjnd_bpg_that_gets_better_with_the_number_is_refused(konjnd: Path) -> None:
    bpg = konjnd / "bpg"
    shutil.copy(bpg / "SRC0505_BPG_051.png", bpg / "SRC0505_BPG_001.png")
    with pytest.raises(JNDError, match=r"SRC0505_BPG_051\.png: is not further from SRC0505\.png than"):
        open_dataset("konjnd", konjnd, codec="bpg")


def test_konjnd_all_that_is_missing(konjnd: Path) -> None:
    (konjnd / "source_image" / "SRC0001.png").unlink()
    (konjnd / "jpeg" / "SRC0001_JPEG_051.jpg").unlink()
    (konjnd / "jpeg" / "SRC0002_JPEG_068.jpg").unlink()
    with pytest.raises(
        JNDError,
        match=r"missing 3 files: source_image/SRC0001\.png, jpeg/SRC0001_JPEG_051\.jpg, "
        r"jpeg/SRC0002_JPEG_068\.jpg; put",
    ):
        open_dataset("konjnd", konjnd)


def test_konjnd_without_the_ends_cannot_be_read(konjnd: Path) -> None:
    for stem in RATED:
        (konjnd / "jpeg" / f"{stem}_JPEG_100.jpg").unlink()
    with pytest.raises(JNDError, match=r"missing 1 file: jpeg/SRC0001_JPEG_100\.jpg"):
        open_dataset("konjnd", konjnd)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("SRC0001.png,JPEG,3,many,8,[]", "line 2 holds a figure that is no number"),
        ("SRC0001.png,JPEG,3,nan,8,[]", "line 2 lacks an image_id, a finite mean"),
        ("SRC0001.png,JPEG,3,40,-1,[]", "line 2 lacks an image_id, a finite mean"),
        ("SRC0001.png,AVIF,3,40,8,[]", "has no rows of JPEG"),
    ],
)
def test_konjnd_bad_tables(konjnd: Path, row: str, reason: str) -> None:
    header = "image_id,Compression type,No. of ratings,mean,std,ratings"
    im.write_lines(konjnd / "subjective_ratings.csv", [header, row])
    with pytest.raises(JNDError, match=rf"subjective_ratings\.csv: {reason}"):
        open_dataset("konjnd", konjnd)
    im.write_lines(konjnd / "subjective_ratings.csv", ["image_id,mean", "SRC0001.png,40"])
    with pytest.raises(JNDError, match="has no Compression type, std"):
        open_dataset("konjnd", konjnd)
