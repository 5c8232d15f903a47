from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reels import schedule

from jndcore.schedule import Predicted, Schedule, Segment, join, set_value, split


@pytest.fixture
def three() -> Schedule:
    return schedule([30, 50, 20], [26, 32, 29])


def test_another_qp_moves_the_shares_and_leaves_the_old_schedule(three: Schedule) -> None:
    edited = set_value(three, 1, 24)
    assert [segment.value for segment in edited.segments] == [26, 24, 29]
    assert [segment.value for segment in three.segments] == [26, 32, 29]
    viewers = NormalDist(28 + 0.674489750196 * 4.68, 4.68)
    told = edited.segments[1].predicted
    assert told.share_no_loss == pytest.approx(100 * (1 - viewers.cdf(24)), abs=1e-6)
    assert told.jnd == three.segments[1].predicted.jnd
    assert edited.segments[::2] == three.segments[::2]


def test_a_segment_of_which_nothing_is_told_can_be_set(three: Schedule) -> None:
    unknown = schedule([30], [26], segments=(Segment(0, 30, 26, Predicted()),))
    assert set_value(unknown, 0, 20).segments[0] == Segment(0, 30, 20, Predicted())


@pytest.mark.parametrize("value", [7, 48, 26.0, 26.5])
def test_a_qp_is_an_integer_of_the_usable_range(three: Schedule, value: float) -> None:
    with pytest.raises(ValueError, match="a QP is an integer"):
        set_value(three, 0, value)


def test_a_crf_has_no_shares(three: Schedule) -> None:
    edited = set_value(schedule([30, 20], [20.5, 22.0], mode="crf"), 1, 21.25)
    assert edited.segments[1].value == 21.25
    assert edited.segments[1].predicted.share_no_loss is None
    assert edited.segments[1].predicted.jnd == 28.0
    with pytest.raises(ValueError, match="a CRF lies above 0"):
        set_value(edited, 0, 52.0)


def test_splitting_keeps_value_and_prediction(three: Schedule) -> None:
    edited = split(three, 60)
    assert [(s.start, s.stop, s.value) for s in edited.segments] == [
        (0, 30, 26),
        (30, 60, 32),
        (60, 80, 32),
        (80, 100, 29),
    ]
    assert edited.segments[1].predicted == edited.segments[2].predicted == three.segments[1].predicted


@pytest.mark.parametrize("frame", [0, 30, 100, -5])
def test_a_split_must_make_two_parts(three: Schedule, frame: int) -> None:
    with pytest.raises(ValueError, match="frame"):
        split(three, frame)


def test_joining_takes_the_lower_qp(three: Schedule) -> None:
    edited = join(three, 1)
    assert [(s.start, s.stop, s.value) for s in edited.segments] == [(0, 30, 26), (30, 100, 29)]
    with pytest.raises(IndexError):
        join(three, 2)
    with pytest.raises(IndexError):
        join(three, -1)


def test_joining_what_was_split_gives_the_same_again(three: Schedule) -> None:
    assert join(split(three, 60), 1).values().tolist() == three.values().tolist()


@given(st.lists(st.tuples(st.sampled_from("sjv"), st.integers(0, 99), st.integers(8, 47)), max_size=12))
def test_edits_never_break_the_tiling(edits: list[tuple[str, int, int]]) -> None:
    edited = schedule([30, 50, 20], [26, 32, 29])
    for kind, place, value in edits:
        segment = edited.at(place)
        index = edited.segments.index(segment)
        if kind == "s" and segment.start != place:
            edited = split(edited, place)
        elif kind == "j" and index + 1 < len(edited.segments):
            edited = join(edited, index)
        elif kind == "v":
            edited = set_value(edited, index, value)
    assert len(edited.values()) == 100
    assert edited.at(99).stop == 100
