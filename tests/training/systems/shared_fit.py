"""Run under torchrun by test_processes.py: fits a line in every process, and says what each of them has."""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from jndcore.training.systems import keeping
from jndcore.training.systems.config import Stage, TrainConfig
from jndcore.training.systems.fitting import Fit, run_fit
from jndcore.training.systems.processes import launch
from jndcore.training.systems.samples import Samples


class Line(Samples):
    """Points of y = 3 x + 2."""

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        x = float(self.rows[number]) / len(self.rows)
        return torch.tensor([x]), torch.tensor([3 * x + 2])


def squared(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    return (model(batch[0]) - batch[1]).square().mean()


def main(folder: Path, stop_after: float) -> None:
    keeping.CHECKPOINT_SECONDS = 0.0
    fabric = launch(TrainConfig(network="LAT"), "cpu", folder / "log", "line")
    torch.manual_seed(0)
    rows = np.arange(17)
    fit = Fit(
        name="line",
        model=nn.Linear(1, 1),
        training=Line(rows, 0),
        validation=Line(rows, 0),
        loss=squared,
        stage=Stage(epochs=8, batch=4, rate=0.1),
        seed=0,
        path=folder / "line.safetensors",
    )

    def stop(share: float) -> None:
        if share >= stop_after:
            time.sleep(1)  # the other process may still be on its way out of a barrier
            sys.exit(0)

    run_fit(fit, fabric, stop)
    told = f"{fit.model.weight.item()} {fit.model.bias.item()}"
    (folder / f"rank{fabric.global_rank}.txt").write_text(told)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
