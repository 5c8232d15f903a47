from pathlib import Path

import pytest
import typer
from test_saving import lossless
from typer.testing import CliRunner

from jndcore.commands import bench_schedule as bench
from jndcore.errors import JNDError
from jndcore.schedule.costs import Costs, cost_lines
from jndcore.schedule.curves import QPS, TABLES


def test_ratios_are_of_the_costs() -> None:
    lines = list(cost_lines(Costs(1.0, 0.5, 1.5, 30.0, 3, 28.4, 0.031, 0.25)))
    assert "40.00" in lines[1]
    assert "ended at QP 28.4 for VMAF 95" in lines[2]
    assert "40.0 x cheaper than 4 probes, 30.0 x than the search as it went; goal: 20 x" in lines[3]
    assert "16.0 x cheaper than 4 probes, 12.0 x than the search as it went; goal: 3 x" in lines[5]
    assert "0.03 QP apart on the average, 0.25 at most" in lines[-1]


def test_distances_to_labels_come_with_what_was_probed(tmp_path: Path) -> None:
    clips = ("a", "b", "c")
    rows = [
        f"{clip},{clip},{i % 2},{28 + i},33,36,{27 + 2 * i},33,36,29,33,36" for i, clip in enumerate(clips)
    ]
    columns = "id,group,fold,label1,label2,label3,qp1,qp2,qp3,constant1,constant2,constant3"
    (tmp_path / "net.oof.csv").write_text("\n".join([columns, *rows]) + "\n")
    names = [
        "id",
        "teacher_sur75",
        "vmaf95",
        *(f"{name}{qp}" for name in ("psnr", "vmaf", "bytes") for qp in QPS),
    ]
    values = [28, 30, *range(50, 40, -1), *range(100, 90, -1), *range(2000, 1000, -100)]
    table = [",".join(map(str, [clip, *values])) for clip in clips]
    (tmp_path / TABLES[0]).write_text("\n".join([",".join(names), *table]) + "\n")
    for clip in clips:
        lossless(tmp_path / f"{clip}.mkv", (96, 64))
    probes = tmp_path / "probes.csv"
    lines = list(bench.worth_lines(tmp_path / "net.oof.csv", tmp_path, tmp_path, probes, 1))
    alone = next(line for line in lines if line.startswith("prediction alone"))
    assert alone.split()[2] == "0.67"  # 1, 0 and 1 QP off
    constant = next(line for line in lines if line.startswith("constant guess"))
    assert constant.split()[2:4] == ["0.67", "+0.00"]
    assert any(line.startswith("+ probe: XPSNR and bits") for line in lines)
    made = probes.read_text().splitlines()
    assert [line.split(",")[:2] for line in made[1:]] == [["a", "27"], ["b", "29"], ["c", "31"]]


def test_tables_and_predictions_are_named_together() -> None:
    app = typer.Typer()
    app.command()(bench.bench_schedule)
    result = CliRunner().invoke(app, ["--predictions", "net.oof.csv"])
    assert isinstance(result.exception, JNDError)
    with pytest.raises(JNDError, match="belong together"):
        raise result.exception
