from itertools import combinations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, norm

from jndcore.training.evaluation.baselines import constant_guess, least_absolute_line, trial_encode
from jndcore.training.evaluation.distances import coverage_range, crps, sur_error
from jndcore.training.evaluation.runs import Answer
from jndcore.training.evaluation.scores import Judged, over_groups, score
from jndcore.training.figures import bootstrap


@pytest.mark.parametrize(("qp", "err", "label"), [(25.0, 2.0, 25.0), (25.0, 2.0, 28.5), (30.0, 0.4, 22.0)])
def test_crps_against_its_integral(qp: float, err: float, label: float) -> None:
    below, _ = quad(lambda q: norm.cdf(q, qp, err) ** 2, qp - 40 * err, label, points=[qp], limit=200)
    above, _ = quad(lambda q: norm.sf(q, qp, err) ** 2, label, max(label, qp) + 40 * err, limit=200)
    assert crps(qp, err, label) == pytest.approx(below + above, rel=1e-6)


def test_crps_of_a_sure_answer_is_its_absolute_error() -> None:
    assert crps(np.array(25.0), np.array(1e-6), np.array(28.0)) == pytest.approx(3.0, abs=1e-5)


def test_sur_error_against_the_curves_themselves() -> None:
    qp, sd, label = np.array([25.0, 30.0]), np.array([4.68, 3.0]), np.array([28.0, 30.0])
    expected = []
    for i in range(2):
        off = 0.0
        for q in range(18, 46):
            predicted = norm.sf(q, qp[i] + norm.ppf(0.75) * sd[i], sd[i])
            off += abs(predicted - norm.sf(q, label[i] + 0.67448975 * 4.68, 4.68)) / 28
        expected.append(off)
    np.testing.assert_allclose(sur_error(qp, sd, label), expected, rtol=1e-6)
    assert sur_error(label, np.full(2, 4.68), label).tolist() == [0, 0]


def test_the_range_of_an_honest_coverage_by_the_binomial() -> None:
    low, high = coverage_range(193)
    inside = binom.cdf(193 * high, 193, 0.8) - binom.cdf(193 * low - 1, 193, 0.8)
    assert 0.95 <= inside < 0.97
    assert low < 0.8 < high


def test_groups_of_one_clip_are_resampled_as_clips() -> None:
    values = np.random.default_rng(0).normal(2, 1, 40)
    mine, clips = over_groups([f"g{i:02}" for i in range(40)], [values]), bootstrap(values, 0)
    assert (mine.value, mine.low, mine.high) == pytest.approx((clips.value, clips.low, clips.high))


def test_the_interval_over_groups_against_a_plain_bootstrap() -> None:
    """Clips of a group err alike, so the interval is wider than one over clips."""
    draw = np.random.default_rng(0)
    groups = [f"g{i}" for i in np.repeat(np.arange(30), draw.integers(1, 8, 30))]
    shared = {group: draw.normal() for group in groups}
    values = np.array([shared[group] + draw.normal(0, 0.2) for group in groups])
    members = {group: [v for v, g in zip(values, groups, strict=True) if g == group] for group in shared}
    means = []
    for _ in range(4000):
        chosen = draw.choice(list(members), len(members))
        means.append(np.mean(np.concatenate([members[group] for group in chosen])))
    interval = over_groups(groups, [values])
    assert interval.value == pytest.approx(values.mean())
    expected = np.percentile(means, [2.5, 97.5])
    width = expected[1] - expected[0]
    assert (interval.low, interval.high) == pytest.approx(tuple(expected), abs=0.06 * width)
    assert interval.high - interval.low > 1.5 * (bootstrap(values, 0).high - bootstrap(values, 0).low)


def test_the_line_of_least_absolute_error_against_all_lines_through_two_points() -> None:
    draw = np.random.default_rng(0)
    x, y = draw.normal(20, 2, 15), draw.normal(25, 3, 15)
    costs = {}
    for i, j in combinations(range(15), 2):
        slope = (y[j] - y[i]) / (x[j] - x[i])
        costs[np.abs(y - y[i] - slope * (x - x[i])).sum()] = (y[i] - slope * x[i], slope)
    assert least_absolute_line(x, y) == pytest.approx(costs[min(costs)])


