"""One fit: Adam over epochs, the weights of the least validation loss kept."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.utils.data import DataLoader, DistributedSampler, RandomSampler, Sampler, SequentialSampler

from jndcore.errors import JNDError
from jndcore.training.systems.config import Stage
from jndcore.training.systems.keeping import Kept
from jndcore.training.systems.samples import Samples

KERAS_EPSILON = 1e-7
"""Of Adam in Keras; torch's is a tenth of it."""

Loss = Callable[[nn.Module, Any], Tensor]
"""From a network and a batch to the mean loss over the batch."""


@dataclass(frozen=True)
class Fit:
    """What is fitted, and how.

    Attributes
    ----------
    name : str
        In the log.
    model : Module
        All its parameters are learned. Changed in place.
    training, validation : Samples
    loss : callable
    stage : Stage
    seed : int
        Decides the order of the samples.
    path : Path
        Where the fitted weights are kept; see `Kept`.
    """

    name: str
    model: nn.Module
    training: Samples
    validation: Samples
    loss: Loss
    stage: Stage
    seed: int
    path: Path


@dataclass
class _State:
    """What a resumed fit needs beside weights and optimiser."""

    epoch: int = 0
    best_value: float = float("inf")


def run_fit(fit: Fit, fabric: Fabric, progress: Callable[[float], None]) -> None:
    """Fit, and leave `fit.model` with the weights of the epoch of least validation loss.

    A fit that was done before is read; one that was stopped goes on after its last checkpoint.

    Raises
    ------
    JNDError
        Where the loss is no number in every epoch, or what was kept is damaged.
    """
    kept = Kept(fit.path, fabric)
    if kept.load_done(fit.model):
        fit.model.to(fabric.device)
        return
    model, optimiser = fabric.setup(fit.model, _adam(fit.model, fit.stage))
    order = _Order(fit.training, fabric, fit.seed, shuffle=True)
    judging = _Order(fit.validation, fabric, fit.seed, shuffle=False)
    training = _loader(fit.training, fit.stage, order, fabric)
    validation = _loader(fit.validation, fit.stage, judging, fabric)
    state, best = _State(), copy.deepcopy(fit.model.state_dict())
    learning = {"model": model, "optimiser": optimiser}
    if rest := kept.restore(learning):
        best = rest.pop("best")
        state = _State(**rest)
    while state.epoch < fit.stage.epochs:
        fit.training.epoch = state.epoch
        order.start(state.epoch)
        loss = _learn(fit, fabric, model, optimiser, training)
        value = _judge(fit, fabric, model, validation)
        if value < state.best_value:
            state.best_value = value
            best = copy.deepcopy(fit.model.state_dict())
        fabric.log_dict({f"{fit.name}/loss": loss, f"{fit.name}/validation": value}, step=state.epoch)
        state.epoch += 1
        kept.save_now_and_then({**learning, "best": best, **asdict(state)})
        progress(state.epoch / fit.stage.epochs)
    if state.best_value == float("inf"):
        raise JNDError(
            f"{fit.name}: the loss is no number in any epoch; lower the rate in the configuration."
        )
    fit.model.load_state_dict(best)
    kept.finish(best)


def _adam(model: nn.Module, stage: Stage) -> torch.optim.Optimizer:
    biases = [p for name, p in model.named_parameters() if name.endswith("bias")]
    weights = [p for name, p in model.named_parameters() if not name.endswith("bias")]
    groups: list[dict[str, Any]] = [
        {"params": weights},
        {"params": biases, "lr": stage.rate * stage.bias_rate},
    ]
    return torch.optim.Adam(groups, lr=stage.rate, eps=KERAS_EPSILON)


class _Shares(DistributedSampler[int]):
    """Each process's share of the samples; a few come twice to make the shares equal."""

    def set_epoch(self, epoch: int) -> None:
        """Nothing: Fabric would count epochs from each start of the run; see `_Order.start`."""


class _Order:
    """The order of an epoch's samples: the same whether the epochs before it ran just now or not."""

    def __init__(self, samples: Samples, fabric: Fabric, seed: int, *, shuffle: bool) -> None:
        self._generator, self._seed = torch.Generator(), seed
        self.sampler: Sampler[int]
        if fabric.world_size > 1:
            ranks = fabric.world_size, fabric.global_rank
            self.sampler = _Shares(samples, *ranks, shuffle=shuffle, seed=seed)
        elif shuffle:
            self.sampler = RandomSampler(samples, generator=self._generator)
        else:
            self.sampler = SequentialSampler(samples)

    def start(self, epoch: int) -> None:
        """Make ready for an epoch."""
        self._generator.manual_seed(self._seed * 100_003 + epoch)
        if isinstance(self.sampler, _Shares):
            self.sampler.epoch = epoch


def _loader(samples: Samples, stage: Stage, order: _Order, fabric: Fabric) -> Any:
    loader = DataLoader(samples, stage.batch, sampler=order.sampler)
    return fabric.setup_dataloaders(loader, use_distributed_sampler=False)


def _learn(fit: Fit, fabric: Fabric, model: nn.Module, optimiser: Any, loader: Any) -> float:
    model.train()
    losses = []
    for batch in loader:
        loss = fit.loss(model, batch)
        fabric.backward(loss)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


@torch.no_grad()
def _judge(fit: Fit, fabric: Fabric, model: nn.Module, loader: Any) -> float:
    """Mean loss over the samples, whatever batches they came in."""
    model.eval()
    total = torch.zeros(2, dtype=torch.float64)
    for batch in loader:
        size = len(batch[-1])
        total += torch.tensor([float(fit.loss(model, batch)) * size, size], dtype=torch.float64)
    loss, count = fabric.all_reduce(total.to(fabric.device, torch.float32), reduce_op="sum")
    return float(loss / count)
