"""Systems of which all is trained together: the frame at JND quality and the QP, in one loss."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from jndcore.models.paper.autoencoder import Autoencoder
from jndcore.models.paper.blocks import Up, keras_start
from jndcore.models.paper.systems import E2ELATNet, RECNet
from jndcore.training.systems.config import TrainConfig
from jndcore.training.systems.fitting import Fit, run_fit
from jndcore.training.systems.heads import BATCH, centre
from jndcore.training.systems.part import Part
from jndcore.training.systems.pictures import Pictures
from jndcore.training.systems.samples import LabelledPictures

Index = NDArray[np.int64]

FRAME_WEIGHT, QP_WEIGHT = 0.01, 0.99
"""Of the squared error of the frame (code values) and the absolute error of the QP, in the paper."""


class _Both(nn.Module):
    """QP and frame by calling it, as data-parallel training needs it."""

    def __init__(self, net: E2ELATNet | RECNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, frame: Tensor) -> tuple[Tensor, Tensor]:
        """See `E2ELATNet.both`."""
        return self.net.both(frame)


def start_from(net: E2ELATNet | RECNet, image: Autoencoder, seed: int) -> None:
    """Take over the image autoencoder, but for its last layer, which starts afresh."""
    net.backbone.load_state_dict(image.state_dict())
    last = net.backbone.decoder[-1]
    assert isinstance(last, Up)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        keras_start(last)


def fit_end_to_end(
    net: E2ELATNet | RECNet,
    pictures: Pictures,
    level: int,
    part: Part,
    facts: object,
    config: TrainConfig,
    fabric: Fabric,
    progress: Callable[[float], None],
) -> None:
    """Train everything on source frames, their frames at JND `level` and their QPs.

    `facts` are all that decides it; see `Part.file`.
    """
    label = pictures.label[:, [level - 1]]
    if config.head.centre:
        centre(net.head, label[part.learn])
    source, target = pictures.versions[0], pictures.versions[level]
    fit = Fit(
        name=f"{part.name}-jnd{level}",
        model=_Both(net),
        training=LabelledPictures(source, target, label, part.learn, config.seed, flip=config.head.flip),
        validation=LabelledPictures(source, target, label, part.held, config.seed),
        loss=_joint_error,
        stage=config.head,
        seed=config.seed,
        path=part.file(f"jnd{level}", facts),
    )
    run_fit(fit, fabric, progress)


@torch.inference_mode()
def predict_end_to_end(net: E2ELATNet | RECNet, pictures: Pictures, rows: Index) -> NDArray[np.float64]:
    """QPs of the pictures `rows`, shape (R, 1), in fp32."""
    net.eval()
    device = next(net.parameters()).device
    found = []
    for begin in range(0, len(rows), BATCH):
        batch = torch.from_numpy(np.array(pictures.versions[0][rows[begin : begin + BATCH]])).to(device)
        found.append(
            net.qp(batch.float().contiguous(memory_format=torch.channels_last)).double().cpu().numpy()
        )
    return np.concatenate(found)


def _joint_error(model: nn.Module, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    source, target, label = batch
    qp, frame = model(source.contiguous(memory_format=torch.channels_last))
    of_frame: Tensor = (frame.float() - target).square().mean()
    of_qp: Tensor = (qp.float() - label).abs().mean()
    return FRAME_WEIGHT * of_frame + QP_WEIGHT * of_qp