def test_baselines_know_nothing_of_the_fold_they_answer() -> None:
    fold = np.array([0, 0, 1, 1, 1])
    label = np.arange(5.0)[:, None] * [1, 2, 3] + 20
    np.testing.assert_array_equal(constant_guess(label, fold)[:, 0], [23, 23, 20.5, 20.5, 20.5])
    rate = np.array([21.0, 22, 23, 24, 25])
    np.testing.assert_allclose(trial_encode(label, fold, rate), label)
    label[0] += 10
    answer = trial_encode(label, fold, rate)
    np.testing.assert_allclose(answer[fold == 0], label[fold == 0] - [[10], [0]])
    assert (answer[fold == 1] != label[fold == 1]).all()


def test_a_level_that_is_not_labelled_throughout_has_no_baseline() -> None:
    fold, rate = np.array([0, 0, 1, 1]), np.array([21.0, 22, 24, 25])
    label = np.stack([rate, rate, rate + 9], axis=1)
    label[3, 1] = np.nan
    for answer in (constant_guess(label, fold), trial_encode(label, fold, rate)):
        assert np.isnan(answer[:, 1]).all()
        assert np.isfinite(answer[:, [0, 2]]).all()
    np.testing.assert_array_equal(constant_guess(label, fold)[:, 2], [33.5, 33.5, 30.5, 30.5])


def test_figures_by_hand() -> None:
    label = Judged(
        Answer.of(np.array([[20.0, 25, 30], [24, 29, 34]])), np.array([[45.0, 42, 40], [44, 41, 39]])
    )
    constant = Judged(Answer.of(np.full((2, 3), 22.0)), np.full((2, 3), 43.0))
    err = np.array([[1.0, 1, np.nan], [3, 1, np.nan]])
    qp = label.answer.qp + np.array([[1.0, 0, np.nan], [-3, 0, np.nan]])
    source = np.full((2, 3), 40.0)
    answer = Answer(qp, err, np.full((2, 3), 4.68), source, source + np.array([[0.5], [1.5]]))
    scores = score(
        Judged(answer, label.psnr + np.array([[-0.5, 0, np.nan], [1, 0, np.nan]])),
        constant,
        label,
        ["a", "b"],
    )
    first, second = scores.levels
    assert (scores.clips, scores.groups) == (2, 2)
    assert (first.mae.value, first.bias.value, first.constant_mae.value) == (2.0, -1.0, 2.0)
    assert (first.difference.value, first.ratio.value) == (0.0, 1.0)
    assert (first.mae.low, first.mae.high) == (1.0, 3.0)
    assert (first.psnr_error.value, first.constant_psnr_error.value) == (0.75, 1.5)
    assert first.gain is not None
    assert first.gain.value == 1.0
    assert (first.coverage80, second.coverage80) == (1.0, 1.0)
    assert (second.level, second.mae.value, second.psnr_error.value) == (2, 0.0, 0.0)
    assert scores.sur is not None
    assert scores.sur.ratio.value == pytest.approx(scores.sur.error.value / scores.sur.constant_error.value)


def test_an_answer_without_errors_or_frames_has_no_such_figures() -> None:
    label = Judged(Answer.of(np.full((4, 3), 25.0)), np.full((4, 3), 42.0))
    constant = Judged(Answer.of(np.full((4, 3), 23.0)), np.full((4, 3), 43.0))
    only_second = Answer.of(np.where([False, True, False], 24.0, np.full((4, 3), np.nan)))
    scores = score(Judged(only_second, np.full((4, 3), 42.5)), constant, label, list("abcd"))
    (second,) = scores.levels
    assert (second.level, second.mae.value, second.ratio.value) == (2, 1.0, 0.5)
    assert second.coverage80 is second.coverage80_range is second.crps is second.gain is scores.sur is None
