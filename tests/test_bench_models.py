"""``jnd bench --models`` on networks of a few numbers: rows and ratios, no speeds."""

import re

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from jndcore.commands import bench_models
from jndcore.commands.bench_models import REFERENCE, model_lines
from jndcore.commands.bench_models import bench_models as bench
from jndcore.errors import JNDError
from jndcore.models.base import JNDModel, Pixels
from jndcore.training.evaluation import cost


class Small(JNDModel):
    """A dense layer on eight by eight pixels of a picture."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(64, wide), nn.Linear(wide, 3))

    def prepare(self, picture: Pixels) -> np.ndarray:
        return np.ascontiguousarray(picture.luma()[None, :8, :8])

    def predict(self, x: Tensor) -> tuple[Tensor, Tensor]:
        qp = self.layers(x.flatten(1).float())
        return qp, torch.ones_like(qp)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> dict[str, JNDModel]:
    monkeypatch.setattr(cost, "TURN", 0)
    return {"mine.small": Small(2), REFERENCE: Small(100)}


def test_each_model_has_a_row_with_its_ratio_to_the_reference(small: dict[str, JNDModel]) -> None:
    title, blank, machine, head, *rows = model_lines(small, "cpu")
    assert "float32" in title
    assert blank == ""
    assert machine.startswith("CPU")
    assert head.split()[-4:] == ["x", REFERENCE, "its", "input"]
    assert [row.split()[0] for row in rows] == list(small)
    cells = {row.split()[0]: row.split()[1:] for row in rows}
    assert cells["mine.small"][0] == str(64 * 2 + 2 + 2 * 3 + 3)
    assert cells[REFERENCE][0] == "6,803"
    assert all(cell[2] == "4" and cell[5:] == ["8x8,", "luma"] for cell in cells.values())
    assert cells[REFERENCE][4] == "1.00"
    mine, reference = (float(cells[name][3]) for name in small)
    assert float(cells["mine.small"][4]) == pytest.approx(mine / reference, abs=0.01)


def test_the_command_prints_them_for_the_models_asked_for(
    small: dict[str, JNDModel], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(bench_models, "compared_models", lambda model: asked.append(model) or small)
    bench("mine.small", "cpu")
    assert asked == ["mine.small"]
    assert re.findall(r"^(\S+) +[\d,]+ ", capsys.readouterr().out, re.M) == list(small)


def test_a_device_that_is_not_there_is_refused_first(small: dict[str, JNDModel]) -> None:
    with pytest.raises(JNDError, match="tpu: no such device"):
        next(model_lines(small, "tpu"))
