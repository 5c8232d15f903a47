from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reels import analysis

from jndcore.errors import JNDError
from jndcore.results import OBSERVER_SD, QP_MAX, QP_MIN, Analysis, Prediction
from jndcore.schedule import Schedule, plan

reels = st.lists(st.tuples(st.integers(1, 90), st.floats(5, 50)), min_size=1, max_size=12).map(
    lambda shots: analysis([n for n, _ in shots], [jnd for _, jnd in shots])
)
steps = st.none() | st.integers(1, 12)


def qps(schedule: Schedule) -> list[float]:
    return [segment.value for segment in schedule.segments]


def edges(schedule: Schedule) -> list[tuple[int, int]]:
    return [(segment.start, segment.stop) for segment in schedule.segments]


@given(reels, st.integers(1, 3), st.floats(50, 95), steps)
def test_segments_tile_the_video_with_integer_qps_of_the_usable_range(
    reel: Analysis, level: int, share: float, max_step: int | None
) -> None:
    planned = plan(reel, level=level, share=share, max_step=max_step)
    assert [0, *(stop for _, stop in edges(planned))] == [
        *(start for start, _ in edges(planned)),
        reel.video.frames,
    ]
    assert all(isinstance(qp, int) and QP_MIN <= qp <= QP_MAX for qp in qps(planned))
    assert len(planned.values()) == reel.video.frames


@given(reels, st.integers(1, 12), st.floats(50, 95))
def test_steps_stay_below_the_limit_and_only_lower(reel: Analysis, most: int, share: float) -> None:
    free = plan(reel, level=1, share=share)
    held = plan(reel, level=1, share=share, max_step=most)
    assert all(abs(a - b) <= most for a, b in pairwise(qps(held)))
    assert (held.values() <= free.values()).all()
    assert min(qps(held)) == min(qps(free))


@given(reels)
def test_segments_last_a_second_unless_the_video_does_not(reel: Analysis) -> None:
    planned = plan(reel, level=1, share=75)
    if len(planned.segments) > 1:
        assert min(stop - start for start, stop in edges(planned)) >= 25


@given(reels, st.integers(1, 3), st.floats(50, 95), steps)
def test_the_same_analysis_gives_the_same_plan(
    reel: Analysis, level: int, share: float, max_step: int | None
) -> None:
    one, other = (plan(reel, level=level, share=share, max_step=max_step) for _ in range(2))
    assert one == other


@given(reels, st.integers(1, 3), st.floats(50, 95), st.floats(50, 95))
def test_more_viewers_never_get_a_higher_qp(reel: Analysis, level: int, a: float, b: float) -> None:
    few, many = (plan(reel, level=level, share=share).values() for share in sorted((a, b)))
    assert (many <= few).all()


@given(
    st.lists(st.tuples(st.integers(25, 49), st.floats(5, 50)), min_size=1, max_size=8),
    st.integers(1, 3),
    st.floats(50, 95),
)
def test_a_shot_gets_the_highest_qp_that_the_share_accepts(
    shots: list[tuple[int, float]], level: int, share: float
) -> None:
    reel = analysis([n for n, _ in shots], [jnd for _, jnd in shots])
    planned = plan(reel, level=level, share=share)
    assert len(planned.segments) == len(shots)
    for segment, shot in zip(planned.segments, reel.shots, strict=True):
        spread = OBSERVER_SD[level - 1]
        viewers = NormalDist(shot.prediction.qp[0, level - 1] + 0.674489750196 * spread, spread)
        wanted = min(max(int(viewers.inv_cdf(1 - share / 100) + 1e-6), QP_MIN), QP_MAX)
        assert segment.value == wanted
        accept = 100 * (1 - viewers.cdf(segment.value))
        assert segment.predicted.share_no_further_loss == pytest.approx(accept, abs=1e-6)


def test_both_readings_of_a_level_are_told() -> None:
    (segment,) = plan(analysis([50], [24.0]), level=2, share=75).segments
    assert segment.value == 28  # 24 + 4.5, rounded down
    assert segment.predicted.jnd == 28.5
    first = NormalDist(24 + 0.674489750196 * 4.68, 4.68)
    assert segment.predicted.share_no_loss == pytest.approx(100 * (1 - first.cdf(28)), abs=1e-6)
    assert segment.predicted.share_no_further_loss > 75 > segment.predicted.share_no_loss
    (segment,) = plan(analysis([50], [24.0]), level=1, share=75).segments
    assert segment.predicted.share_no_loss == segment.predicted.share_no_further_loss == pytest.approx(75)


