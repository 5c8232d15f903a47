import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from reels import y4m
from scipy.stats import norm
from typer.testing import CliRunner

from jndcore.commands.savings import savings
from jndcore.errors import JNDError
from jndcore.schedule.saving import Reel, choices, draw, saved, spend, wanted

SD = 4.68
ENCODES = "id,sha256,width,height,frames,fps,qp,psnr,bytes"


def reel(predicted: list[float], label: list[float]) -> Reel:
    names = tuple("abcdefgh"[: len(label)])
    return Reel(names, np.array(predicted), np.array(label), np.full(len(label), SD))


def size(clip: str, qp: int) -> int:
    """Half the bytes for each 6 QP more."""
    return round((ord(clip) - 90) * 1e6 * 2 ** (-qp / 6))


def test_the_choices_of_a_reel_by_hand() -> None:
    two = reel([24.6, 30.2], [25.0, 28.0])
    found = {choice.name: choice.qp.tolist() for choice in choices(two, 75.0)}
    # the second shot is 2 QP above its label; a constant QP may be 2 above the lower label too
    assert found["equal"] == pytest.approx([27.0, 27.0])
    del found["equal"]
    assert found == {
        "schedule": [24, 30],
        "guard": [24, 24],
        "perfect": [25, 28],
        "perfect guard": [25, 25],
    }


def test_bits_and_viewers_of_a_choice() -> None:
    two = reel([24.6, 30.2], [25.0, 28.0])
    schedule = choices(two, 75.0)[0]
    spent = spend(schedule, two, 75.0, size)
    assert spent.bytes == size("a", 24) + size("b", 30)
    assert spent.worst == pytest.approx(100 * norm.cdf(norm.ppf(0.75) - 2 / SD))
    assert spent.short == 1
    assert wanted(schedule, two) == {"a": {24}, "b": {30}}


def test_bytes_between_whole_qps_are_interpolated_in_their_logarithm() -> None:
    one = reel([24.0, 24.0], [24.5, 30.0])
    equal = next(choice for choice in choices(one, 75.0) if choice.name == "equal")
    assert equal.qp == pytest.approx([24.0, 24.0])  # nothing is above its label by less than half a QP
    half = spend(type(equal)("half", np.full(2, 24.5)), one, 75.0, size)
    assert half.bytes == pytest.approx((7 + 8) * 1e6 * 2 ** (-24.5 / 6), rel=1e-6)
    assert wanted(type(equal)("half", np.full(2, 24.5)), one) == {"a": {24, 25}, "b": {24, 25}}


levels = st.lists(st.floats(12, 42), min_size=2, max_size=8)


@given(levels, st.floats(50, 95), st.randoms(use_true_random=False))
def test_what_must_hold_for_every_reel(label: list[float], share: float, random: object) -> None:
    predicted = [value + random.uniform(-4, 4) for value in label]  # type: ignore[attr-defined]
    made = reel(predicted, label)
    spent = {choice.name: spend(choice, made, share, size) for choice in choices(made, share)}
    assert spent["schedule"].bytes <= spent["guard"].bytes
    assert spent["perfect"].bytes <= spent["perfect guard"].bytes
    assert spent["guard"].worst >= spent["schedule"].worst - 1e-9
    assert spent["perfect"].short == 0 or min(label) < 20  # QP 8 is the lowest
    if 8 < spent["equal"].qp[0] < 47:
        assert spent["equal"].worst == pytest.approx(spent["schedule"].worst, abs=1e-6)
    assert saved(spent["schedule"], spent["guard"]) >= 0


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


def test_the_command_encodes_and_counts(command: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    columns = "id,group,fold,label1,label2,label3,qp1,qp2,qp3"
    rows = ["a,a,0,30,35,38,30.4,35,38", "b,b,0,40,43,45,41.2,43,45", "c,c,1,20,25,28,20,25,28"]
    (tmp_path / "net.oof.csv").write_text("\n".join([columns, *rows]) + "\n")
    for clip, shape in {"a": (1280, 720), "b": (1280, 720), "c": (96, 64)}.items():
        lossless(tmp_path / f"{clip}.mkv", shape)
    arguments = [tmp_path / "net.oof.csv", "--rendered", tmp_path, "-o", tmp_path, "--reels", 1, "--shots", 2]
    code, text = command(*arguments)
    assert code == 0
    rows = text.splitlines()
    assert rows[2].startswith("| schedule, as predicted | ")
    assert "| 1 of 2 |" in rows[2]  # 41 is above b's 40
    document = json.loads((tmp_path / "savings.json").read_text())
    (only,) = document["reels"]
    assert sorted(only["clips"]) == ["a", "b"]  # c is smaller
    encodes = dict(
        ((row.split(",")[0], int(row.split(",")[6])), int(row.split(",")[8]))
        for row in (tmp_path / "encodes.csv").read_text().splitlines()[1:]
    )
    schedule = next(choice for choice in only["choices"] if choice["name"] == "schedule")
    assert schedule["bytes"] == encodes["a", 30] + encodes["b", 41]
    assert command(*arguments) == (0, text)  # from the table
    code, text = command(*arguments[:-1], 3)
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
