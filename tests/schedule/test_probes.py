"""Probe encodes, what they are worth, and the search that they are compared with."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reels import y4m

from jndcore.errors import JNDError
from jndcore.media import Piece, encode_video, measure, measure_x264, open_video
from jndcore.schedule.correction import difference, held_out_errors
from jndcore.schedule.curves import QPS, TABLES, Curves, read_curves
from jndcore.schedule.probe import Probe, probe
from jndcore.schedule.probe_table import complete, read_probes
from jndcore.schedule.search import search
from jndcore.schedule.worth import worth


def test_a_probe_is_what_an_encode_to_a_file_shows(tmp_path: Path) -> None:
    reel = y4m(tmp_path / "reel.y4m", [12])
    with open_video(reel) as reader:
        frames = [frame.planes() for frame in reader.frames()]
    found = probe(frames, 30, Fraction(25))
    assert found.bytes == measure_x264(frames, 30, fps=25).bytes
    for _ in encode_video(reel, tmp_path / "made.mkv", [Piece(0, 12, qp=30)]):
        pass
    told = measure(reel, tmp_path / "made.mkv")
    assert found.psnr == pytest.approx(told.psnr.mean(), abs=0.05)
    assert found.xpsnr == pytest.approx(told.xpsnr.mean(), abs=0.05)


def test_a_table_of_probes_makes_what_it_lacks(tmp_path: Path) -> None:
    made = []

    def make(key: tuple[str, int]) -> Probe:
        made.append(key)
        return Probe(40.0, 41.5, key[1])

    table = tmp_path / "probes.csv"
    assert [one.bytes for one in complete(table, [("b", 30), ("a", 20)], make)] == [30, 20]
    assert [one.bytes for one in complete(table, [("a", 20), ("a", 21)], make)] == [20, 21]
    assert made == [("b", 30), ("a", 20), ("a", 21)]
    assert read_probes(table)["a", 21] == Probe(40.0, 41.5, 21)
    table.write_text("id,qp\na,x\n")
    with pytest.raises(JNDError, match=r"probes\.csv: not a table of probes"):
        read_probes(table)


@given(st.floats(9, 46), st.floats(0.8, 4.0))
def test_a_search_finds_where_a_line_crosses(crossing: float, fall: float) -> None:
    found, made = search(lambda qp: 95 - fall * (qp - crossing))
    assert found == pytest.approx(crossing, abs=1e-6)
    assert made <= 4


@given(st.lists(st.floats(60, 100), min_size=48, max_size=48))
def test_a_search_stays_on_the_scale_whatever_it_is_told(scores: list[float]) -> None:
    tried: list[int] = []

    def score(qp: int) -> float:
        tried.append(qp)
        return scores[qp]

    found, made = search(score)
    assert 8 <= found <= 47
    assert made == len(tried) == len(set(tried)) <= 4


def test_a_correction_is_judged_on_groups_that_it_has_not_seen() -> None:
    rng = np.random.default_rng(3)
    feature = rng.normal(size=200)
    group = [f"g{i // 2}" for i in range(200)]
    useful = held_out_errors(feature[:, None], 3 * feature + 0.1 * rng.normal(size=200), group)
    assert useful.mean() < 0.2
    # what is the same within a group and nowhere else cannot be learnt
    own = np.repeat(rng.normal(size=100), 2)
    marks = np.repeat(np.eye(100), 2, axis=0)
    blind = held_out_errors(marks, own, group)
    assert blind.mean() > 0.9 * np.abs(own - own.mean()).mean()


def test_a_difference_has_an_interval_over_groups() -> None:
    errors = np.array([1.0, 1.0, 3.0, 3.0])
    one = difference(errors, np.ones(4), ["a", "a", "b", "b"])
    assert (one.value, one.low, one.high) == (1.0, 0.0, 2.0)
    none = difference(errors, errors, ["a", "b", "c", "d"])
    assert (none.value, none.low, none.high) == (0.0, 0.0, 0.0)


@pytest.fixture
def tables(tmp_path: Path) -> Callable[..., Path]:
    """Write a table of clips a and b whose VMAF falls by 1.5 and PSNR by 0.5 each QP."""

    def write(**columns: object) -> Path:
        values = {"teacher_sur75": 27, "vmaf95": 30.0} | columns
        for name, at_18, step in (("psnr", 46, -0.5), ("vmaf", 113, -1.5), ("bytes", 3e6, -1e5)):
            values |= {f"{name}{qp}": at_18 + step * (qp - 18) for qp in QPS}
        lines = ["id," + ",".join(values)]
        lines += [f"{clip}," + ",".join(str(value) for value in values.values()) for clip in "ab"]
        (tmp_path / TABLES[0]).write_text("\n".join(lines) + "\n")
        return tmp_path

    return write


def test_curves_are_read_and_interpolated(tables: Callable[..., Path]) -> None:
    told = read_curves(tables(), ["b", "a"])
    assert told.at(told.psnr, np.array([20.5, 60.0])).tolist() == [44.75, 32.5]
    assert told.log_rate[0, 0] == pytest.approx(np.log2(3e6 * 8 * 30 / 24))
    small = read_curves(tables(width=640, height=360, fps=25), ["a"])
    assert small.log_rate[0, 0] == pytest.approx(np.log2(3e6 * 8 * 25 / 24 * 4))
    with pytest.raises(JNDError, match=r"holds no curves of all clips .*'c'"):
        read_curves(tables(), ["c"])


def test_a_probe_helps_only_where_it_tells_of_the_label() -> None:
    rng = np.random.default_rng(5)
    count = 300
    predicted = rng.uniform(22, 34, count)
    hidden, opinion = rng.normal(size=(2, count))
    falls = np.tile(-0.4 * (QPS - 18.0), (count, 1))
    curves = Curves(
        psnr=46 + falls + rng.normal(size=(count, 1)),
        vmaf=100 + falls + hidden[:, None],
        log_rate=22 + falls / 3 + rng.normal(size=(count, 1)),
        teacher_sur75=predicted + opinion,
        vmaf95=predicted + 2 * hidden,
        scale=np.ones(count),
    )
    label = predicted + opinion + 2 * hidden
    group = [str(i) for i in range(count)]
    rows = {row.name: row for row in worth(predicted, label, np.full(count, 28.0), group, curves)}
    assert rows["prediction alone"].mae == pytest.approx(np.abs(label - predicted).mean())
    assert rows["+ probe: VMAF"].gain.high < 0
    teacher = rows["+ probe: VMAF"].teacher_gain
    assert teacher is not None
    assert teacher.high > 0  # VMAF tells nothing of the other part
    assert rows["+ probe: PSNR and bits"].gain.high > 0
    assert "+ probe: XPSNR" not in rows
