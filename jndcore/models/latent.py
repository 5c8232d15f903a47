"""The shared encoder of `scopenet`, and the statistics that turn its latent into one vector."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

ENCODER_CHANNELS = (24, 32, 48, 64)
"""Channels at strides 4, 8, 16 and 32."""

HIDDEN = 64
"""Length of the vector that the heads read."""

LOW_SHARE = 0.1


class ConvUnit(nn.Module):
    """A convolution, batch norm while training, and a ReLU."""

    def __init__(self, wide: int, narrow: int, size: int = 3, stride: int = 1, *, norm: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(wide, narrow, size, stride, padding=(size - 1) // 2 if size % 2 else 0)
        self.norm = nn.BatchNorm2d(narrow) if norm else None

    def forward(self, x: Tensor) -> Tensor:
        """From shape (N, wide, h, w) to (N, narrow, h', w'), at least 0."""
        if self.norm is not None:
            return torch.relu_(self.norm(self.conv(x)))
        one_channel = self.conv.in_channels == 1
        return torch.relu_(_four_columns(self.conv, x) if one_channel else self.conv(x))

    def fold(self) -> None:
        """Put the norm, as evaluation applies it, into the convolution."""
        if self.norm is not None:
            self.conv = fuse_conv_bn_eval(self.conv.eval(), self.norm.eval())
            self.norm = None


class Encoder(nn.Module):
    """Luma at native scale to features at strides 8, 16 and 32.

    The first layer looks at blocks of 4x4 pixels (space-to-depth 4 and a 1x1 convolution, written as the
    one strided convolution that it is): detail is what hides a loss, so nothing is scaled away before.
    Positions keep x264's block grid: a feature at stride 16 is centred on one macroblock.
    """

    def __init__(self, *, norm: bool) -> None:
        super().__init__()
        c4, c8, c16, c32 = ENCODER_CHANNELS
        self.to8 = nn.Sequential(ConvUnit(1, c4, 4, 4, norm=norm), ConvUnit(c4, c8, stride=2, norm=norm))
        self.to16 = nn.Sequential(ConvUnit(c8, c16, stride=2, norm=norm), ConvUnit(c16, c16, norm=norm))
        self.to32 = nn.Sequential(ConvUnit(c16, c32, stride=2, norm=norm), ConvUnit(c32, c32, norm=norm))

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
        stride8 = self.to8(luma)
        return stride8, self.to16(stride8)

    def forward(self, luma: Tensor) -> Tensor:
        """The latent at stride 32, shape (N, 64, ...), at least 0."""
        latent: Tensor = self.to32(self.local(luma)[1])
        return latent


def _four_columns(conv: nn.Conv2d, luma: Tensor) -> Tensor:
    """The first layer, with four neighbours in a row taken as channels, which no sample has to move for.

    The same sums in the same order as the convolution of one channel, in half of its time or less on a
    CPU (oneDNN).
    """
    rows, columns = luma.shape[-2] // 4, luma.shape[-1] // 4
    picture = luma[..., : 4 * rows, : 4 * columns].contiguous(memory_format=torch.contiguous_format)
    channels = picture.view(-1, 4 * rows, columns, 4).permute(0, 3, 1, 2)
    weight = conv.weight[:, 0].transpose(1, 2).unsqueeze(-1).contiguous(memory_format=torch.channels_last)
    return F.conv2d(channels, weight, conv.bias, (4, 1))


def normalise(luma: Tensor, dtype: torch.dtype) -> Tensor:
    """Luma 0..255 of any type as floating point, 0 at mid-grey, 1 at 64 code values from it."""
    return luma.to(dtype, copy=True).sub_(128).mul_(1 / 64)


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
