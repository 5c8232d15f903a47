"""Heads on frozen backbones: what the backbones make of each picture is computed once and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from jndcore.errors import JNDError
from jndcore.models.paper.autoencoder import Autoencoder
from jndcore.models.paper.blocks import Dense
from jndcore.models.paper.heads import LATHead, MJLATHead, MJRECHead, RECHead
from jndcore.training.systems.config import TrainConfig
from jndcore.training.systems.fitting import Fit, run_fit
from jndcore.training.systems.part import Part
from jndcore.training.systems.pictures import Pictures
from jndcore.training.systems.samples import Features

Index = NDArray[np.int64]
Head = LATHead | RECHead | MJLATHead | MJRECHead
BATCH = 4
"""Pictures that go through a backbone at once."""


def fit_head(
    head: Head,
    features: Sequence[NDArray[np.float32]],
    label: NDArray[np.float64],
    part: Part,
    name: str,
    facts: object,
    config: TrainConfig,
    fabric: Fabric,
    progress: Callable[[float], None],
) -> None:
    """Learn QPs from features; the head is left as it was at its best epoch.

    Parameters
    ----------
    features : sequence of ndarray
        Of each backbone, as `keep_features` gives them.
    label : ndarray, shape (P, K)
        QPs of the levels that the head tells.
    name : str
        Of the head, for files and the log.
    facts : object
        All that decides the features and how they are learned from; see `Part.file`.
    """
    if config.head.centre:
        centre(head, label[part.learn])
    fit = Fit(
        name=f"{part.name}-{name}",
        model=head,
        training=Features(features, label, part.learn, config.seed, flip=config.head.flip),
        validation=Features(features, label, part.held, config.seed),
        loss=_absolute_error,
        stage=config.head,
        seed=config.seed,
        path=part.file(name, facts),
    )
    run_fit(fit, fabric, progress)


@torch.inference_mode()
def keep_features(
    backbone: Autoencoder,
    pictures: Pictures,
    path: Path,
    fabric: Fabric,
    *,
    latent: bool,
    flip: bool,
    progress: Callable[[float], None],
) -> None:
    """Write what a frozen backbone makes of all pictures to a file.

    Parameters
    ----------
    latent : bool
        The latent, shape (192, 22, 40), or else the rebuilt frame, shape (3, 352, 640).
    flip : bool
        Of the mirrored pictures too, after the others.

    Raises
    ------
    JNDError
        Where they cannot be kept at `path`.
    """
    source = pictures.versions[0]
    part: nn.Module = backbone.encoder if latent else backbone
    part = part.to(fabric.device)
    shape = (192, 22, 40) if latent else source.shape[1:]
    total = len(source) * (1 + flip)
    try:
        kept = np.lib.format.open_memmap(path, "w+", np.float32, (total, *shape))
        for begin in range(0, total, BATCH):
            rows = np.arange(begin, min(begin + BATCH, total))
            batch = torch.from_numpy(_pictures(source, rows)).to(fabric.device)
            with fabric.autocast():
                made = part(batch.float().contiguous(memory_format=torch.channels_last))
            kept[rows] = made.float().cpu().numpy()
            progress(float(rows[-1] + 1) / total)
        kept.flush()
    except OSError as error:
        raise JNDError(
            f"{path}: features cannot be kept there ({error.strerror or error}); free some space."
        ) from error


@torch.inference_mode()
def predict_head(head: Head, features: Sequence[NDArray[np.float32]], rows: Index) -> NDArray[np.float64]:
    """QPs of the pictures `rows`, shape (R, K), in fp32."""
    head.eval()
    device = next(head.parameters()).device
    found = []
    for begin in range(0, len(rows), BATCH):
        part = rows[begin : begin + BATCH]
        batch = [torch.from_numpy(np.array(array[part])).to(device) for array in features]
        found.append(_answer(head, batch).double().cpu().numpy())
    return np.concatenate(found)


@torch.no_grad()
def centre(head: nn.Module, label: NDArray[np.float64]) -> None:
    """Let the layers that give QPs start at the labels' mean, so that their ReLUs pass something on."""
    last = [layer for layer in head.modules() if isinstance(layer, Dense) and layer.out_features == 1]
    for layer, mean in zip(last, label.mean(axis=0), strict=True):
        layer.bias.fill_(float(mean))


def _answer(head: nn.Module, features: list[Tensor]) -> Tensor:
    features = [x.contiguous(memory_format=torch.channels_last) for x in features]
    answer: Tensor = head(features[0] if len(features) == 1 else features)
    return answer.float()


def _absolute_error(head: nn.Module, batch: tuple[Any, Tensor]) -> Tensor:
    """Mean over the batch, summed over the levels: the paper weighs them 1:1:1."""
    features, label = batch
    return (_answer(head, features) - label).abs().sum(dim=1).mean()


def _pictures(source: NDArray[np.uint8], rows: Index) -> NDArray[np.uint8]:
    """Pictures by number; those from the count of pictures on are mirrored."""
    found = [source[row] if row < len(source) else source[row - len(source)][..., ::-1] for row in rows]
    return np.stack(found)
