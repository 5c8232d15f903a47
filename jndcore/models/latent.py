"""The shared encoder of `scopenet`, and the statistics that turn its latent into one vector."""

from __future__ import annotations

import torch
from torch import Tensor, nn

ENCODER_CHANNELS = (24, 32, 48, 64)
"""Channels at strides 4, 8, 16 and 32."""

LATENT_STRIDE = 32
LOW_SHARE = 0.1


class Encoder(nn.Module):
    """Luma at native scale to features at strides 8, 16 and 32.

    The first layer looks at blocks of 4x4 pixels (space-to-depth 4 and a 1x1 convolution, written as the
    one strided convolution that it is): detail is what hides a loss, so nothing is scaled away before.
    Positions keep x264's block grid: a feature at stride 16 is centred on one macroblock.
    """

    def __init__(self) -> None:
        super().__init__()
        c4, c8, c16, c32 = ENCODER_CHANNELS
        self.stem = nn.Conv2d(1, c4, 4, stride=4)
        self.to8 = nn.Conv2d(c4, c8, 3, stride=2, padding=1)
        self.to16 = _down(c8, c16)
        self.to32 = _down(c16, c32)

    def local(self, luma: Tensor) -> tuple[Tensor, Tensor]:
        """Features that the decoder needs too.

        Parameters
        ----------
        luma : Tensor, shape (N, 1, h, w)
            Floating point, about -2 to 2 (see `normalise`); h and w at least 4.

        Returns
        -------
        stride8 : Tensor, shape (N, 32, ceil(h // 4 / 2), ceil(w // 4 / 2))
        stride16 : Tensor, shape (N, 48, ...)
        """
        stride4 = torch.relu_(self.stem(luma))
        stride8 = torch.relu_(self.to8(stride4))
        return stride8, torch.relu_(self.to16(stride8))

    def forward(self, luma: Tensor) -> Tensor:
        """The latent at stride 32, shape (N, 64, ...), at least 0."""
        return torch.relu_(self.to32(self.local(luma)[1]))


def _down(wide: int, narrow: int) -> nn.Sequential:
    """Half the size, then a second look."""
    return nn.Sequential(
        nn.Conv2d(wide, narrow, 3, stride=2, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(narrow, narrow, 3, padding=1),
    )


def normalise(luma: Tensor, dtype: torch.dtype) -> Tensor:
    """Luma 0..255 of any type as floating point, 0 at mid-grey, 1 at 64 code values from it."""
    return (luma * (1 / 64)).sub_(2).to(dtype)


def statistics(latent: Tensor) -> Tensor:
    """Mean, deviation and low decile of each channel over the picture.

    The low decile is the mean of the lowest tenth (at least one position): the places where least is
    hidden, which is where viewers see a loss first.

    Parameters
    ----------
    latent : Tensor, shape (N, C, h, w)
        Any floating-point type.

    Returns
    -------
    Tensor, shape (N, 3 C), float32
        All means, then all (population) standard deviations, then all low deciles.
    """
    flat = latent.flatten(2).float()
    mean = flat.mean(-1, keepdim=True)
    deviation = ((flat - mean).square().mean(-1) + 1e-6).sqrt()
    low = flat.topk(max(1, round(LOW_SHARE * flat.shape[-1])), dim=-1, largest=False, sorted=False).values
    return torch.cat([mean.squeeze(-1), deviation, low.mean(-1)], dim=1)
