import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jndcore.schedule.crf_search import MOST, Scale, find_crf

FINE, WHOLE = Scale(0.1, 1, 51, 0.65, 0.05), Scale(1, 1, 63, 0.28, 0.05)


def falling(crossing: float, fall: float, bend: float) -> Callable[[float], float]:
    """Quality that passes 40 dB at `crossing`, there by `fall` dB a CRF."""
    return lambda crf: 40 - fall * (crf - crossing) + bend * (crf - crossing) ** 2


@given(st.floats(5, 48), st.floats(0.4, 1.0), st.floats(-0.003, 0.003), st.floats(-3, 3))
def test_fine_steps_come_close(crossing: float, fall: float, bend: float, off: float) -> None:
    found = find_crf(falling(crossing, fall, bend), 40.0, crossing + off, FINE)
    assert abs(found.error) <= 0.05
    assert abs(found.crf - crossing) < 0.3
    assert found.crf == round(found.crf, 1)
    assert found.trials <= 5
    assert not found.at_end


@given(st.floats(5, 61), st.floats(0.2, 0.4), st.floats(-0.001, 0.001), st.floats(-5, 5))
def test_whole_crfs_are_never_worse_and_as_high_as_that_allows(
    crossing: float, fall: float, bend: float, off: float
) -> None:
    quality = falling(crossing, fall, bend)
    found = find_crf(quality, 40.0, crossing + off, WHOLE)
    highest = max(crf for crf in range(1, 64) if quality(crf) >= 40)
    assert found.crf == highest
    assert found.error == quality(highest) - 40
    assert not found.at_end


def test_no_crf_is_tried_twice_and_trials_are_few() -> None:
    rng = np.random.default_rng(1)
    made = []
    for _ in range(200):
        tried: list[float] = []

        def quality(crf: float, fall: float = float(rng.uniform(0.5, 0.9)), tried: list = tried) -> float:
            tried.append(crf)
            return 40 - fall * (crf - 27.34)

        find_crf(quality, 40.0, 27.34 + rng.normal(0, 1.5), FINE)
        assert len(set(tried)) == len(tried)
        made.append(len(tried))
    assert np.mean(made) < 3


@pytest.mark.parametrize(
    ("scale", "wanted", "crf"), [(FINE, 10.0, 51), (FINE, 90.0, 1), (WHOLE, 10.0, 63), (WHOLE, 90.0, 1)]
)
def test_an_end_of_the_scale_is_told(scale: Scale, wanted: float, crf: float) -> None:
    found = find_crf(lambda crf: 50 - 0.3 * crf, wanted, 30, scale)
    assert (found.crf, found.at_end) == (crf, True)
    assert math.copysign(1, found.error) == (1 if wanted < 40 else -1)


def test_what_no_crf_changes_takes_the_first() -> None:
    """A black shot."""
    found = find_crf(lambda _: 100.0, 100.0, 26.04, FINE)
    assert (found.crf, found.error, found.trials, found.at_end) == (26.0, 0.0, 1, False)


def test_quality_that_leaps_or_wavers_ends_the_search() -> None:
    leaping = find_crf(lambda crf: 42.0 if crf < 30.05 else 38.0, 40.0, 25, FINE)
    assert leaping.trials <= MOST
    assert abs(leaping.error) == 2.0
    wavering = find_crf(lambda crf: 40 + 0.2 * math.cos(40 * crf), 40.5, 25, FINE)
    assert wavering.trials <= MOST
