import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from reels import y4m
from scipy.stats import norm
from typer.testing import CliRunner

from jndcore.commands.savings import savings
from jndcore.errors import JNDError
from jndcore.schedule.crf_map import CrfMap
from jndcore.schedule.equal import ClipCurves, grid_keys
from jndcore.schedule.rates import CONSTANTS, METRICS, RIVAL, SHARES, bd_rates, rate_curves
from jndcore.schedule.reel import Reel, draw
from jndcore.schedule.saving import Choice, choices, saved, spend
from jndcore.schedule.trial_table import Key, Sized, TrialTable

SD = 4.68
Array = NDArray[np.float64]


def curves(clip: str) -> ClipCurves:
    """0.8 dB a QP, a CRF like the QP 2 above it, and the bytes of `size`."""
    known = {
        key: Sized(58 - 0.8 * (key.value + 2 * (key.mode == "crf")), size(clip, key.mode, key.value))
        for key in grid_keys([clip], 48)
    }
    return ClipCurves(known, clip, 48)


def reel(predicted: list[float], label: list[float]) -> Reel:
    names = tuple("abcdefgh"[: len(label)])
    told = np.array(predicted)
    return Reel(names, told, np.array(label), np.full(len(label), SD), told, tuple(map(curves, names)))


def size(clip: str, mode: str, value: float) -> int:
    """Half the bytes for each 6 QP more; a CRF costs what the QP 3 above it does."""
    return round((ord(clip) - 90) * 1e6 * 2 ** (-(value + 3 * (mode == "crf")) / 6))


def two_below(qp: Array, jnd1: Array, frames: Array) -> Array:
    """A map that is right."""
    assert frames.tolist() == [48] * len(qp)
    return qp - 2


def test_the_choices_of_a_reel_by_hand() -> None:
    two = reel([24.6, 30.2], [25.0, 28.0])
    found = {choice.name: choice.values.tolist() for choice in choices(two, 75.0, two_below)}
    # the second shot is 2 QP above its label; a constant QP may be 2 above the lower label too
    assert found["equal"] == pytest.approx([27.0, 27.0])
    del found["equal"]
    assert found == {
        "schedule": [24, 30],
        "guard": [24, 24],
        "perfect": [25, 28],
        "perfect guard": [25, 25],
        "crf schedule": [22, 28],
        "crf exact": [22, 28],
        "crf guard": [22, 22],
        "crf equal": [25, 25],
    }


def test_bits_and_viewers_of_a_choice() -> None:
    two = reel([24.6, 30.2], [25.0, 28.0])
    found = {choice.name: choice for choice in choices(two, 75.0, two_below)}
    spent = spend(found["schedule"], two, 75.0)
    assert spent.bytes == pytest.approx(size("a", "qp", 24) + size("b", "qp", 30), rel=1e-4)
    assert spent.worst == pytest.approx(100 * norm.cdf(norm.ppf(0.75) - 2 / SD))
    assert spent.short == 1
    by_crf = spend(found["crf exact"], two, 75.0)
    assert by_crf.bytes == pytest.approx(size("a", "crf", 22) + size("b", "crf", 28), rel=1e-4)
    assert (by_crf.worst, by_crf.short) == (pytest.approx(spent.worst), 1)  # the same quality


def test_a_constant_of_equal_worst_share_may_lie_between_whole_qps() -> None:
    one = reel([24.0, 24.0], [24.5, 30.0])
    equal = next(choice for choice in choices(one, 75.0, two_below) if choice.name == "equal")
    assert equal.values == pytest.approx([24.0, 24.0])  # nothing is above its label by less than half a QP
    between = Choice("half", "qp", np.full(2, 24.5))
    assert spend(between, one, 75.0).bytes == pytest.approx(15e6 * 2 ** (-24.5 / 6), rel=1e-4)


levels = st.lists(st.floats(12, 42), min_size=2, max_size=8)


@given(levels, st.floats(50, 95), st.randoms(use_true_random=False))
def test_what_must_hold_for_every_reel(label: list[float], share: float, random: object) -> None:
    predicted = [value + random.uniform(-4, 4) for value in label]  # type: ignore[attr-defined]
    made = reel(predicted, label)
    spent = {choice.name: spend(choice, made, share) for choice in choices(made, share, two_below)}
    assert spent["schedule"].bytes <= spent["guard"].bytes
    assert spent["perfect"].bytes <= spent["perfect guard"].bytes
    assert spent["guard"].worst >= spent["schedule"].worst - 1e-9
    assert spent["perfect"].short == 0 or min(label) < 20  # QP 8 is the lowest
    if 8 < spent["equal"].values[0] < 47:
        assert spent["equal"].worst == pytest.approx(spent["schedule"].worst, abs=1e-6)
    assert saved(spent["schedule"], spent["guard"]) >= 0
    assert (
        spent["crf schedule"].bytes == pytest.approx(spent["crf exact"].bytes)
        or min(spent["schedule"].values) < 9
    )


