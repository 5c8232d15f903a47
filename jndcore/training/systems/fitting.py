"""One fit: Adam over epochs, the best validation kept, every minute on disk, so a kill costs a minute."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.utils.data import DataLoader

from jndcore.errors import JNDError
from jndcore.results.atomic import replacing
from jndcore.training.systems.config import Stage
from jndcore.training.systems.samples import Samples

CHECKPOINT_SECONDS = 60.0

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
    checkpoint : Path
        Where to keep what is needed to go on after a kill; removed when the fit is done.
    """

    name: str
    model: nn.Module
    training: Samples
    validation: Samples
    loss: Loss
    stage: Stage
    seed: int
    checkpoint: Path


@dataclass
class _State:
    """What a resumed fit needs beside weights and optimiser."""

    epoch: int = 0
    best_value: float = float("inf")
    best_epoch: int = -1


def run_fit(fit: Fit, fabric: Fabric, progress: Callable[[float], None]) -> float:
    """Fit, and leave `fit.model` with the weights of the epoch of least validation loss.

    Returns
    -------
    float
        That loss.
    """
    optimiser = _adam(fit.model, fit.stage)
    model, optimiser = fabric.setup(fit.model, optimiser)
    order = torch.Generator()
    training = fabric.setup_dataloaders(
        DataLoader(fit.training, fit.stage.batch, shuffle=True, generator=order)
    )
    validation = fabric.setup_dataloaders(DataLoader(fit.validation, fit.stage.batch))
    state, best = _restore(fit, fabric, model, optimiser)
    saved = time.monotonic()
    while state.epoch < fit.stage.epochs:
        fit.training.epoch = state.epoch
        order.manual_seed(fit.seed * 100_003 + state.epoch)
        loss = _learn(fit, fabric, model, optimiser, training)
        value = _judge(fit, fabric, model, validation)
        if value < state.best_value:
            state.best_value, state.best_epoch = value, state.epoch
            best = copy.deepcopy(fit.model.state_dict())
        fabric.log_dict({f"{fit.name}/loss": loss, f"{fit.name}/validation": value}, step=state.epoch)
        state.epoch += 1
        if time.monotonic() - saved >= CHECKPOINT_SECONDS:
            _save(fit, fabric, model, optimiser, state, best)
            saved = time.monotonic()
        progress(state.epoch / fit.stage.epochs)
    fit.model.load_state_dict(best)
    return state.best_value


def _adam(model: nn.Module, stage: Stage) -> torch.optim.Optimizer:
    biases = [p for name, p in model.named_parameters() if name.endswith("bias")]
    weights = [p for name, p in model.named_parameters() if not name.endswith("bias")]
    groups: list[dict[str, Any]] = [
        {"params": weights},
        {"params": biases, "lr": stage.rate * stage.bias_rate},
    ]
    return torch.optim.Adam(groups, lr=stage.rate, eps=KERAS_EPSILON)


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
    model.eval()
    losses = torch.stack([fit.loss(model, batch).detach().float() for batch in loader])
    mean = fabric.all_reduce(losses.mean(), reduce_op="mean")
    return float(mean)  # type: ignore[arg-type]


def _save(fit: Fit, fabric: Fabric, model: nn.Module, optimiser: Any, state: _State, best: Any) -> None:
    facts = {"model": model, "optimiser": optimiser, "best": best, **vars(state)}
    if fabric.is_global_zero:
        with replacing(fit.checkpoint) as temporary:
            fabric.save(temporary, facts)
    fabric.barrier()


def _restore(fit: Fit, fabric: Fabric, model: nn.Module, optimiser: Any) -> tuple[_State, dict[str, Tensor]]:
    best = copy.deepcopy(fit.model.state_dict())
    if not fit.checkpoint.is_file():
        return _State(), best
    try:
        rest = fabric.load(fit.checkpoint, {"model": model, "optimiser": optimiser}, weights_only=True)
    except (RuntimeError, UnpicklingError, KeyError, EOFError) as error:
        raise JNDError(f"{fit.checkpoint}: a damaged checkpoint; delete it to fit anew.") from error
    return _State(rest["epoch"], rest["best_value"], rest["best_epoch"]), rest["best"]