def test_a_shot_is_split_where_its_level_jumps() -> None:
    level = np.repeat([22.0, 30.0, 22.0], [100, 150, 50]) + np.random.default_rng(1).normal(0, 0.4, 300)
    planned = plan(analysis([300], level), level=1, share=75)
    assert qps(planned) == pytest.approx([22, 30, 22], abs=1)
    starts = [start for start, _ in edges(planned)]
    assert starts == pytest.approx([0, 100, 250], abs=1)


@pytest.mark.parametrize(
    "level",
    [
        np.repeat([25.0, 25.8], 250),  # less than an integer QP can follow
        np.repeat([25.0, 27.0, 25.0], [230, 40, 230]),  # too short for what a key frame costs
        25 + np.random.default_rng(2).normal(0, 2, 500),  # noise
    ],
)
def test_a_shot_is_not_split_for_little(level: np.ndarray) -> None:
    assert edges(plan(analysis([500], level), level=1, share=75)) == [(0, 500)]


def test_a_part_gets_the_mean_of_its_own_frames() -> None:
    level = np.repeat([20.0, 34.0], [250, 250])
    first, second = plan(analysis([500], level), level=1, share=75).segments
    assert first.stop == second.start == 250
    assert (first.predicted.jnd, second.predicted.jnd) == (20.0, 34.0)
    assert second.predicted.err == pytest.approx(1.5)  # not less for being a mean


def test_a_short_shot_joins_the_neighbour_that_loses_less_at_the_lower_qp() -> None:
    planned = plan(analysis([100, 13, 100], [22.0, 32.0, 33.0]), level=1, share=75)
    assert (edges(planned), qps(planned)) == ([(0, 100), (100, 213)], [22, 32])
    planned = plan(analysis([60, 13, 200], [30.0, 20.0, 32.0]), level=1, share=75)
    assert (edges(planned), qps(planned)) == ([(0, 73), (73, 273)], [20, 32])


def test_one_frame_in_four_is_enough() -> None:
    level = np.repeat([22.0, 30.0], [152, 148])
    planned = plan(analysis([300], level, every=4), level=1, share=75)
    assert edges(planned) == [(0, 152), (152, 300)]


@pytest.mark.parametrize(
    ("reel", "says"),
    [
        (analysis([50], [25.0], extrapolated=("HDR (PQ)",)), r"clip\.mp4: extrapolated \(HDR \(PQ\)\)"),
        (analysis([50, 50], [25.0, 30.0], frames=400), "frames 100 to 399 were not analysed"),
        (analysis([50, 50], [25.0, 30.0], frames=400, first=300), "frames 0 to 299 were not analysed"),
        (analysis([60, 30, 60], [25.0] * 3, every=100), "frames 60 to 89 were not analysed"),
        (analysis([900], [25.0], every=200), "frames 1 to 199 and 3 more ranges were not analysed"),
        (analysis([50], [25.0], sd=[np.nan] * 3), r"tells no spread.*4\.68"),
    ],
)
def test_a_guess_needs_force_and_says_so(reel: Analysis, says: str) -> None:
    with pytest.raises(JNDError, match=says + ".*--force"):
        plan(reel, level=1, share=75)
    planned = plan(reel, level=1, share=75, force=True)
    assert edges(planned)[-1][1] == reel.video.frames
    assert planned.warnings
    assert planned.warnings[0].startswith("planned all the same: ")
    for told in (segment.predicted for segment in planned.segments):
        assert (told.jnd is None) == (told.sur_sd is None) == (told.share_no_loss is None)
        assert told.sur_sd is None or told.sur_sd == pytest.approx(4.68)


def test_the_advice_is_one_that_can_be_followed() -> None:
    beyond = ("HDR (PQ)", "10 bits a sample")
    with pytest.raises(
        JNDError, match=r"extrapolated \(HDR \(PQ\); 10 bits a sample\).*guess: plan all the same"
    ):
        plan(analysis([50], [25.0], extrapolated=beyond), level=1, share=75)
    with pytest.raises(JNDError, match=r"guess: analyse the whole of it.* or plan all the same"):
        plan(analysis([50], [25.0], extrapolated=beyond, frames=400), level=1, share=75)


