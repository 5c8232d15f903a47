"""A model's way to its QPs as a graph for any batch, and for any size where the network takes any."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from jndcore.errors import JNDError
from jndcore.models.base import JNDModel
from jndcore.models.content import shows_nothing
from jndcore.models.latent import normalise, statistics
from jndcore.models.paper.autoencoder import HEIGHT, WIDTH
from jndcore.models.paper.system import PaperSystem
from jndcore.models.scopenet import ScopeNet, doubt_blank
from jndcore.results import LEVELS


class QPPath(nn.Module):
    """What `JNDModel.predict` says, in operations whose shapes a program can trace.

    Attributes
    ----------
    size : tuple of int, or None
        Height and width of the only pictures it takes; None where it takes any of 64x64 and above.
    """

    size: tuple[int, int] | None = None

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """QPs and errors, shape (N, 3), of pictures of uint8, shape (N, D, h, w); see `predict`."""
        raise NotImplementedError


class ScopePath(QPPath):
    """`scopenet`'s, on the whole picture: the first layer as the plain convolution that it is."""

    def __init__(self, model: ScopeNet) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See `QPPath.forward`."""
        encoder = self.model.encoder
        features = normalise(x, torch.float32)
        for stage in (encoder.to8, encoder.to16, encoder.to32):
            features = stage(features)
        qp, err = self.model.answer(self.model.judge(statistics(features)))
        return qp, doubt_blank(shows_nothing(x), err)


class SystemPath(QPPath):
    """That of one of the paper's systems."""

    size = (HEIGHT, WIDTH)

    def __init__(self, model: PaperSystem) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See `QPPath.forward`; NaN for levels that the system does not tell, and for all errors."""
        told = self.model.qp(x.float())
        unknown = torch.full_like(told[:, :1], torch.nan)
        column = {level: told[:, i : i + 1] for i, level in enumerate(self.model.levels)}
        qp = torch.cat([column.get(level, unknown) for level in LEVELS], dim=1)
        return qp, unknown.expand(-1, len(LEVELS))


def qp_path(model: JNDModel, name: str) -> QPPath:
    """The path of a model called `name`.

    Raises
    ------
    JNDError
        Where its network has none.
    """
    if isinstance(model, ScopeNet):
        return ScopePath(model).eval()
    if isinstance(model, PaperSystem):
        return SystemPath(model).eval()
    raise JNDError(f"{name}: its kind of network is not exported; choose a scopenet or one of the paper's.")
