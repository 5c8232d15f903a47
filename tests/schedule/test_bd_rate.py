import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.interpolate import CubicSpline

from jndcore.schedule.bd_rate import bd_rate

QUALITY = np.array([34.0, 36.5, 39.0, 41.0, 43.5])
RATE = np.array([500.0, 900.0, 1800.0, 3100.0, 6400.0])


@given(st.floats(0.2, 5.0))
def test_a_constant_ratio_comes_back_whatever_the_curve(ratio: float) -> None:
    assert bd_rate(ratio * RATE, QUALITY, RATE, QUALITY) == pytest.approx(100 * (ratio - 1), abs=1e-9)


def test_straight_lines_have_a_closed_form() -> None:
    # log rates 0.1 and 0.15 a dB, both 8 at 30 dB; common qualities 32 to 40
    mine, theirs = np.arange(30.0, 41.0, 2.0), np.arange(32.0, 45.0, 2.0)
    found = bd_rate(np.exp(8 + 0.1 * (mine - 30)), mine, np.exp(8 + 0.15 * (theirs - 30))[::-1], theirs[::-1])
    mean = 0.1 * 6 - 0.15 * 6  # at 36 dB, the middle
    assert found == pytest.approx(100 * (np.exp(mean) - 1))


def test_another_interpolation_says_nearly_the_same() -> None:
    rival = 1.3 * RATE**1.02
    spline = CubicSpline(QUALITY, np.log(RATE) - np.log(rival))
    mean = quad(spline, 34.0, 43.5)[0] / 9.5
    assert bd_rate(RATE, QUALITY, rival, QUALITY) == pytest.approx(100 * np.expm1(mean), abs=0.2)


@pytest.mark.parametrize(
    ("rate", "quality", "reason"),
    [
        (RATE[:3], QUALITY[:3], "takes 4 points, not 3"),
        (RATE[[0, 2, 1, 3, 4]], QUALITY, "more rate must give more quality"),
        (RATE, np.array([34.0, 34.0, 39.0, 41.0, 43.5]), "more rate must give more quality"),
        (RATE, QUALITY + 20, "no quality in common"),
    ],
)
def test_curves_that_tell_nothing_are_refused(rate: np.ndarray, quality: np.ndarray, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        bd_rate(rate, quality, RATE, QUALITY)
