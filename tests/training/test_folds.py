import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jndcore.training.folds import grouped_folds

groups_of_clips = st.lists(st.integers(0, 12).map(str), min_size=8, max_size=60).filter(
    lambda g: len(set(g)) >= 3
)


@settings(max_examples=60, deadline=None)
@given(groups=groups_of_clips, folds=st.integers(2, 3), seed=st.integers(0, 100))
def test_no_group_is_split_and_no_fold_is_empty(groups: list[str], folds: int, seed: int) -> None:
    fold = grouped_folds(groups, folds, seed)
    for group in set(groups):
        assert len({f for f, g in zip(fold, groups, strict=True) if g == group}) == 1
    assert set(fold) == set(range(folds))


def test_folds_of_single_clips_are_as_even_as_can_be() -> None:
    sizes = np.bincount(grouped_folds([str(i) for i in range(193)], 5, seed=0))
    assert sorted(sizes) == [38, 38, 39, 39, 39]


def test_the_seed_decides() -> None:
    groups = [str(i) for i in range(50)]
    np.testing.assert_array_equal(grouped_folds(groups, 5, 1), grouped_folds(groups, 5, 1))
    assert (grouped_folds(groups, 5, 1) != grouped_folds(groups, 5, 2)).any()


def test_too_few_groups() -> None:
    with pytest.raises(ValueError, match="2 groups of clips cannot make 3 folds"):
        grouped_folds(["a", "b", "a"], 3, 0)
