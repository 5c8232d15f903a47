"""The shared encoder of `scopenet`, and the statistics that turn its latent into one vector."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

ENCODER_CHANNELS = (24, 28, 44, 64)
"""Channels at strides 4, 8, 16 and 32."""

HIDDEN = 64
"""Length of the vector that the heads read."""

STATISTICS = 4
"""How many each channel of the latent gives, see `statistics`."""

TENTH = 0.1


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
        return torch.relu_(self.conv(x))

    def fold(self) -> None:
        """Put the norm, as evaluation applies it, into the convolution."""
        if self.norm is not None:
            self.conv = fuse_conv_bn_eval(self.conv.eval(), self.norm.eval())
            self.norm = None


class Encoder(nn.Module):
    """Luma at native scale, and maybe its difference in time, to features at strides 8, 16 and 32.

    The first layer looks at blocks of 4x4 pixels (space-to-depth 4 and a 1x1 convolution, written as the
    one strided convolution that it is): detail is what hides a loss, so nothing is scaled away before.
    Positions keep x264's block grid: a feature at stride 16 is centred on one macroblock.
    """

    def __init__(self, pictures: int = 1, *, norm: bool) -> None:
        super().__init__()
        c4, c8, c16, c32 = ENCODER_CHANNELS
        self.to8 = nn.Sequential(
            ConvUnit(pictures, c4, 4, 4, norm=norm), ConvUnit(c4, c8, stride=2, norm=norm)
        )
        self.to16 = nn.Sequential(ConvUnit(c8, c16, stride=2, norm=norm), ConvUnit(c16, c16, norm=norm))
        self.to32 = nn.Sequential(ConvUnit(c16, c32, stride=2, norm=norm), ConvUnit(c32, c32, norm=norm))

    def local(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Features that the decoder needs too.

        Parameters
        ----------
        pictures : Tensor, shape (N, 1 or 2, h, w)
            0..255; h and w at least 4.

        Returns
        -------
        stride8 : Tensor, shape (N, 28, ceil(h // 4 / 2), ceil(w // 4 / 2))
        stride16 : Tensor, shape (N, 44, ...)
        """
        first, second = self.to8
        assert isinstance(first, ConvUnit)
        if first.norm is None:
            stride8 = second(torch.relu_(_four_columns(first.conv, pictures)))
        else:
            whole = normalise(pictures, first.conv.weight.dtype)
            stride8 = second(first(whole.contiguous(memory_format=torch.channels_last)))
        return stride8, self.to16(stride8)

    def forward(self, pictures: Tensor) -> Tensor:
        """The latent at stride 32, shape (N, 64, ...), at least 0, of what `local` takes."""
        latent: Tensor = self.to32(self.local(pictures)[1])
        return latent


def _four_columns(conv: nn.Conv2d, pictures: Tensor) -> Tensor:
    """The first layer, with four neighbours in a row taken as channels, which no sample has to move for.

    The same sums as the convolution of one or two normalised channels, in half of its time or less on a CPU
    (oneDNN). Under autocast samples go to its type at once: from -128 to 127 all of them fit.
    """
    device = pictures.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else conv.weight.dtype
    rows, columns = pictures.shape[-2] // 4, pictures.shape[-1] // 4
    out: Tensor | None = None
    for channel in range(conv.in_channels):
        picture = normalise(pictures[:, channel, : 4 * rows, : 4 * columns], dtype)
        blocks = picture.view(-1, 4 * rows, columns, 4).permute(0, 3, 1, 2)
        weight = conv.weight[:, channel].transpose(1, 2).unsqueeze(-1)
        weight = weight.contiguous(memory_format=torch.channels_last)
        part = F.conv2d(blocks, weight, conv.bias if out is None else None, (4, 1))
        out = part if out is None else out.add_(part)
    assert out is not None
    return out


def normalise(luma: Tensor, dtype: torch.dtype) -> Tensor:
    """Luma 0..255 of any type as floating point, 0 at mid-grey, 1 at 64 code values from it."""
    whole = luma.to(dtype, copy=True, memory_format=torch.contiguous_format)
    return whole.sub_(128).mul_(1 / 64)


def statistics(latent: Tensor) -> Tensor:
    """Mean, deviation, low and high decile of each channel over the picture.

    The deciles are the means of the lowest and the highest tenth (at least one position): a channel that
    tells of detail is lowest where least is hidden, which is where viewers see a loss first.

    Parameters
    ----------
    latent : Tensor, shape (N, C, h, w)
        Any floating-point type.

    Returns
    -------
    Tensor, shape (N, 4 C), float32
        All means, then all (population) standard deviations, all low deciles, all high ones.
    """
    flat = latent.flatten(2).float()
    mean = flat.mean(-1, keepdim=True)
    deviation = ((flat - mean).square().mean(-1) + 1e-6).sqrt()
    tenth = max(1, round(TENTH * flat.shape[-1]))
    low, high = (flat.topk(tenth, largest=end, sorted=False).values.mean(-1) for end in (False, True))
    return torch.cat([mean.squeeze(-1), deviation, low, high], dim=1)
