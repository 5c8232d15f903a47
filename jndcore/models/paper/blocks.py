"""Layers that answer as Keras' do: its padding, its batch norm, its starting weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.05
"""Of the LeakyReLUs between the autoencoder's layers."""

RATIO = 8
"""By how much channel attention narrows (Woo et al., CBAM, ECCV 2018)."""

CUT_DEVIATION = 0.87962566103423978
"""Standard deviation of a unit normal cut off at 2: Keras widens its He normal by it."""


class Down(nn.Conv2d):
    """Convolution 5x5 of stride 2; an even size is halved.

    Keras pads such an input by 1 before and 2 after ("same"), torch would pad both sides alike.
    """

    def __init__(self, wide: int, narrow: int) -> None:
        super().__init__(wide, narrow, 5, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """From shape (N, wide, h, w) to (N, narrow, h / 2, w / 2); h and w even."""
        return super().forward(F.pad(x, (1, 2, 1, 2)))


class Up(nn.ConvTranspose2d):
    """Transposed convolution 5x5 of stride 2, the mirror of `Down`: its output is cropped likewise."""

    def __init__(self, wide: int, narrow: int) -> None:
        super().__init__(wide, narrow, 5, stride=2, padding=1)

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """From shape (N, wide, h, w) to (N, narrow, 2 h, 2 w)."""
        return super().forward(x, output_size)[..., :-1, :-1]


class Norm(nn.BatchNorm2d):
    """Batch norm with Keras' epsilon of 0.001 and its moving averages, which keep 0.99 of themselves."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-3, momentum=0.01)


class ChannelAttention(nn.Module):
    """The channel half of CBAM: means and maxima weigh the channels through one shared pair of layers."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.narrow = nn.Linear(channels, channels // RATIO)
        self.widen = nn.Linear(channels // RATIO, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Shape as given, (N, channels, h, w)."""
        weight = torch.sigmoid(self._weigh(x.mean((2, 3))) + self._weigh(x.amax((2, 3))))
        return x * weight[:, :, None, None]

    def _weigh(self, pooled: Tensor) -> Tensor:
        weighed: Tensor = self.widen(torch.relu(self.narrow(pooled)))
        return weighed


class LATBlock(nn.Module):
    """Convolution 3x3, batch norm, ReLU, channel attention."""

    def __init__(self, wide: int, narrow: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(wide, narrow, 3, padding=1)
        self.norm = Norm(narrow)
        self.attention = ChannelAttention(narrow)

    def forward(self, x: Tensor) -> Tensor:
        """From shape (N, wide, h, w) to (N, narrow, h, w)."""
        weighed: Tensor = self.attention(torch.relu(self.norm(self.conv(x))))
        return weighed


class RECBlock(nn.Module):
    """Convolution 3x3, batch norm, ReLU, maxima of 2x2."""

    def __init__(self, wide: int, narrow: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(wide, narrow, 3, padding=1)
        self.norm = Norm(narrow)

    def forward(self, x: Tensor) -> Tensor:
        """From shape (N, wide, h, w) to (N, narrow, h // 2, w // 2)."""
        return F.max_pool2d(torch.relu(self.norm(self.conv(x))), 2)


class Flatten(nn.Module):
    """All positions and channels as one vector, in Keras' order: row, column, channel."""

    def forward(self, x: Tensor) -> Tensor:
        """From shape (N, C, h, w) to (N, h * w * C)."""
        return x.permute(0, 2, 3, 1).flatten(1)


class Dense(nn.Linear):
    """A linear layer and a ReLU: the last layer of every system has one too, so no QP is below 0."""

    def forward(self, x: Tensor) -> Tensor:
        """From shape (N, wide) to (N, narrow), at least 0."""
        return torch.relu(super().forward(x))


@torch.no_grad()
def keras_start(module: nn.Module) -> None:
    """Starting weights as Keras draws them: Glorot uniform, He normal for attention, biases 0.

    torch's own would make these networks start, and so train, otherwise than the authors'.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    for layer in module.modules():
        if isinstance(layer, ChannelAttention):
            for dense in (layer.narrow, layer.widen):
                deviation = (2 / dense.in_features) ** 0.5 / CUT_DEVIATION
                nn.init.trunc_normal_(dense.weight, std=deviation, a=-2 * deviation, b=2 * deviation)


@torch.no_grad()
def he_start(module: nn.Module, seed: int) -> None:
    """Convolutions that keep the variance of what goes through them (He et al., ICCV 2015, for this slope).

    A transposed convolution of stride 2 sums a quarter of its taps at each place.
    """
    draw = torch.Generator().manual_seed(seed)
    gain = (2 / (1 + SLOPE**2)) ** 0.5
    for layer in module.modules():
        if isinstance(layer, Down | Up):
            taps = layer.in_channels * 25 / (4 if isinstance(layer, Up) else 1)
            layer.weight.normal_(0, gain / taps**0.5, generator=draw)
