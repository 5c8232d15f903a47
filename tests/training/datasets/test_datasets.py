import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from jndcore.errors import JNDError
from jndcore.training.datasets import KINDS, Dataset, Item, check_splits, open_dataset
from jndcore.training.datasets.base import NOTHING, check_items, sur75
from jndcore.training.datasets.listing import natural_key, refuse, spread
from jndcore.training.datasets.stills import Still

STILL = Still(Path("a.png"), (None, None, None))


def item(name: str, group: str = "g", split: str = "", jnd: tuple[float, float, float] = NOTHING) -> Item:
    return Item(name, group, split, jnd, NOTHING, STILL)


def dataset(*items: Item, scale: str = "x264 QP") -> Dataset:
    return Dataset("set", scale, "none", items)


@given(length=st.integers(1, 200), count=st.integers(1, 220))
def test_frames_are_spread_evenly_and_never_twice(length: int, count: int) -> None:
    numbers = spread(length, count)
    assert len(set(numbers)) == len(numbers) == min(length, count)
    assert numbers == sorted(numbers)
    assert 0 <= numbers[0] <= numbers[-1] < length
    gaps = np.diff(numbers)
    assert gaps.size == 0 or gaps.max() - gaps.min() <= 1


def test_one_frame_is_the_middle_one() -> None:
    assert (spread(9, 1), spread(24, 2)) == ([4], [6, 18])


def test_natural_order() -> None:
    names = ["img10.png", "img2.png", "Img1.png", "img2b.png", "a1_10", "a1_9", "2", "10"]
    assert sorted(names, key=natural_key) == [
        "2",
        "10",
        "a1_9",
        "a1_10",
        "Img1.png",
        "img2.png",
        "img2b.png",
        "img10.png",
    ]


@pytest.mark.parametrize("worse", [1, -1])
def test_three_quarters_of_observers_accept_the_point(worse: int) -> None:
    mean, sd = 44.0, 6.0
    point = sur75(mean, sd, worse)
    accept = norm.sf(point, mean, sd) if worse == 1 else norm.cdf(point, mean, sd)
    assert accept == pytest.approx(0.75)
    assert worse * (mean - point) == pytest.approx(0.6745 * sd, abs=1e-3)


def test_ten_names_and_the_rest_counted() -> None:
    names = [f"f{i}" for i in range(13)]
    with pytest.raises(JNDError, match=r"^dir: missing 13 files: f0, .*, f9 and 3 more; put them there\.$"):
        refuse(Path("dir"), names, [], "put them there")
    with pytest.raises(JNDError, match=r"^dir: missing 1 file: a; misnamed 1 file: b; rename it\.$"):
        refuse(Path("dir"), ["a"], ["b"], "rename it")
    refuse(Path("dir"), [], [], "nothing")


def test_a_source_in_two_splits_is_refused() -> None:
    fine = dataset(item("a", "g", "train"), item("b", "g", "train"), item("c", "h", "valid"))
    check_splits(fine)
    torn = dataset(item("a", "lake", "train"), item("b", "lake", "valid"), item("c", "sea", "test"))
    with pytest.raises(
        JNDError, match=r"set: 1 sources .* split \(lake in train and valid\); move all frames"
    ):
        check_splits(torn)


def test_levels_must_come_in_the_order_in_which_they_are_seen() -> None:
    check_items(dataset(item("a", jnd=(20, 25, 25)), item("b"), item("c", jnd=(20, math.nan, math.nan))))
    check_items(dataset(item("a", jnd=(60, 40, 20)), scale="JPEG quality"))
    for wrong, scale in (((20.0, 25.0, 24.0), "x264 QP"), ((20.0, 25.0, 30.0), "JPEG quality")):
        with pytest.raises(JNDError, match=f"not in the order .*{scale}. for a; correct"):
            check_items(dataset(item("a", jnd=wrong), scale=scale))


def test_names_are_unique() -> None:
    with pytest.raises(JNDError, match=r"names occur twice \(a\)"):
        check_items(dataset(item("a"), item("b"), item("a")))


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_folder_is_one_clear_error(kind: str, tmp_path: Path) -> None:
    with pytest.raises(JNDError, match=str(tmp_path)):
        open_dataset(kind, tmp_path)


def test_no_such_kind_and_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(JNDError, match="no data set of kind 'tid'; choose one of clips, videoset"):
        open_dataset("tid", tmp_path)
    with pytest.raises(JNDError, match="nowhere: there is no such folder"):
        open_dataset("folders", tmp_path / "nowhere")
