from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.views.decimate import columns


@given(st.integers(1, 400), st.integers(1, 60), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_columns_hold_the_range_of_what_is_known(frames, most, seed, missing):
    rng = np.random.default_rng(seed)
    value = np.where(rng.random(frames) < missing, np.nan, rng.normal(30, 5, frames))
    doubt = rng.random(frames)
    got = columns(np.arange(frames) / 25, value, doubt, 0, frames, most)
    each = -(-frames // most)
    assert len(got.x) == -(-frames // each) <= most
    for column in range(len(got.x)):
        part = slice(column * each, min((column + 1) * each, frames))
        known = ~np.isnan(value[part])
        if not known.any():
            assert np.isnan(got.low[column])
            assert np.isnan(got.band_high[column])
            continue
        assert got.low[column] == np.nanmin(value[part])
        assert got.high[column] == np.nanmax(value[part])
        middle, spread = value[part][known].mean(), doubt[part][known].mean()
        np.testing.assert_allclose(
            [got.band_low[column], got.band_high[column]], [middle - spread, middle + spread]
        )


def test_columns_stay_put_while_the_view_moves():
    times, value = np.arange(1000) / 25, np.random.default_rng(1).normal(30, 3, 1000)
    one = columns(times, value, value * 0, 100, 600, 50)
    other = columns(times, value, value * 0, 103, 603, 50)
    shared = np.isin(one.x, other.x)
    assert shared.sum() >= len(one.x) - 1
    np.testing.assert_array_equal(one.low[shared], other.low[np.isin(other.x, one.x)])


def test_gaps_stay_gaps_and_single_frames_are_seen():
    value = np.array([20, 21, np.nan, 22, np.nan, np.nan, 23, 24, 25])
    got = columns(np.arange(9.0), value, np.ones(9), 0, 9, 100)
    assert [(run.start, run.stop) for run in got.runs()] == [(0, 2), (6, 9)]
    np.testing.assert_array_equal(got.lonely(), [[3], [22]])
    assert np.isnan(got.line()[1]).sum() == 3


def test_without_a_doubt_there_is_a_line_and_no_band():
    value = np.random.default_rng(3).normal(30, 2, 400)
    for most in (400, 50):
        got = columns(np.arange(400.0), value, np.full(400, np.nan), 0, 400, most)
        assert np.isfinite(got.low).all()
        assert got.runs() == []
        x, y = got.middle()
        assert len(x) == len(y) == most
        assert ((got.low <= y) & (y <= got.high)).all()


def test_key_frames_alone_show_in_a_long_file():
    value = np.full(100_000, np.nan)
    value[::250] = 30
    got = columns(np.arange(100_000) / 25, value, np.ones(100_000), 0, 100_000, 1500)
    assert np.isfinite(got.low).sum() == 400


def test_no_frames_give_no_columns():
    got = columns(*(np.zeros(0),) * 3, 0, 0, 100)
    assert len(got.x) == 0
    assert got.runs() == []