def test_curves_over_shares_and_their_bd_rates_by_hand() -> None:
    made = reel([20.0, 24.0, 30.0], [20.0, 24.0, 30.0])
    found = {curve.name: curve for curve in rate_curves(made, two_below)}
    assert found["schedule by QP"].worst.min() >= min(SHARES)
    qp = np.array(CONSTANTS)
    assert found["constant QP"].xpsnr == pytest.approx(58 - 0.8 * qp)
    assert found["constant QP"].worst == pytest.approx(100 * norm.sf(qp, 20 + norm.ppf(0.75) * SD, SD))
    # CRF costs as the QP 3 above, and looks like that 2 above: a sixth of a halving less, at any quality
    rates = bd_rates([list(found.values())], METRICS[0])
    assert rates["constant QP"] == pytest.approx([100 * (2 ** (1 / 6) - 1)], abs=0.1)
    assert RIVAL not in rates
    for metric in METRICS:
        mapped, matched = (
            bd_rates([list(found.values())], metric)[f"schedule by CRF, {how}"]
            for how in ("mapped", "matched")
        )
        assert mapped == pytest.approx(matched, abs=0.5)
    worst = bd_rates([list(found.values())], METRICS[1])
    assert worst["schedule by CRF, mapped"][0] < worst["schedule by QP"][0] < 0  # what schedules are for


def test_reels_share_no_clip_and_come_again_with_their_seed() -> None:
    names = [f"c{i}" for i in range(20)]
    made = draw(names, 4, 5, 1)
    assert sorted(index for one in made for index in one) == list(range(20))
    assert made == draw(names, 4, 5, 1) != draw(names, 4, 5, 2)
    with pytest.raises(ValueError, match="20 clips do not make 6 reels of 4 shots"):
        draw(names, 4, 6, 1)


@pytest.fixture
def command() -> Callable[..., tuple[int, str]]:
    app = typer.Typer()
    app.command()(savings)

    def run(*arguments: object) -> tuple[int, str]:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if isinstance(result.exception, JNDError):
            return 2, str(result.exception)
        return result.exit_code, result.stdout

    return run


def test_the_command_encodes_counts_and_draws(
    command: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    columns = "id,group,fold,label1,label2,label3,qp1,qp2,qp3"
    rows = ["a,a,0,30,35,38,30.4,35,38", "b,b,0,40,43,45,41.2,43,45", "c,c,1,20,25,28,20,25,28"]
    (tmp_path / "net.oof.csv").write_text("\n".join([columns, *rows]) + "\n")
    for clip, shape in {"a": (1280, 720), "b": (1280, 720), "c": (96, 64)}.items():
        lossless(tmp_path / f"{clip}.mkv", shape)
    arguments = [tmp_path / "net.oof.csv", "--rendered", tmp_path, "-o", tmp_path, "--reels", 1, "--shots", 2]
    arguments += ["--frames", 30]
    code, text = command(*arguments, "--qp", 31, "--crf", 28.5, "--fit", tmp_path / "crf.json")
    assert code == 0
    rows = text.splitlines()
    assert rows[2].startswith("| schedule by QP, as predicted | ")
    assert "| 1 of 2 |" in rows[2]  # 41 is above b's 40
    assert any(row.startswith("| constant CRF 28.5, given | ") for row in rows)
    document = json.loads((tmp_path / "savings.json").read_text())
    (only,) = document["reels"]
    assert sorted(only["clips"]) == ["a", "b"]  # c is smaller
    known = TrialTable(tmp_path / "trials.csv").known
    spent = {choice["name"]: choice for choice in only["choices"]}
    given = [known[Key(clip, 30, "qp", 31.0)].bytes for clip in "ab"]
    assert spent["constant QP 31, given"]["bytes"] == pytest.approx(sum(given))
    assert spent["schedule"]["values"] == [{"a": 30, "b": 41}[clip] for clip in only["clips"]]
    assert CrfMap.model_validate_json((tmp_path / "crf.json").read_bytes()).shots == 5
    picture = ElementTree.parse(tmp_path / "savings.svg").getroot()
    words = " ".join(picture.itertext())
    assert "constant CRF" in words
    assert "mean XPSNR, dB" in words
    before = (tmp_path / "trials.csv").read_bytes()
    assert command(*arguments)[0] == 0
    assert (tmp_path / "trials.csv").read_bytes() == before  # all is read from the table
    code, text = command(*arguments[:-3], 3)
    assert code == 2
    assert "2 clips do not make 1 reels of 3 shots" in text


def lossless(path: Path, size: tuple[int, int]) -> None:
    with av.open(str(y4m(path.with_suffix(".y4m"), [3], size))) as source, av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=25)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for frame in source.decode(video=0):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
