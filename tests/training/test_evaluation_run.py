import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from evaluation_runs import FOLD, GROUPS, IDS, LABEL, tell, write_run

from jndcore.commands.evaluate import evaluate as command
from jndcore.errors import JNDError
from jndcore.models import create_model
from jndcore.training.evaluation import Report, evaluate, markdown, read_report
from jndcore.training.evaluation.records import Row, Scores

NAMES = ["evaluation.json", "evaluation.md"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, make_clip: Callable[..., None]) -> Path:
    """Clips, and three runs: a perfect one, the constant guess itself, and one that is off by 1 QP."""
    folder = tmp_path_factory.mktemp("evaluation")
    (folder / "rendered").mkdir()
    rows = ["id,group,still,jnd1,jnd2,jnd3"]
    for i, clip in enumerate(IDS):
        make_clip(folder / "rendered" / f"{clip}.mkv", i, 6.0 + 6 * i, frames=12, size=(64, 64))
        rows.append(f"{clip},{GROUPS[i]},s,{','.join(map(str, LABEL[i]))}")
    (folder / "clips.csv").write_text("\n".join(rows) + "\n")
    runs = folder / "runs"
    runs.mkdir()
    write_run(runs / "perfect.oof.csv", LABEL, err=np.ones((6, 3)))
    constant = [np.median(LABEL[np.array(FOLD) != f], 0) for f in FOLD]
    write_run(runs / "same.oof.csv", np.array(constant))
    psnr = {"source_psnr": np.full((6, 3), 40.0), "rebuilt_psnr": np.full((6, 3), 41.5)}
    write_run(runs / "scopenet.off.oof.csv", LABEL + 1, **psnr)
    (runs / "scopenet.off.run.json").write_text(
        json.dumps({"title": "off by | one", "settings": {"epochs": 25, "seed": 0}, "seconds": 90.4})
    )
    (runs / "later.toml").write_text('network = "scopenet"\n')
    return folder


