"""From a latent or a rebuilt frame to QPs."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from jndcore.models.paper.autoencoder import HEIGHT, LATENT, STRIDE, WIDTH
from jndcore.models.paper.blocks import Dense, Flatten, LATBlock, Norm, RECBlock

LAT_FEATURES = (HEIGHT // STRIDE // 4) * (WIDTH // STRIDE // 4) * 512
REC_FEATURES = (HEIGHT // 32) * (WIDTH // 32) * 32


def _lat_trunk() -> nn.Sequential:
    """What follows the first LATBlock, up to the flat features."""
    return nn.Sequential(
        LATBlock(64, 128), nn.MaxPool2d(2), LATBlock(128, 256), LATBlock(256, 512), nn.MaxPool2d(2), Flatten()
    )


def _lat_dense() -> nn.Sequential:
    return nn.Sequential(Dense(LAT_FEATURES, 256), Dense(256, 128), Dense(128, 1))


def _rec_trunk() -> nn.Sequential:
    """What follows the first RECBlock, up to the vector that the QPs are read off."""
    narrowing = (RECBlock(512, 256), RECBlock(256, 128), RECBlock(128, 64), RECBlock(64, 32))
    return nn.Sequential(*narrowing, Flatten(), Dense(REC_FEATURES, 512))


class LATHead(nn.Module):
    """One level's QP from one latent."""

    def __init__(self) -> None:
        super().__init__()
        self.branch = nn.Sequential(Norm(LATENT), LATBlock(LATENT, 64))
        self.trunk = _lat_trunk()
        self.dense = _lat_dense()

    def forward(self, latent: Tensor) -> Tensor:
        """From shape (N, 192, 22, 40) to (N, 1), at least 0."""
        qp: Tensor = self.dense(self.trunk(self.branch(latent)))
        return qp


class RECHead(nn.Module):
    """One level's QP from one rebuilt frame."""

    def __init__(self) -> None:
        super().__init__()
        self.branch = nn.Sequential(Norm(3), RECBlock(3, 512))
        self.trunk = _rec_trunk()
        self.qp = Dense(512, 1)

    def forward(self, frame: Tensor) -> Tensor:
        """From BGR, shape (N, 3, 352, 640), to (N, 1), at least 0."""
        qp: Tensor = self.qp(self.trunk(self.branch(frame)))
        return qp


class _JointHead(nn.Module):
    """A branch for each level, multiplied element by element, then what the levels share."""

    branches: nn.ModuleList
    trunk: nn.Sequential
    qps: nn.ModuleList

    def forward(self, features: list[Tensor]) -> Tensor:
        """From three latents or three frames, one for each level, to QPs, shape (N, 3), at least 0."""
        first, second, third = (branch(x) for branch, x in zip(self.branches, features, strict=True))
        shared = self.trunk(first * second * third)
        return torch.cat([qp(shared) for qp in self.qps], dim=1)


class MJLATHead(_JointHead):
    """Three levels' QPs from the latents of three backbones."""

    def __init__(self) -> None:
        super().__init__()
        self.branches = nn.ModuleList(nn.Sequential(Norm(LATENT), LATBlock(LATENT, 64)) for _ in range(3))
        self.trunk = _lat_trunk()
        self.qps = nn.ModuleList(_lat_dense() for _ in range(3))


class MJRECHead(_JointHead):
    """Three levels' QPs from the frames that three backbones rebuild."""

    def __init__(self) -> None:
        super().__init__()
        self.branches = nn.ModuleList(nn.Sequential(Norm(3), RECBlock(3, 512)) for _ in range(3))
        self.trunk = _rec_trunk()
        self.qps = nn.ModuleList(Dense(512, 1) for _ in range(3))
