"""Whole runs on made-up data: learning, resuming, assembling, logging."""

import csv
import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from tensorboardX.proto.event_pb2 import Event

from jndcore.errors import JNDError
from jndcore.models import create_model, library
from jndcore.training.datasets import Dataset
from jndcore.training.systems import assemble, keeping
from jndcore.training.systems.config import TrainConfig
from jndcore.training.systems.train import train_system

Config = Callable[..., TrainConfig]


@pytest.fixture(scope="module")
def lat(config: Config, layout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of LAT at level 1."""
    from jndcore.training.datasets import open_dataset

    out = tmp_path_factory.mktemp("lat")
    stage = {"epochs": 8, "rate": 3e-4, "batch": 3, "centre": True, "flip": True}
    settings = config("LAT", levels=(1,), head=stage)
    train_system(settings, open_dataset("folders", layout), out, "first", device="cpu")
    return out


def log(folder: Path) -> dict[str, list[float]]:
    """Scalars of a TensorBoard log by tag, read as TFRecords."""
    found: dict[str, list[float]] = {}
    for file in sorted(folder.rglob("events.*")):
        data, at = file.read_bytes(), 0
        while at < len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            event = Event.FromString(data[at + 12 : at + 12 + length])
            at += 12 + length + 4
            for value in event.summary.value:
                found.setdefault(value.tag, []).append(value.simple_value)
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_training_reduces_the_loss_and_logs_it(lat: Path) -> None:
    scalars = log(lat / "log")
    loss = scalars["first-head1/loss"]
    assert len(loss) == 8
    assert min(loss[-3:]) < 0.6 * loss[0]
    assert len(scalars["first-autoencoder0/validation"]) == 2


def test_weights_answer_as_the_run_said(
    lat: Path, layout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken over and read by name, on the test pictures."""
    library.adopt_model(lat / "LAT.first.json", tmp_path)
    monkeypatch.setattr(library, "user_weights_folder", lambda: tmp_path)
    model = create_model("LAT.first")
    assert model.card is not None
    assert model.card.levels == (1,)
    for row in rows(lat / "first.test.csv"):
        picture = cv2.imread(str(layout / "test" / f"{row['id'].split('/')[-1]}.png"))
        x = torch.from_numpy(picture.transpose(2, 0, 1).copy())[None]
        with torch.inference_mode():
            out = model(x.float())
        assert out.qp.item() == pytest.approx(float(row["qp1"]), abs=0.01)
        assert (row["qp2"], row["qp3"]) == ("", "")
        assert out.frames.shape == (1, 1, 3, 352, 640)


def test_the_run_says_what_it_was(lat: Path) -> None:
    run = json.loads((lat / "first.run.json").read_text())
    assert run["network"] == "LAT"
    assert run["settings"]["head"]["epochs"] == 8
    assert run["items"] == 12
    assert run["build"] == {"levels": [1], "reconstruction": [1]}
    assert not list((lat / "work").glob("*features*"))
    assert not list((lat / "work").glob("*.ckpt"))


def test_weights_that_are_not_the_cards_are_not_taken_over(lat: Path, tmp_path: Path) -> None:
    card = (lat / "LAT.first.json").read_bytes()
    (tmp_path / "LAT.first.json").write_bytes(card)
    (tmp_path / "LAT.first.safetensors").write_bytes(b"something else")
    with pytest.raises(JNDError, match=r"is not the file that LAT\.first\.json describes"):
        library.adopt_model(tmp_path / "LAT.first.json", tmp_path / "own")
    (tmp_path / "LAT.first.safetensors").unlink()
    with pytest.raises(JNDError, match="No such file"):
        library.adopt_model(tmp_path / "LAT.first.json", tmp_path / "own")
    assert not list(tmp_path.glob("own/*"))


def test_folds_judge_every_item_by_others(config: Config, dataset: Dataset, tmp_path: Path) -> None:
    settings = config("MJ-LAT", data={"kind": "folders", "folds": 2, "held": 0.34})
    dataset = replace(dataset, items=tuple(item for item in dataset.items if item.split != "test"))
    train_system(settings, dataset, tmp_path, "joint", device="cpu")
    table = rows(tmp_path / "joint.oof.csv")
    assert [row["id"] for row in table] == [item.name for item in dataset.items]
    assert {row["fold"] for row in table} == {"0", "1"}
    label = np.array([[float(row[f"label{k}"]) for k in (1, 2, 3)] for row in table])
    fold = np.array([int(row["fold"]) for row in table])
    for row in table:
        inside = label[fold != int(row["fold"])]
        assert float(row["constant1"]) == pytest.approx(np.median(inside[:, 0]), abs=1e-3)
        assert all(np.isfinite(float(row[f"qp{k}"])) for k in (1, 2, 3))
    before = (tmp_path / "joint.oof.csv").read_bytes()
    train_system(settings, dataset, tmp_path, "joint", device="cpu")  # finds both folds done
    assert (tmp_path / "joint.oof.csv").read_bytes() == before


def test_killed_and_started_again_gives_the_same_weights(
    config: Config, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "CHECKPOINT_SECONDS", 0.0)
    settings = config("LAT", levels=(2,))
    train_system(settings, dataset, tmp_path / "whole", "a", device="cpu")

    def kill(stage: str, share: float) -> None:
        if stage.startswith("head") and share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_system(settings, dataset, tmp_path / "killed", "a", device="cpu", progress=kill)
    assert not list((tmp_path / "killed").glob("*.safetensors"))
    stages: list[str] = []
    train_system(
        settings, dataset, tmp_path / "killed", "a", device="cpu", progress=lambda s, _: stages.append(s)
    )
    assert not any("autoencoder" in stage for stage in stages)
    assert [stage for stage in stages if stage.startswith("head")]
    whole, killed = ((tmp_path / which / "LAT.a.safetensors").read_bytes() for which in ("whole", "killed"))
    assert whole == killed


def test_end_to_end_starts_from_the_image_autoencoder(
    config: Config, dataset: Dataset, tmp_path: Path
) -> None:
    settings = config("E2E-LAT", levels=(1,), head={"epochs": 1, "rate": 1e-9, "batch": 3})
    taken = assemble.Backbones.take
    images = []

    def watch(self: assemble.Backbones, level: int) -> object:
        images.append((level, taken(self, level)))
        return images[-1][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assemble.Backbones, "take", watch)
        train_system(settings, dataset, tmp_path, "e2e", device="cpu")
    assert [level for level, _ in images] == [0]
    import safetensors.torch

    trained = safetensors.torch.load_file(tmp_path / "E2E-LAT.e2e.safetensors")
    image = images[0][1].state_dict()
    for name in ("encoder.0.weight", "decoder.4.weight"):
        assert torch.allclose(trained[f"nets.0.backbone.{name}"], image[name], atol=1e-5)
    assert not torch.allclose(
        trained["nets.0.backbone.decoder.6.weight"], image["decoder.6.weight"], atol=1e-2
    )


def test_labels_that_are_not_there_are_told(config: Config, dataset: Dataset, tmp_path: Path) -> None:
    nothing = (float("nan"),) * 3
    bare = replace(dataset, items=tuple(replace(item, jnd=nothing) for item in dataset.items))
    with pytest.raises(JNDError, match="no item has labels of all of levels"):
        train_system(config("LAT"), bare, tmp_path, "x", device="cpu")


def test_a_place_that_cannot_be_written_is_told(config: Config, dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JNDError, match="cannot be made"):
        train_system(config("LAT"), dataset, tmp_path / "file" / "out", "x", device="cpu")
