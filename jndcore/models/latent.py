"""The shared encoder of `scopenet`, and the statistics that turn its latent into one vector."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

ENCODER_CHANNELS = (24, 28, 44, 64)
"""Channels at strides 4, 8, 16 and 32."""

HIDDEN = 64
"""Length of the vector that the heads read."""

GREY, UNIT = 128, 64
"""Code values that are 0 to the network, and that lie 1 apart."""

STATISTICS = 4
"""How many each channel of the latent gives, see `statistics`."""

IN_CACHE = 20
"""Rows of blocks that the first layer takes at a time on a CPU: what it makes of them stays in a cache."""


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
            each = pictures.chunk(len(pictures) if pictures.device.type == "cpu" else 1)
            stride8 = torch.cat([second(_blocks_times(first.conv, part)) for part in each])
        else:
            whole = normalise(pictures, first.conv.weight.dtype)
            stride8 = second(first(whole.contiguous(memory_format=torch.channels_last)))
        return stride8, self.to16(stride8)

    def forward(self, pictures: Tensor) -> Tensor:
        """The latent at stride 32, shape (N, 64, ...), at least 0, of what `local` takes."""
        latent: Tensor = self.to32(self.local(pictures)[1])
        return latent


def _blocks_times(conv: nn.Conv2d, pictures: Tensor) -> Tensor:
    """The first layer and its ReLU as products of matrices: a row is a block of 4x4 samples of each picture.

    The same sums as the convolution of normalised pictures; on two CPU cores the whole network gives 1.4
    times as many frames a second as with oneDNN's. Four samples in a line are moved as one word, all first
    lines of blocks, then all second ones: 3 x faster than block by block. Under autocast samples go to its
    type at once: from -128 to 127 all of them fit.
    """
    count, channels = pictures.shape[:2]
    rows, columns = pictures.shape[-2] // 4, pictures.shape[-1] // 4
    whole = pictures[..., : 4 * rows, : 4 * columns].to(torch.uint8).contiguous()
    words = whole.view(torch.int32).view(count, channels, rows, 4, columns)
    blocks = torch.stack([words[:, c, :, line] for c in range(channels) for line in range(4)], dim=-1)
    device = pictures.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else conv.weight.dtype
    weight = conv.weight.flatten(1) / UNIT  # a power of two: nothing is rounded
    lines = []
    for part in torch.split(blocks.flatten(0, 1), IN_CACHE if device == "cpu" else count * rows):
        samples = part.view(torch.uint8).flatten(0, 1)
        centred = samples.bitwise_xor(GREY).view(torch.int8).to(dtype)  # less 128, as signed bytes
        lines.append(torch.relu_(F.linear(centred, weight, conv.bias)))
    return torch.cat(lines).view(count, rows, columns, -1).permute(0, 3, 1, 2)


def normalise(luma: Tensor, dtype: torch.dtype) -> Tensor:
    """Luma 0..255 of any type as floating point, 0 at mid-grey, 1 at 64 code values from it."""
    whole = luma.to(dtype, copy=True, memory_format=torch.contiguous_format)
    return whole.sub_(GREY).mul_(1 / UNIT)


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
    low, high = (ends.mean(-1) for ends in _outer_tenths(flat))
    return torch.cat([mean.squeeze(-1), deviation, low, high], dim=1)


def _outer_tenths(flat: Tensor) -> tuple[Tensor, Tensor]:
    """The lowest and the highest tenth of the values along the last dimension, in any order.

    On a CPU, where nothing is learned and no graph is traced, numpy sorts them: on two cores 0.3 to 0.6 of
    the 4 ms that a picture takes in bf16 went to selecting them one end after the other.
    """
    tenth = tenth_of(flat.shape[-1])
    if flat.device.type == "cpu" and torch.is_inference_mode_enabled():
        ordered = torch.from_numpy(np.sort(flat.numpy(), axis=-1))
        return ordered[..., :tenth], ordered[..., -tenth:]
    low, high = (flat.topk(tenth, largest=end, sorted=False).values for end in (False, True))
    return low, high


def tenth_of(positions: int) -> int:
    """``max(1, round(positions / 10))`` in integers alone, which a traced graph can hold too.

    Halves go to the even number, as Python rounds them.
    """
    rounded = (positions + 4 + positions // 10 % 2) // 10
    count: int = torch.sym_max(1, rounded)  # type: ignore[no-untyped-call]
    return count
