"""One of the paper's systems with fresh weights, stored as an import stores it, through all of analysis."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from jndcore.cli import main
from jndcore.media import open_video
from jndcore.models import DEFAULT_MODEL, create_model, load_card
from jndcore.models.library import user_weights_folder
from jndcore.models.weights import save_weights
from jndcore.predict.predictor import Predictor

NAME = "E2E-LAT.test2"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's data with E2E-LAT of level 2 alone."""
    data = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(data))
        folder = user_weights_folder()
    folder.mkdir(parents=True)
    sha256 = save_weights(create_model("E2E-LAT", levels=(2,)), folder / f"{NAME}.safetensors")
    fields = {
        "network": "E2E-LAT",
        "tag": "test2",
        "build": {"levels": (2,)},
        "levels": (2,),
        "weights": f"{NAME}.safetensors",
        "sha256": sha256,
        "labels": "nobody's",
        "evaluation": None,
    }
    card = load_card(DEFAULT_MODEL).model_copy(update=fields)
    (folder / f"{NAME}.json").write_text(card.model_dump_json())
    return data


@pytest.fixture
def stored(data: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    return NAME


def test_analyze_writes_what_it_tells_and_leaves_the_rest_empty(
    stored: str, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    arguments = ["analyze", clip, "-o", out, "--model", stored, "--device", "cpu", "--every", 25]
    monkeypatch.setattr(sys, "argv", ["jnd", *map(str, arguments)])
    with pytest.raises(SystemExit) as done:
        main()
    assert done.value.code == 0
    with open(out, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["frame"] for row in rows] == ["0", "25", "50"]
    model = create_model(stored)
    with open_video(clip) as reader, torch.inference_mode():
        for row in rows:
            picture = torch.from_numpy(model.prepare(reader.read(int(row["frame"])))).float()[None]
            assert float(row["jnd2"]) == pytest.approx(model.nets[0].qp(picture).item(), rel=1e-4)
            assert {row[name] for name in row if name[-1] in "123" and name != "jnd2"} == {""}
    assert '"label": "nobody\'s"' in (tmp_path / "out.csv-metadata.json").read_text()


def test_it_shows_a_frame_at_the_frames_size(stored: str, clip: Path) -> None:
    predictor = Predictor(stored, device="cpu")
    assert (predictor.levels, predictor.model.shown, predictor.detail) == ((2,), (2,), (640, 352))
    with open_video(clip) as reader:
        picture = reader.read(3).picture()
    rebuilt, qp = predictor.rebuild(picture, 2)
    assert rebuilt.rgb().shape == picture.rgb().shape
    prepared = predictor.model.prepare(picture)
    assert qp == pytest.approx(predictor.predict(prepared[None]).qp[0, 1])
    with torch.inference_mode():
        shown = predictor.model.show(torch.from_numpy(prepared)[None], 2)[0].numpy()
    for channel in range(3):
        mean = rebuilt.rgb()[..., channel].mean()
        np.testing.assert_allclose(mean, shown[2 - channel].mean(), atol=1.5)