@pytest.fixture(scope="module")
def out(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "made"
    evaluate([folder / "runs"], out, data=folder, rendered=folder / "rendered", speed=True)
    return out


@pytest.fixture
def report(out: Path) -> Report:
    return read_report(out / "evaluation.json")


def row(report: Report, name: str) -> Row:
    return next(one for one in report.rows if one.name == name)


def scores(report: Report, name: str) -> Scores:
    found = row(report, name).scores
    assert found is not None
    return found


def test_rows_baselines_first_and_the_untrained_last(report: Report, folder: Path) -> None:
    names = ["constant guess", "one trial encode", "perfect", "same", "scopenet.off", "later"]
    assert [one.name for one in report.rows] == names
    assert (report.clips, report.groups, report.folds) == (6, 4, 3)
    later = row(report, "later")
    assert (later.kind, later.scores, later.real_motion) == ("untrained", None, None)
    runs = (folder / "runs").as_posix()
    assert later.command == f"jnd train {runs}/later.toml --data CLIPS --rendered DIR -o {runs}"


def test_a_perfect_predictor_is_off_by_nothing(report: Report) -> None:
    perfect = scores(report, "perfect")
    for level in perfect.levels:
        assert (level.mae.value, level.bias.value, level.ratio.high) == (0, 0, 0)
        assert (level.psnr_error.value, level.coverage80) == (0, 1)
        assert level.crps is not None
        assert level.crps.value == pytest.approx(0.2337, abs=1e-4)  # (sqrt 2 - 1) / sqrt pi
    assert perfect.sur is not None
    assert perfect.sur.error.high == 0


def test_the_constant_guess_equals_itself(report: Report) -> None:
    assert scores(report, "same") == scores(report, "constant guess")
    for level in scores(report, "same").levels:
        assert level.mae == level.constant_mae
        assert level.psnr_error == level.constant_psnr_error
        assert (level.ratio.low, level.ratio.high, level.difference.value) == (1, 1, 0)
        assert level.psnr_error.value > 0


def test_off_by_one(report: Report) -> None:
    off = scores(report, "scopenet.off")
    for level in off.levels:
        assert (level.mae.low, level.mae.value, level.bias.high) == pytest.approx((1, 1, 1))
        assert level.gain is not None
        assert level.gain.value == pytest.approx(1.5)
        assert level.coverage80 is None
        assert 0 < level.psnr_error.value < level.constant_psnr_error.value


def test_real_motion_is_told_apart(report: Report) -> None:
    apart = row(report, "constant guess").real_motion
    assert apart is not None
    assert (apart.clips, apart.groups) == (2, 1)
    assert apart.levels[0].mae.value == pytest.approx(np.abs(LABEL[4:, 0] - np.median(LABEL[:4, 0])).mean())


def test_costs_and_speeds_are_those_of_the_network(report: Report) -> None:
    off, later, perfect = (row(report, name) for name in ("scopenet.off", "later", "perfect"))
    assert off.cost is not None
    assert off.cost == later.cost
    assert off.cost.input == "1280x720, luma"
    assert off.speed is not None
    assert (off.speed.batch, off.speed.frames_a_second > 0) == (4, True)
    assert perfect.cost is None
    assert any("knows no network perfect" in note for note in report.notes)


def test_the_table_shows_what_the_file_holds(report: Report, out: Path, folder: Path) -> None:
    text = (out / "evaluation.md").read_text()
    assert text == markdown(report)
    lines = {line.split(" | ")[0].strip("| "): line for line in text.split("## JND2")[0].splitlines()}
    assert "| 1.00 (1.00 to 1.00) |" in lines["scopenet.off"]
    waiting = f"not trained here: `jnd train {(folder / 'runs').as_posix()}/later.toml --data CLIPS"
    assert waiting in lines["later"]
    assert "| 100% (" in lines["perfect"]
    networks = text.split("## Networks")[1]
    assert r"off by \| one" in networks
    assert "| 25 epochs | 90 s |" in networks
    widths = {line.replace(r"\|", "").count("|") for line in lines.values() if line.startswith("|")}
    assert len(widths) == 1


def test_result_files_are_enough_to_make_the_table_again(folder: Path, out: Path, tmp_path: Path) -> None:
    for name in ("encodes.csv", "evaluation.json"):
        (tmp_path / name).write_bytes((out / name).read_bytes())
    evaluate([folder / "runs"], tmp_path)
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes()


def test_without_encodes_and_clips_the_rest_is_told(folder: Path, out: Path, tmp_path: Path) -> None:
    report = evaluate([folder / "runs"], tmp_path)
    whole = read_report(out / "evaluation.json")
    names = [one.name for one in report.rows]
    assert names == ["constant guess", "perfect", "same", "scopenet.off", "later"]
    for level, full in zip(scores(report, "same").levels, scores(whole, "same").levels, strict=True):
        assert level.psnr_error is level.constant_psnr_error is None
        assert level == full.model_copy(update={"psnr_error": None, "constant_psnr_error": None})
    assert scores(report, "same").sur == scores(whole, "same").sur
    assert any(
        note.startswith("PSNR error and one trial encode: left out; there is no encodes.csv")
        and "--data" in note
        for note in report.notes
    )
    assert "dB" not in (tmp_path / "evaluation.md").read_text().split("## JND2")[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == NAMES


def test_a_table_of_encodes_with_gaps_is_an_error(folder: Path, out: Path, tmp_path: Path) -> None:
    lines = (out / "encodes.csv").read_text().splitlines(keepends=True)
    (tmp_path / "encodes.csv").write_text("".join(lines[:-1]))
    with pytest.raises(JNDError, match=r"encodes\.csv: lacks 1 encodes of 1 clips \(v02 .*--data.*, or move"):
        evaluate([folder / "runs"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["encodes.csv"]


def test_rendered_goes_with_data(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(JNDError, match="--rendered goes with --data"):
        evaluate([folder / "runs"], tmp_path, rendered=folder)


def test_costs_are_those_of_all_levels(folder: Path, tmp_path: Path) -> None:
    """Trained with autoencoders that only rebuild, trained without a word, and not trained."""
    runs = [write_run(tmp_path / f"{name}.oof.csv", LABEL) for name in ("first", "LAT")]
    tell(runs[0], network="LAT", build={"levels": [1, 2, 3], "reconstruction": [1, 2, 3]})
    (tmp_path / "later.toml").write_text('network = "LAT"\n')
    report = evaluate([tmp_path], tmp_path)
    costs = [one.cost for one in report.rows if one.network]
    assert len(costs) == 3
    assert costs[0] is not None
    assert costs[0].parameters == 3 * sum(p.numel() for p in create_model("LAT", levels=(2,)).parameters())
    assert costs == [costs[0]] * 3


def test_a_damaged_earlier_evaluation_is_not_overwritten(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "evaluation.json").write_text("{}")
    with pytest.raises(JNDError, match=r"evaluation\.json: not an evaluation that this version reads; move"):
        evaluate([folder / "runs"], tmp_path)
    assert (tmp_path / "evaluation.json").read_text() == "{}"


def test_a_folder_that_cannot_be_made(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JNDError, match=r"file.*: the folder cannot be made"):
        evaluate([folder / "runs"], tmp_path / "file" / "out")


def test_the_command_prints_the_table(
    folder: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "encodes.csv").write_bytes((out / "encodes.csv").read_bytes())
    command([folder / "runs" / "perfect.oof.csv"], tmp_path)
    assert capsys.readouterr().out == (tmp_path / "evaluation.md").read_text()


def test_arguments_that_a_network_does_not_take(folder: Path, out: Path, tmp_path: Path) -> None:
    (tmp_path / "encodes.csv").write_bytes((out / "encodes.csv").read_bytes())
    write_run(tmp_path / "scopenet.oof.csv", LABEL)
    (tmp_path / "scopenet.run.json").write_text('{"build": {"depth": 3}}')
    with pytest.raises(JNDError, match=r"scopenet cannot be built with .*depth.*; correct"):
        evaluate([tmp_path], tmp_path)
