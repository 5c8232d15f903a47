"""The exported file, run by two runtimes that know nothing of torch, against torch."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
import tqdm
from typer.testing import CliRunner

from jndcore.commands.weights import app
from jndcore.errors import JNDError
from jndcore.models import DEFAULT_MODEL, check_pictures, create_model, load_card, qp_path
from jndcore.models.latent import statistics, tenth_of
from jndcore.models.library import adopt_model
from jndcore.models.onnx import TOLERANCE, export_onnx
from jndcore.models.weights import save_weights

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # else importing it calls home
import openvino  # noqa: E402

SHAPES = ((1, 64, 64), (3, 241, 322), (2, 130, 67))
"""Other batches and sizes than those that the export itself looks at."""


@pytest.fixture(autouse=True)
def _no_monitor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exporter makes a progress bar that it hides; the thread that watches it would stay."""
    monkeypatch.setattr(tqdm.tqdm, "monitor_interval", 0)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Keep an untrained network as if the user had trained it; gives its name."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def keep(network: str, tells: tuple[int, ...] = (1, 2, 3), **build: Any) -> str:
        weights = tmp_path / f"{network}.mine.safetensors"
        save_weights(create_model(network, seed=3, **build), weights)
        changed = {
            "network": network,
            "tag": "mine",
            "build": build,
            "levels": tells,
            "weights": weights.name,
            "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        }
        card = load_card(DEFAULT_MODEL).model_copy(update=changed)
        weights.with_suffix(".json").write_text(card.model_dump_json())
        return adopt_model(weights.with_suffix(".json")).name

    return keep


def pictures(channels: int, shape: tuple[int, int, int]) -> np.ndarray:
    """Soft noise, so that no QP lies at its bound."""
    batch, height, width = shape
    noise = np.random.default_rng(1).normal(120, 20, (batch, channels, height, width))
    return np.clip(noise, 0, 255).astype(np.uint8)


def in_onnxruntime(file: Path) -> Callable[[np.ndarray], list[np.ndarray]]:
    session = onnxruntime.InferenceSession(file.read_bytes(), providers=["CPUExecutionProvider"])
    return lambda x: session.run(["qp", "err"], {"picture": x})


def in_openvino(file: Path) -> Callable[[np.ndarray], list[np.ndarray]]:
    compiled = openvino.Core().compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def run(x: np.ndarray) -> list[np.ndarray]:
        told = compiled({"picture": x})
        return [told["qp"], told["err"]]

    return run


@pytest.mark.parametrize("build", [None, {"motion": True}], ids=["default", "motion"])
def test_both_runtimes_say_what_torch_says_at_any_size(
    kept: Callable[..., str], tmp_path: Path, build: dict[str, Any] | None
) -> None:
    name = DEFAULT_MODEL if build is None else kept("scopenet", **build)
    file, model = tmp_path / "a.onnx", create_model(name)
    assert export_onnx(name, file) <= TOLERANCE
    for run in (in_onnxruntime(file), in_openvino(file)):
        for shape in SHAPES:
            x = pictures(model.encoder.to8[0].conv.in_channels, shape)
            with torch.inference_mode():
                wanted = model.predict(torch.from_numpy(x))
            assert 8 < float(wanted[0].min()) <= float(wanted[0].max()) < 47
            for told, answer in zip(run(x), wanted, strict=True):
                np.testing.assert_allclose(told, answer.numpy(), atol=TOLERANCE)


def test_a_system_of_the_paper_keeps_its_size_and_its_silence(
    kept: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_pictures, "SIZES", check_pictures.SIZES[:1])  # all become 352x640
    name, file = kept("LAT", (2,), levels=(2,)), tmp_path / "a.onnx"
    assert export_onnx(name, file) <= TOLERANCE
    x = pictures(3, (1, 352, 640))
    with torch.inference_mode():
        wanted = create_model(name).predict(torch.from_numpy(x))[0].numpy()
    for run in (in_onnxruntime(file), in_openvino(file)):
        qp, err = run(x)
        np.testing.assert_allclose(qp, wanted, atol=TOLERANCE)  # NaN for levels 1 and 3
        assert np.isnan(err).all()
        assert err.shape == (1, 3)


def test_the_file_says_what_it_is_and_nothing_of_this_machine(tmp_path: Path) -> None:
    file, card = tmp_path / "a.onnx", load_card(DEFAULT_MODEL)
    result = CliRunner().invoke(app, ["export", DEFAULT_MODEL, "-o", str(file)])
    assert (result.exit_code, result.stdout) == (0, f"{file}\n")
    proto = onnx.load(file)
    onnx.checker.check_model(proto, full_check=True)
    facts = {entry.key: entry.value for entry in proto.metadata_props}
    assert facts["model"] == card.name
    assert (facts["sha256"], facts["labels"], facts["input"]) == (card.sha256, card.labels, card.input)
    assert facts["licence"] == card.licence
    assert "black bars cropped" in proto.doc_string
    assert b".py" not in file.read_bytes()
    assert [path.name for path in tmp_path.glob("*a*")] == ["a.onnx"]


def test_a_file_that_differs_from_torch_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qp_path, "statistics", lambda latent: 1.1 * statistics(latent))
    file = tmp_path / "a.onnx"
    file.write_bytes(b"earlier")
    with pytest.raises(JNDError, match=r"a\.onnx: not written, for it would differ from torch by [\d.]+ QP"):
        export_onnx(DEFAULT_MODEL, file)
    assert file.read_bytes() == b"earlier"


def test_what_cannot_be_exported_is_refused(
    kept: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = kept("autoencoder", (), levels=(1,))
    before = set(tmp_path.iterdir())
    for name, says in (
        ("scopenet", "scopenet: no weights"),
        (silent, "it tells no JND level"),
        ("nobody.none", "no such model"),
    ):
        with pytest.raises(JNDError, match=says):
            export_onnx(name, tmp_path / "a.onnx")
    with pytest.raises(JNDError, match=r"a\.pt: unknown kind of model file"):
        CliRunner().invoke(app, ["export", DEFAULT_MODEL, "-o", "a.pt"], catch_exceptions=False)
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(JNDError, match=r"onnxscript: .* pip install 'jndscope\[export\]'"):
        export_onnx(DEFAULT_MODEL, tmp_path / "a.onnx")
    assert set(tmp_path.iterdir()) == before


def test_the_low_tenth_is_counted_as_python_rounds() -> None:
    counts = range(1, 4000)
    assert [tenth_of(n) for n in counts] == [max(1, round(0.1 * n)) for n in counts]
