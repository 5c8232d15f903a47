import math

import numpy as np
import pytest

from jndcore.training.labelling.formula import crossing, jnd_qps, rate_720p
from jndcore.training.labelling.sweep import ALL_QPS, Sweep

QPS = np.array([18.0, 21, 24, 27])

# teacher18.., vmaf18.., bytes24, bytes30, fps, (jnd1..3, teacher_sur75, vmaf95): published rows, 1280x720
PUBLISHED = {
    "c001": (
        (97.07, 93.84, 89.77, 79.57, 65.53, 45.11, 31.94, 21.5, 11.22, 6.33),
        (99.407, 98.848, 97.993, 96.742, 94.881, 91.988, 87.601, 81.352, 73.705, 64.9),
        (219622, 94395, 30),
        (26.84, 31.19, 34.36, 27.98, 29.81),
    ),
    "c002": (
        (87.45, 83.73, 80.1, 70.58, 49.1, 24.25, 11.33, 4.17, 0.41, 0.02),
        (96.561, 96.02, 95.072, 93.402, 90.694, 86.425, 80.299, 71.076, 60.448, 47.375),
        (174909, 99013, 30),
        (23.82, 28.63, 32.1, 25.61, 24.13),
    ),
    "v01": (
        (106.38, 106.31, 99.91, 96.36, 81.35, 68.2, 50.0, 25.91, 9.08, 5.45),
        (98.769, 98.557, 97.838, 95.975, 92.721, 88.375, 82.589, 75.037, 65.369, 54.551),
        (376268, 207074, 25),
        (28.38, 33.02, 36.01, 31.45, 27.9),
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_labels_come_out_of_what_was_measured(name: str) -> None:
    teacher, vmaf, (bytes24, bytes30, fps), expected = PUBLISHED[name]
    size = np.full(len(ALL_QPS), 1)
    size[ALL_QPS.index(24)], size[ALL_QPS.index(30)] = bytes24, bytes30
    rate = rate_720p(1, 24, fps, 1280 * 720)
    sweep = Sweep(np.array(ALL_QPS), np.array(teacher), np.array(vmaf), np.zeros(10), size, rate)
    assert (*sweep.jnd, *sweep.crossings) == pytest.approx(expected, abs=0.02)


def test_the_formula_in_its_middle() -> None:
    """26.6 at the scale's fixed points; no correction for rate where rate and slope are as usual."""
    rate30 = 2**21.6
    first, second, third = jnd_qps(26.6, 31.2, rate30 * 2**1.20, rate30)
    assert first == pytest.approx(0.6 * 26.6 + 0.4 * 26.1)
    assert second == pytest.approx(6.764 + 0.926 * first)
    assert third == pytest.approx(12.524 + 0.827 * first)


def test_rate_moves_the_later_levels_up_to_its_bounds() -> None:
    usual = jnd_qps(26, 30, 2**22.8, 2**21.6)
    busy, busier = (jnd_qps(26, 30, 2.0 ** (x + 1.2), 2.0**x) for x in (24.1, 30))
    assert busy[0] == usual[0]
    assert busy[1] - usual[1] == pytest.approx(0.238 * 2.5)
    assert busy == pytest.approx(busier)
    flat = jnd_qps(26, 30, 2**21.6, 2**21.6)
    assert flat[2] - usual[2] == pytest.approx(0.546 * 0.6)


@pytest.mark.parametrize(("teacher", "first"), [(-30.0, 10.0), (99.0, 45.0)])
def test_labels_keep_to_their_range_and_apart(teacher: float, first: float) -> None:
    levels = jnd_qps(teacher, teacher, 2**22.8, 2**21.6)
    assert levels[0] == first
    assert levels[0] + 1 <= levels[1]
    assert levels[1] + 1 <= levels[2]


def test_rate_is_that_of_720p() -> None:
    assert rate_720p(3000, 24, 30, 1280 * 720) == 3000 * 8 * 30 / 24
    assert rate_720p(3000, 24, 60, 1280 * 720) == rate_720p(3000, 24, 30, 1280 * 720)
    assert rate_720p(3000, 24, 30, 640 * 360) == 4 * rate_720p(3000, 24, 30, 1280 * 720)


@pytest.mark.parametrize(
    ("score", "qp"),
    [
        ((90, 80, 70, 60), 22.5),  # inside
        ((90, 75, 60, 80), 21.0),  # on a QP, and the first of two
        ((70, 68, 50, 40), 16.5),  # before the first, by the mean slope
        ((99, 98, 90, 81), 30.0),  # past the last
        ((71, 71, 71, 71), 13.0),  # flat, below: 0.8 a QP
        ((79, 79, 79, 79), 32.0),  # flat, above
        ((60, 60, 60, 60), 10.0),  # no farther
        ((99, 99, 99, 99), 51.0),
    ],
)
def test_crossing_of_75(score: tuple[float, ...], qp: float) -> None:
    found = crossing(QPS, np.array(score, float), 75.0)
    assert math.isclose(found, qp)
