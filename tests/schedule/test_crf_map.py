from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from reels import schedule

from jndcore.errors import JNDError
from jndcore.schedule.crf_map import CrfMap, by_map, fit_crf_map, shipped_crf_map
from jndcore.schedule.equal import GRID, ClipCurves, grid_keys
from jndcore.schedule.shipped import write_fitted
from jndcore.schedule.trial_table import Key, Sized

JND1 = np.array([18.0, 20.0, 22.0, 25.0, 27.0, 30.0, 19.0, 24.0, 21.0, 28.0])


def clip_curves(move: float, frames: int = 24, slope: float = 0.9) -> ClipCurves:
    """A shot that loses `slope` dB a QP, and whose CRF lies `move` from the QP."""
    known = {}
    for key in grid_keys(["a"], frames):
        qp = key.value if key.mode == "qp" else key.value - move
        known[key] = Sized(60 - slope * qp, round(2e6 * 2 ** (-qp / 6)))
    return ClipCurves(known, "a", frames)


@pytest.mark.parametrize("at", [10.0, 16.0, 23.4, 36.0, 44.0])
def test_the_crf_of_a_qp_and_back(at: float) -> None:
    clip = clip_curves(-2.5)
    assert clip.crf_of(at) == pytest.approx(at - 2.5, abs=1e-6)
    assert clip.qp_of(clip.crf_of(at)) == pytest.approx(at, abs=1e-6)
    assert clip.xpsnr("qp", at) == pytest.approx(60 - 0.9 * at)
    assert clip.bytes("qp", at) == pytest.approx(2e6 * 2 ** (-at / 6), rel=1e-4)
    assert clip.bytes("crf", at - 2.5) == pytest.approx(clip.bytes("qp", at), rel=1e-4)


def test_a_trial_that_looks_better_at_a_higher_crf_does_no_harm() -> None:
    known = {key: Sized(60 - key.value, 1000) for key in grid_keys(["a"], 24)}
    known[Key("a", 24, "crf", 27.0)] = Sized(39.0, 1000)  # above its neighbour's 38
    clip = ClipCurves(known, "a", 24)
    assert 12 <= clip.crf_of(22.0) <= 37


def test_the_map_finds_a_rule_that_holds_and_tells_its_error() -> None:
    rule = -1.0 - 0.3 * (JND1 - 23)
    names = [str(i) for i in range(len(JND1))]
    curves = [clip_curves(move + longer, 24 * 2**longer) for longer in (0, 2) for move in rule]
    fitted = fit_crf_map(curves, np.tile(JND1, 2), names * 2, "made")
    assert fitted.error < 0.25  # ridge pulls it a little to the mean
    assert fitted.constant > 4 * fitted.error
    assert fitted.error <= fitted.error90
    at = [np.array([26.0, 26.0, 26.0]), np.array([22.0, 22.0, np.nan]), np.array([24.0, 96.0, 48.0])]
    assert fitted.crf(*at) == pytest.approx([26 - 0.7, 26 + 1.3, 26 + 0.1], abs=0.3)
    short, long = fitted.crf(np.full(2, 26.0), np.full(2, 22.0), np.array([3.0, 1e5]))
    assert short == pytest.approx(25.3, abs=0.3)
    assert long < 26 + 4.5  # as 500 frames


def test_a_map_is_stored(tmp_path: Path) -> None:
    fitted = fit_crf_map([clip_curves(-1.0)] * 10, JND1, [str(i) for i in range(10)], "made")
    write_fitted(fitted, tmp_path / "crf.json")
    assert CrfMap.model_validate_json((tmp_path / "crf.json").read_bytes()) == fitted


def test_the_shipped_map_is_near_the_qp_and_falls_nowhere() -> None:
    fitted = shipped_crf_map()
    assert fitted.shots > 200
    assert fitted.error < fitted.constant
    for qp, jnd in product(range(12, 40), (16.0, 22.0, 28.0)):
        here, there = fitted.crf(np.array([qp, qp + 1.0]), np.array([jnd, jnd]), np.array([90.0, 90.0]))
        assert 1 <= here < there <= 51
        assert abs(here - qp) < 10


def test_a_schedule_by_crf_keeps_what_was_predicted_and_tells_the_error() -> None:
    planned = schedule([30, 20, 50], [24, 30, 21], preset="medium")
    found = by_map(planned)
    assert found.mode == "crf"
    assert [(s.start, s.stop, s.predicted) for s in found.segments] == [
        (s.start, s.stop, s.predicted) for s in planned.segments
    ]
    values = [segment.value for segment in found.segments]
    assert values == [round(value, 1) for value in values]
    assert values[1] > values[0] > values[2]
    assert f"{shipped_crf_map().error:.1f}" in found.warnings[-1]
    for other in (replace(planned, preset="slow"), replace(planned, encoder="libx265")):
        with pytest.raises(JNDError, match=r"libx264 with preset medium alone.*trial encodes"):
            by_map(other)


def test_the_grid_reaches_what_is_planned() -> None:
    assert GRID["qp"][0] <= 12
    assert GRID["qp"][-1] >= 36
