import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jndcore.results import Prediction

NAN = float("nan")


def prediction(rows: list[tuple[float, ...]]) -> Prediction:
    qp = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Prediction(qp, np.full_like(qp, NAN), np.full_like(qp, NAN))


def test_a_row_is_known_by_any_of_its_levels() -> None:
    told = prediction([(20, 25, 30), (NAN, 25, NAN), (NAN, NAN, NAN), (NAN, NAN, 30)])
    assert told.known.tolist() == [True, True, False, True]
    assert Prediction.unknown(2).known.tolist() == [False, False]


def test_rows_cross_where_a_level_lies_below_the_one_before() -> None:
    told = prediction([(20, 25, 30), (26, 25, 30), (20, 31, 30), (20, 20, 20), (NAN, 25, 24), (30, NAN, 20)])
    assert told.crossed.tolist() == [False, True, True, False, True, False]


@given(st.lists(st.tuples(*[st.floats(0, 51)] * 3), max_size=20))
def test_sorted_levels_never_cross(rows: list[tuple[float, ...]]) -> None:
    assert not prediction([tuple(sorted(row)) for row in rows]).crossed.any()
