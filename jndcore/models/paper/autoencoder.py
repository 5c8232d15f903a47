"""The backbone: a frame to a latent, and the latent to the frame at JND quality."""

from __future__ import annotations

from torch import Tensor, nn

from jndcore.models.paper.blocks import SLOPE, Down, Up

FILTERS = 128
LATENT = 192
"""Channels of the latent, at stride 16."""

STRIDE = 16

HEIGHT, WIDTH = 352, 640
"""Size of every picture that goes in; the levels' dense layers fit no other."""


class Encoder(nn.Sequential):
    """A frame to its latent."""

    def __init__(self) -> None:
        act = nn.LeakyReLU(SLOPE)
        super().__init__(
            Down(3, FILTERS),
            act,
            Down(FILTERS, FILTERS),
            act,
            Down(FILTERS, FILTERS),
            act,
            Down(FILTERS, LATENT),
        )

    def forward(self, frame: Tensor) -> Tensor:
        """From BGR 0..255, shape (N, 3, h, w), sides multiples of 16, to (N, 192, h / 16, w / 16)."""
        latent: Tensor = super().forward(frame)  # type: ignore[no-untyped-call]
        return latent


class Decoder(nn.Sequential):
    """A latent to a frame."""

    def __init__(self) -> None:
        act = nn.LeakyReLU(SLOPE)
        super().__init__(
            Up(LATENT, FILTERS), act, Up(FILTERS, FILTERS), act, Up(FILTERS, FILTERS), act, Up(FILTERS, 3)
        )

    def forward(self, latent: Tensor) -> Tensor:
        """From shape (N, 192, h, w) to BGR, shape (N, 3, 16 h, 16 w), not clipped to 0..255."""
        frame: Tensor = super().forward(latent)  # type: ignore[no-untyped-call]
        return frame


class Autoencoder(nn.Module):
    """Encoder and decoder: trained frame to frame, or frame to the frame at one JND level."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()

    def forward(self, frame: Tensor) -> Tensor:
        """From shape (N, 3, h, w), BGR 0..255, to the same shape, not clipped."""
        rebuilt: Tensor = self.decoder(self.encoder(frame))
        return rebuilt
