"""The decoder of `scopenet`: what x264 would make of a frame at a QP, from the frame and a rehearsal."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import skip_init

from jndcore.models.latent import ENCODER_CHANNELS

BLOCK = 16
"""Frames are padded to whole macroblocks, as x264 does, so block edges fall where x264 has them."""

PLANES = (16, 4, 4)
"""Samples of Y, U and V in a block of 4x4 pixels."""

WIDTH = 32
BLOCKS = 3

REACH = 3
"""Pixels on each side that the local filter sees; 7x7 gained 0.1 to 0.2 dB over 5x5 with filters fitted to
single clips."""

DETAIL_SCALE = 4.0
"""Detail is mostly a fraction of a quantiser step; in quarters of one it has a deviation near 1.
Detail of more than a step survives whatever its size, so it is bounded there."""


TRUST = 0.85
"""Share of a rehearsal's change that comes true: the mean of a few encodes holds more than what they have in
common with another one. Between 0.85 and 0.9 the error was least on 40 labelled clips, at the first and the
third JND."""


def quantiser_step(qp: Tensor) -> Tensor:
    """H.264's step size in code values: 0.625 at QP 0, doubling every 6 (ITU-T H.264, 8.5.9)."""
    return 0.625 * torch.exp2(qp / 6)


def fold_planes(y: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Planes of a padded 4:2:0 frame as one array at stride 4, shape (N, 24, H / 4, W / 4)."""
    return torch.cat([F.pixel_unshuffle(y, 4), F.pixel_unshuffle(u, 2), F.pixel_unshuffle(v, 2)], dim=1)


def unfold_planes(folded: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Inverse of `fold_planes`."""
    y, u, v = folded.split_with_sizes(PLANES, dim=1)
    return F.pixel_shuffle(y, 4), F.pixel_shuffle(u, 2), F.pixel_shuffle(v, 2)


class ConditionedBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut; a QP code scales and shifts the channels between them."""

    def __init__(self, width: int, code: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.modulate = nn.Linear(code, 2 * width)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """`x`, shape (N, width, h, w), plus what the block makes of it; `code` has shape (N, code)."""
        scale, shift = self.modulate(code)[:, :, None, None].chunk(2, dim=1)
        inner = torch.relu(self.first(x) * (1 + scale) + shift)
        out: Tensor = x + self.second(inner)
        return out


class LocalFilter(nn.Module):
    """A symmetric 7x7 filter for each place, of differences that are bounded at a quantiser step.

    Most of what x264 does to a picture is smoothing that leaves edges alone (a linear filter fitted to one
    clip and QP gains 0.7 to 3 dB over a copy); a difference of more than a step survives. It starts at zero.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        reach = range(-REACH, REACH + 1)
        self.offsets = [(down, right) for down in reach for right in reach if (down, right) > (0, 0)]
        self.weights = nn.Conv2d(width, len(self.offsets), 1)
        nn.init.zeros_(self.weights.weight)
        nn.init.zeros_(self.weights.bias)  # type: ignore[arg-type]

    def forward(self, luma: Tensor, features: Tensor, step: Tensor) -> Tensor:
        """What the filter adds, in steps.

        Parameters
        ----------
        luma : Tensor, shape (N, 1, H, W)
            In code values.
        features : Tensor, shape (N, width, H / 4, W / 4)
            Tell the weights.
        step : Tensor, shape (N, 1, 1, 1)
            In code values.
        """
        height, width = luma.shape[-2:]
        weights = self.weights(features).contiguous()  # plane by plane, as they are used: 4 x faster on CPUs
        steps = luma / step
        around = F.pad(steps, (REACH,) * 4, mode="replicate")

        def difference(down: int, right: int) -> Tensor:
            top, left = REACH + down, REACH + right
            return (around[..., top : top + height, left : left + width] - steps).clamp(-1, 1)

        out = torch.zeros_like(steps)
        for k, (down, right) in enumerate(self.offsets):
            weight = F.interpolate(weights[:, k : k + 1], scale_factor=4.0, mode="bilinear")
            out = torch.addcmul(out, weight, difference(down, right) + difference(-down, -right))
        return out


class Decoder(nn.Module):
    """Source blocks, their change by a rehearsal, encoder features and a QP to what x264 adds at that QP.

    What a quantiser takes away scales with its step, so the network sees the source's detail in steps and
    answers in steps. The answer is `TRUST` of the rehearsal's change, and a correction of at most one step:
    luma is filtered (`LocalFilter`); to that comes, in all planes, what a last layer says, which sees detail
    and change themselves beside the features, since most of the answer is "less of this". Both start at zero.
    """

    def __init__(self, code: int = 16) -> None:
        super().__init__()
        _, c8, c16, _ = ENCODER_CHANNELS
        self.from8 = nn.Conv2d(c8, WIDTH, 1)
        self.from16 = nn.Conv2d(c16, WIDTH, 1)
        self.source = nn.Conv2d(len(PLANES) + sum(PLANES), WIDTH, 3, padding=1)
        self.code = nn.Sequential(nn.Linear(1, code), nn.ReLU(), nn.Linear(code, code), nn.ReLU())
        self.blocks = nn.ModuleList(ConditionedBlock(WIDTH, code) for _ in range(BLOCKS))
        self.filter = LocalFilter(WIDTH)
        self.residual = nn.Conv2d(WIDTH + sum(PLANES), sum(PLANES), 3, padding=1)
        nn.init.zeros_(self.residual.weight)
        nn.init.zeros_(self.residual.bias)  # type: ignore[arg-type]
        self.change = _blank_convolution(WIDTH)
        self.residual_change = _blank_convolution(sum(PLANES))

    @property
    def reach(self) -> int:
        """Luma pixels on every side that a residual depends on through this network's own layers."""
        return 4 * (3 + 2 * BLOCKS)

    def forward(
        self, folded: Tensor, change: Tensor, stride8: Tensor, stride16: Tensor, qp: Tensor
    ) -> Tensor:
        """What is added to the source, in code values.

        Parameters
        ----------
        folded : Tensor, shape (N, 24, H / 4, W / 4)
            `fold_planes` of the frame, floating point, 0..255.
        change : Tensor, shape (N, 24, H / 4, W / 4)
            `fold_planes` of a rehearsal of the frame, less `folded`.
        stride8, stride16 : Tensor
            `Encoder.local` of the same frame.
        qp : Tensor, shape (N,)

        Returns
        -------
        Tensor, shape (N, 24, H / 4, W / 4)
            Within one quantiser step of `TRUST` times `change`.
        """
        step = quantiser_step(qp).to(folded.dtype)[:, None, None, None]
        code = self.code((qp.to(folded.dtype)[:, None] - 28) / 8)
        mean, detail = _split(folded)
        detail, rehearsed = (torch.tanh(part / step) * DETAIL_SCALE for part in (detail, change))
        x = self.source(torch.cat([(mean - 128) / 64, detail], dim=1)) + self.change(rehearsed)
        x = x + F.interpolate(self.from8(stride8), scale_factor=2.0, mode="nearest")
        x = x + F.interpolate(self.from16(stride16), scale_factor=4.0, mode="nearest")
        for block in self.blocks:
            x = block(x, code)
        x = torch.relu(x)
        residual = self.residual(torch.cat([x, detail], dim=1)) + self.residual_change(rehearsed)
        y, *chroma = residual.split_with_sizes(PLANES, dim=1)
        luma = F.pixel_shuffle(folded[:, : PLANES[0]], 4)
        filtered = F.pixel_unshuffle(self.filter(luma, x, step), 4)
        return TRUST * change + torch.tanh(torch.cat([y + filtered, *chroma], dim=1)) * step


def _blank_convolution(width: int) -> nn.Conv2d:
    """A 3x3 convolution of a folded picture that starts at zero and draws no random numbers.

    So networks for levels come out the same with it and without.
    """
    blank: nn.Conv2d = skip_init(  # type: ignore[no-untyped-call]
        nn.Conv2d, sum(PLANES), width, 3, padding=1, bias=False
    )
    nn.init.zeros_(blank.weight)
    return blank


def _split(folded: Tensor) -> tuple[Tensor, Tensor]:
    """Each plane's mean over its block, shape (N, 3, h, w), and its samples less that, (N, 24, h, w)."""
    planes = folded.split_with_sizes(PLANES, dim=1)
    means = [plane.mean(1, keepdim=True) for plane in planes]
    detail = [plane - mean for plane, mean in zip(planes, means, strict=True)]
    return torch.cat(means, dim=1), torch.cat(detail, dim=1)
