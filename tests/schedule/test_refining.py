from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from reels import analysis, y4m
from typer.testing import CliRunner

from jndcore.commands.schedule import schedule
from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.models import DEFAULT_MODEL, load_card
from jndcore.results import Analysis, write_analysis
from jndcore.schedule import plan, read_schedule
from jndcore.schedule.correction import held_out_errors
from jndcore.schedule.probe import PROBE_FRAMES, log_rate, probe
from jndcore.schedule.refinement import (
    Fitted,
    HeldOut,
    LevelCorrection,
    Refinement,
    fit_refinement,
    shipped_refinement,
)
from jndcore.schedule.refining import refine, say_moves
from jndcore.schedule.shipped import write_fitted

JUDGED = HeldOut(constant=2.4, alone=1.8, refined=1.7, gain=-0.1, low=-0.2, high=0.0)


def by_bits(*weights: float) -> Refinement:
    """Each level moves by its weight for each doubling of the rate beyond 2**22 bits a second."""
    made = [
        LevelCorrection(mean=(0, 0, 22), sd=(1, 1, 1), weights=(0, 0, weight), base=0, held_out=JUDGED)
        for weight in weights
    ]
    return Refinement(
        model="scopenet.test", model_sha256="cd" * 32, made_by="", data="", clips=2, levels=tuple(made)
    )


@pytest.fixture
def analysed(tmp_path: Path) -> tuple[Path, Analysis]:
    """A video of shots of 30, 40 and 10 frames, and an analysis of it."""
    video = y4m(tmp_path / "reel.y4m", [30, 40, 10])
    with open_video(video) as reader:
        found = replace(reader.info.identity, extrapolated=())
    return video, replace(analysis([30, 40, 10], [24.4, 31.4, 20.4]), video=found)


def test_each_shot_moves_by_what_its_probe_shows(analysed: tuple[Path, Analysis]) -> None:
    video, before = analysed
    after, moves = refine(before, video, refinement=by_bits(0.5, 0.25, 0.125))
    assert [(move.start, move.stop) for move in moves] == [(0, 30), (30, 70)]  # ten frames are too few
    with open_video(video) as reader:
        frames = [frame.planes() for frame in reader.frames(3, 27)]  # the middle of the first shot
        fps = reader.info.fps
    assert fps
    size = probe(frames, 24, fps).bytes
    rate = np.log2(size * 8 * 25 / 24 * 1280 * 720 / (96 * 64))
    assert log_rate(size, PROBE_FRAMES, 25, 96, 64) == pytest.approx(rate)
    beyond = float(np.clip(rate - 22, -2.5, 2.5))
    assert moves[0].qp == pytest.approx((beyond / 2, beyond / 4, beyond / 8))
    for i, move in enumerate(moves):
        assert after.shots[i].prediction.qp[0] - before.shots[i].prediction.qp[0] == pytest.approx(move.qp)
    moved = after.prediction.qp - before.prediction.qp
    assert moved[:30] == pytest.approx(np.tile(moves[0].qp, (30, 1)))
    assert (moved[70:] == 0).all()
    assert after.shots[2] is before.shots[2]


def test_levels_stay_in_order_however_they_move(analysed: tuple[Path, Analysis]) -> None:
    video, before = analysed
    after, _ = refine(before, video, refinement=by_bits(40.0, 0.0, -40.0))
    assert not after.prediction.crossed.any()


def test_the_plan_says_how_far_it_moved(analysed: tuple[Path, Analysis]) -> None:
    video, before = analysed
    after, moves = refine(before, video, refinement=by_bits(0.5, 0.5, 0.5))
    planned = plan(after, level=2, share=75.0)
    (note,) = say_moves(planned, moves, len(after.shots)).warnings
    assert f"0-29 {moves[0].qp[1]:+.1f}, 30-69 {moves[1].qp[1]:+.1f}; 1 shots too short" in note


