"""The loop itself, on a network small enough to check against numpy."""

from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from jndcore.errors import JNDError
from jndcore.training.systems import keeping
from jndcore.training.systems.config import Stage
from jndcore.training.systems.fitting import Fit, run_fit
from jndcore.training.systems.samples import Samples


class Line(Samples):
    """Points of y = 3 x + 2 with a little noise that depends on the epoch."""

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        x = float(self.rows[number]) / len(self.rows)
        noise = self.draw(number).normal(0, 0.01)
        return torch.tensor([x]), torch.tensor([3 * x + 2 + noise], dtype=torch.float32)


def squared(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    return (model(batch[0]) - batch[1]).square().mean()


def fit(path: Path, epochs: int = 12, rate: float = 0.1) -> Fit:
    torch.manual_seed(0)
    rows = np.arange(16)
    return Fit(
        name="line",
        model=nn.Linear(1, 1),
        training=Line(rows, 0),
        validation=Line(rows, 1),
        loss=squared,
        stage=Stage(epochs=epochs, batch=4, rate=rate),
        seed=0,
        path=path,
    )


def fabric() -> Fabric:
    return Fabric(accelerator="cpu", devices=1)


def test_it_learns_the_line_and_keeps_the_best_epoch(tmp_path: Path) -> None:
    job = fit(tmp_path / "a.safetensors", epochs=60)
    values: list[float] = []
    logged = fabric()
    logged.log_dict = lambda metrics, step: values.append(metrics["line/validation"])  # type: ignore[method-assign]
    run_fit(job, logged, lambda share: None)
    slope, offset = job.model.weight.item(), job.model.bias.item()
    assert (slope, offset) == pytest.approx((3, 2), abs=0.3)
    x = np.arange(16) / 16
    y = np.array([Line(np.arange(16), 1)[i][1].item() for i in range(16)])
    assert min(values) == pytest.approx(np.square(slope * x + offset - y).mean(), rel=1e-4)


def test_the_first_step_is_adams(tmp_path: Path) -> None:
    """Adam's first step has the length of the rate, whatever the gradient (Kingma & Ba 2015)."""
    job = fit(tmp_path / "a.safetensors", epochs=1, rate=0.01)
    job.training.rows = np.arange(4)
    before = job.model.weight.item()
    run_fit(job, fabric(), lambda share: None)
    assert abs(job.model.weight.item() - before) == pytest.approx(0.01, rel=1e-4)


def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "CHECKPOINT_SECONDS", 0.0)
    whole = fit(tmp_path / "whole.safetensors")
    run_fit(whole, fabric(), lambda share: None)

    def kill(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    killed = fit(tmp_path / "killed.safetensors")
    with pytest.raises(KeyboardInterrupt):
        run_fit(killed, fabric(), kill)
    again = fit(tmp_path / "killed.safetensors")
    done: list[float] = []
    run_fit(again, fabric(), done.append)
    assert done[0] > 0.5
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(again.model.state_dict()[name], tensor)


def test_a_damaged_checkpoint_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.ckpt").write_bytes(b"not a checkpoint")
    with pytest.raises(JNDError, match=r"a\.ckpt.*delete it"):
        run_fit(fit(tmp_path / "a.safetensors"), fabric(), lambda share: None)


def test_a_fit_that_is_done_is_read_not_made_again(tmp_path: Path) -> None:
    first, again = (fit(tmp_path / "a.safetensors") for _ in range(2))
    run_fit(first, fabric(), lambda share: None)
    assert not (tmp_path / "a.ckpt").exists()
    steps: list[float] = []
    run_fit(again, fabric(), steps.append)
    assert not steps
    assert torch.equal(first.model.weight, again.model.weight)


def test_a_loss_that_is_no_number_is_told(tmp_path: Path) -> None:
    with pytest.raises(JNDError, match="the loss is no number in any epoch; lower the rate"):
        run_fit(fit(tmp_path / "a.safetensors", rate=1e30), fabric(), lambda share: None)
    assert not (tmp_path / "a.safetensors").exists()


def test_the_validation_weighs_samples_not_batches(tmp_path: Path) -> None:
    """Five samples in batches of 4 and 1: their mean squared error, by numpy."""
    job = fit(tmp_path / "a.safetensors", epochs=1, rate=1e-9)
    job.validation.rows = np.array([0, 1, 2, 3, 15])
    values: list[float] = []
    logged = fabric()
    logged.log_dict = lambda metrics, step: values.append(metrics["line/validation"])  # type: ignore[method-assign]
    run_fit(job, logged, lambda share: None)
    pairs = [job.validation[i] for i in range(5)]
    errors = [(job.model.weight.item() * x.item() + job.model.bias.item() - y.item()) ** 2 for x, y in pairs]
    assert values[0] == pytest.approx(np.mean(errors), rel=1e-4)
