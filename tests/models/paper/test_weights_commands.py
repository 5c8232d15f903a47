"""``jnd weights``."""

from pathlib import Path

import pytest
from keras_files import write_keras
from typer.testing import CliRunner, Result

from jndcore.commands.weights import app
from jndcore.errors import JNDError


@pytest.fixture(autouse=True)
def _own_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_what_is_imported_is_listed_and_shown(tmp_path: Path) -> None:
    file = write_keras(tmp_path / "weights.h5", "autoencoder")
    result = run("import", file, "--as", "autoencoder", "--level", 2)
    assert (result.exit_code, result.stdout) == (0, "autoencoder.keras-jnd2\n")
    listed = run("list").stdout
    assert "autoencoder.keras-jnd2  none    2,887,363" in listed
    shown = run("show", "autoencoder.keras-jnd2").stdout
    for fact in ("never evaluated here", "weights.h5", "levels [2]", "Apache-2.0", "10.5281/zenodo.11080876"):
        assert fact in shown


def test_autoencoders_that_only_rebuild_are_counted_apart(tmp_path: Path) -> None:
    """LAT has 9.78 million parameters in the paper, an autoencoder 2.89 million."""
    files = [write_keras(tmp_path / "weights.h5", "LAT"), write_keras(tmp_path / "JND2.h5", "autoencoder")]
    result = run("import", *files, "--as", "LAT", "--level", 2)
    assert (result.exit_code, result.stdout) == (0, "LAT.keras-jnd2\nautoencoder.keras-jnd2\n")
    (row,) = (line for line in run("list").stdout.splitlines() if line.startswith("LAT.keras-jnd2"))
    assert row.split()[2].startswith("9,78")
    shown = run("show", "LAT.keras-jnd2").stdout
    assert "2,887,363 of autoencoders that only rebuild frames" in shown


def test_the_help_says_what_becomes_one_model() -> None:
    said = " ".join(run("import", "--help").stdout.replace("│", " ").split())
    assert "Files of one system that are given together become one model" in said
    assert "a level that is imported later becomes a model of its own" in said


def test_a_figure_stands_beside_the_constant_guess() -> None:
    head, *rows = run("list").stdout.splitlines()
    assert head.split()[:4] == ["name", "levels", "parameters", "GFLOP"]
    (row,) = (row for row in rows if row.startswith("scopenet.clips737"))
    assert row[head.index("MAE JND1") :].startswith("1.57 (1.37 to 1.78)")
    assert row[head.index("constant") :].startswith("2.41 (2.12 to 2.72)")
    assert "constant guess 2.41 (2.12 to 2.72)" in run("show", "scopenet.clips737").stdout


def test_bad_usage_writes_nothing(tmp_path: Path) -> None:
    file = write_keras(tmp_path / "weights.h5", "REC")
    for arguments, says in (
        ((file,), "import it alone and say which, for example --as REC --level 2"),
        ((file, "--as", "LAT"), "holds weights of REC, not of LAT"),
        ((tmp_path / "gone.h5",), "cannot be read"),
    ):
        result = run("import", *arguments)
        assert isinstance(result.exception, JNDError)
        assert says in str(result.exception)
        assert result.stdout == ""
    assert run("import", file, "--level", 4).exit_code == 2
    assert run("import").exit_code == 2
    assert not (tmp_path / "data").exists()
    assert isinstance(run("show", "LAT.keras").exception, JNDError)