def test_what_was_not_fitted_for_is_refused(analysed: tuple[Path, Analysis], tmp_path: Path) -> None:
    video, before = analysed
    with pytest.raises(
        JNDError, match=r"fitted for scopenet\.clips737 .* not for this analysis by scopenet\.test"
    ):
        refine(before, video, refinement=shipped_refinement())
    wide = replace(before, video=replace(before.video, extrapolated=("HDR (PQ)",)))
    with pytest.raises(JNDError, match=r"no correction is fitted for such video \(HDR \(PQ\)\)"):
        refine(wide, video, refinement=by_bits(1, 1, 1))
    other = y4m(tmp_path / "other.y4m", [50])
    with pytest.raises(JNDError, match=r"other\.y4m: not the video that was analysed"):
        refine(before, other, refinement=by_bits(1, 1, 1))


def test_the_shipped_correction_is_for_the_shipped_model_and_says_how_good_it_is() -> None:
    shipped = shipped_refinement()
    assert shipped.model == DEFAULT_MODEL  # new weights: jnd bench-schedule --fit
    assert shipped.model_sha256 == load_card(shipped.model).sha256
    for level in shipped.levels:
        judged = level.held_out
        assert judged.gain == pytest.approx(judged.refined - judged.alone)
        assert judged.low < judged.gain < judged.high < 0  # else --refine has no business here
        assert judged.alone < judged.constant
    away = shipped.move(np.array([0.0, 60.0]), np.array([0.0, 100.0]), np.array([0.0, 60.0]))
    assert (np.abs(away) < 8).all()  # pictures like no clip's


def test_a_correction_is_fitted_judged_and_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    predicted = rng.uniform(20, 30, (120, 1)) + np.array([0.0, 4.5, 7.0])
    xpsnr, rate = rng.normal(40, 2, 120), rng.normal(22, 1, 120)
    label = predicted + 0.5 * (rate - 22)[:, None] + rng.normal(0, 0.1, (120, 3))
    group = [f"g{i // 2}" for i in range(120)]
    known = Fitted(predicted, label, np.full((120, 3), 27.0), group)
    made = fit_refinement(known, xpsnr, rate, ("net.tag", "ab"), "clips made up")
    features = np.stack([predicted[:, 0], xpsnr, rate], axis=1)
    errors = held_out_errors(features, label[:, 0] - predicted[:, 0], group)
    assert made.levels[0].held_out.refined == pytest.approx(errors.mean())
    assert made.levels[0].held_out.alone == pytest.approx(np.abs(label - predicted)[:, 0].mean())
    moved = made.move(np.array([25.0]), np.array([40.0]), np.array([23.0]))
    assert moved == pytest.approx(np.full((1, 3), 0.5), abs=0.1)
    write_fitted(made, tmp_path / "refine.json")
    assert Refinement.model_validate_json((tmp_path / "refine.json").read_bytes()) == made


@pytest.fixture
def jnd() -> Callable[..., tuple[int, str]]:
    app = typer.Typer()
    app.command()(schedule)

    def run(*arguments: object) -> tuple[int, str]:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
        if isinstance(result.exception, JNDError):
            return 2, str(result.exception)
        return result.exit_code, result.stderr

    return run


def test_the_command_refines(
    jnd: Callable[..., tuple[int, str]], analysed: tuple[Path, Analysis], tmp_path: Path
) -> None:
    video, before = analysed
    shipped = shipped_refinement()
    mine = replace(before, model=shipped.model, model_sha256=shipped.model_sha256)
    write_analysis(mine, tmp_path / "a.parquet")
    arguments = [tmp_path / "a.parquet", "-o", tmp_path / "s.json", "--refine"]
    code, told = jnd(*arguments)
    assert code == 2
    assert "name it with --video" in told
    code, told = jnd(*arguments, "--video", video)
    assert code == 0
    assert "warning: refined by a probe of each shot" in told
    _, moves = refine(mine, video)
    found = read_schedule(tmp_path / "s.json")
    assert found.segments[0].predicted.jnd == pytest.approx(24.4 + moves[0].qp[0])
    code, told = jnd(tmp_path / "s.json", "-o", tmp_path / "t.json", "--refine", "--video", video)
    assert code == 2
    assert "planned already" in told
