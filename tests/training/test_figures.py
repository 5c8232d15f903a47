import numpy as np
import pytest
from scipy.stats import norm

from jndcore.training.figures import bootstrap, err_factor, level_figures


def test_the_interval_of_a_mean_against_the_normal_one() -> None:
    values = np.random.default_rng(0).normal(3, 2, 400)
    interval = bootstrap(values, seed=1)
    half = norm.ppf(0.975) * values.std() / np.sqrt(len(values))
    assert interval.value == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - half, abs=0.03 * half)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.03 * half)


def test_a_constant_has_no_interval() -> None:
    interval = bootstrap(np.full(20, 1.5), seed=0)
    assert (interval.low, interval.value, interval.high) == (1.5, 1.5, 1.5)


def test_the_interval_of_a_ratio_against_the_delta_method() -> None:
    draw = np.random.default_rng(0)
    a, b = draw.normal(2, 0.4, 500), draw.normal(4, 0.4, 500)
    interval = bootstrap(np.stack([a, b], 1), 1, lambda mean: mean[..., 0] / mean[..., 1])
    ratio = a.mean() / b.mean()
    half = norm.ppf(0.975) * (a - ratio * b).std() / b.mean() / np.sqrt(500)
    assert interval.value == pytest.approx(ratio)
    assert interval.high - interval.low == pytest.approx(2 * half, rel=0.05)


def test_level_figures_by_hand() -> None:
    label = np.array([[20.0, 25, 30], [24, 29, 34]])
    predicted = label + np.array([[1.0, 0, 0], [-3, 0, 4]])
    constant = np.full((2, 3), 22.0)
    err = np.array([[1.0, 1, 1], [2, 1, 1]])
    first, second, third = level_figures(predicted, constant, label, err, seed=0)
    assert (first.level, second.level, third.level) == (1, 2, 3)
    assert first.mae.value == 2.0
    assert first.constant_mae.value == 2.0
    assert first.difference.value == 0.0
    assert first.ratio.value == 1.0
    assert first.bias.value == -1.0
    assert first.coverage80 == 0.5
    assert (second.mae.value, second.coverage80) == (0.0, 1.0)
    assert third.bias.value == 2.0


def test_the_difference_is_paired() -> None:
    """Errors that go together cancel clip by clip: the interval is far below that of either."""
    draw = np.random.default_rng(0)
    label = np.zeros((100, 3))
    constant = draw.normal(0, 5, (100, 3))
    figures = level_figures(constant * 0.9, constant, label, np.ones((100, 3)), seed=0)[0]
    assert figures.difference.high < 0
    assert figures.mae.high > figures.constant_mae.low


def test_the_factor_makes_normal_errors_cover_80_percent() -> None:
    draw = np.random.default_rng(0)
    label, err = np.zeros((4000, 3)), draw.uniform(0.5, 2, (4000, 3))
    factor = err_factor(draw.normal(0, 3 * err), label, err)
    np.testing.assert_allclose(factor, 3, rtol=0.05)