def test_small_gaps_need_no_force() -> None:
    assert plan(analysis([250], [25.0], every=25, frames=260), level=1, share=75).warnings == ()


def test_what_was_not_analysed_takes_the_lower_qp_of_its_neighbours() -> None:
    reel = analysis([60, 30, 60], [31.0, 10.0, 27.0], every=100)  # frames 0 and 100 only
    planned = plan(reel, level=1, share=75, force=True)
    assert qps(planned) == [31, 27, 27]
    unknown = planned.segments[1].predicted
    assert unknown.jnd is unknown.share_no_loss is None


def test_a_level_that_the_model_does_not_tell_cannot_be_forced() -> None:
    reel = analysis([50], [25.0])
    for told in (reel.prediction, reel.shots[0].prediction):
        told.qp[:, 1:] = np.nan
    with pytest.raises(JNDError, match=r"scopenet\.test tells no JND2"):
        plan(reel, level=2, share=75, force=True)
    assert qps(plan(reel, level=1, share=75)) == [25]


def test_frames_that_the_model_does_not_tell_do_no_harm() -> None:
    level = np.repeat([22.0, 30.0], [150, 150])
    level[10:40] = np.nan
    reel = analysis([300], level)
    reel.shots[0].prediction.qp[:] = np.nanmean(reel.prediction.qp, axis=0)
    assert edges(plan(reel, level=1, share=75)) == [(0, 150), (150, 300)]


def test_the_plan_says_where_the_scale_ends_before_the_share_is_kept() -> None:
    planned = plan(analysis([50, 50], [9.0, 30.0]), level=1, share=90)
    assert qps(planned) == [8, 27]
    assert planned.warnings == ("1 of 2 segments cannot keep 90 %: QP 8 is the lowest of use.",)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"level": 4, "share": 75}, "level 4"),
        ({"level": 1, "share": 96}, "a share of 96 %"),
        ({"level": 1, "share": float("nan")}, "a share of nan %"),
        ({"level": 1, "share": 75, "max_step": 0}, "a largest step of 0"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, float], says: str) -> None:
    with pytest.raises(JNDError, match=says):
        plan(analysis([50], [25.0]), **arguments)  # type: ignore[arg-type]


def test_an_analysis_that_does_not_fit_its_video_is_refused() -> None:
    for reel in (analysis([50], [25.0], frames=40), analysis([50], [25.0], first=-5, frames=50)):
        with pytest.raises(JNDError, match="does not fit its"):
            plan(reel, level=1, share=75)


def test_a_variable_frame_rate_shows_in_the_time_stamps() -> None:
    assert not plan(analysis([50], [25.0], every=2), level=1, share=75).variable_frame_rate
    pts = np.cumsum(np.tile([300, 700], 25))
    assert plan(analysis([50], [25.0], pts=pts), level=1, share=75).variable_frame_rate


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 3))
def test_levels_that_cross_are_planned_as_they_are_told(seed: int) -> None:
    rows = np.random.default_rng(seed).uniform(10, 45, (1, 3))
    reel = analysis([50], [25.0])
    for told in (reel.prediction, reel.shots[0].prediction):
        told.qp[:] = rows
    for level in (1, 2, 3):
        assert qps(plan(reel, level=level, share=75)) == [int(rows[0, level - 1])]  # type: ignore[arg-type]


def test_a_million_frames_are_planned() -> None:
    frames = 1_000_000
    level = 26 + 6 * np.sin(np.arange(frames) / 40) + np.random.default_rng(3).normal(0, 0.3, frames)
    reel = analysis([125] * (frames // 125), level)
    planned = plan(reel, level=2, share=80, max_step=6)
    assert planned.segments[-1].stop == frames
    assert len(planned.segments) > frames / 125  # some were split


def test_a_prediction_is_not_changed_by_planning() -> None:
    reel = analysis([60, 30], [20.0, np.nan], frames=200)
    before = Prediction.stack([shot.prediction for shot in reel.shots])
    plan(reel, level=1, share=75, force=True)
    after = Prediction.stack([shot.prediction for shot in reel.shots])
    np.testing.assert_array_equal(before.qp, after.qp)
