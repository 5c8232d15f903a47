from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jndcore.results import OBSERVER_SD, qp_at_share, sur


def test_three_quarters_of_viewers_accept_the_jnd() -> None:
    assert sur(26.0, 26.0, 4.68) == pytest.approx(0.75)


@given(st.floats(8, 47), st.floats(10, 45), st.sampled_from(OBSERVER_SD))
def test_sur_is_the_upper_tail_of_the_observers_normal(qp: float, jnd: float, sd: float) -> None:
    observers = NormalDist(jnd + 0.674489750196 * sd, sd)
    assert sur(qp, jnd, sd) == pytest.approx(1 - observers.cdf(qp), abs=1e-9)


@given(st.floats(0.5, 0.95), st.floats(10, 45), st.sampled_from(OBSERVER_SD))
def test_qp_at_share_inverts_sur(share: float, jnd: float, sd: float) -> None:
    assert sur(qp_at_share(share, jnd, sd), jnd, sd) == pytest.approx(share)


def test_arrays_broadcast_and_the_curve_falls() -> None:
    curve = sur(np.arange(8, 48)[:, None], [[22.0, 30.0]], 4.68)
    assert curve.shape == (40, 2)
    assert (np.diff(curve, axis=0) < 0).all()
