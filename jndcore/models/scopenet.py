"""`scopenet`, the default network: one encoder, ordered QPs with their errors, and a decoder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from jndcore.models.bars import without_bars
from jndcore.models.base import Pixels, PlaneModel, Triple
from jndcore.models.content import shows_nothing
from jndcore.models.decoder import BLOCK, Decoder, fold_planes, unfold_planes
from jndcore.models.latent import ENCODER_CHANNELS, HIDDEN, STATISTICS, ConvUnit, Encoder, statistics
from jndcore.models.pictures import UNCHANGED, fit_luma, with_difference
from jndcore.models.registry import register_model
from jndcore.results import LEVELS, QP_MAX, QP_MIN

LEVEL_SPREAD = 3.0
"""Labels deviate by about 3 QP (VideoSet, and the clips trained on): the unit in which JND1 is told."""

DROPPED = 0.3
"""Share of the head's inputs and of its vector that training leaves out at random."""

BLANK_ERR = 1.5 * LEVEL_SPREAD
"""Standard error for pictures without content: no labelled clip is like them; more than the spread of all."""

ERR_LEAST = 0.3
"""No label is known better than this, in QP: a quarter of VideoSet's label noise at the first JND."""


@register_model("scopenet")
class ScopeNet(PlaneModel):
    """JND levels from a luma picture and its difference from the nearer of the frames next to it.

    The head gives JND1 and the two gaps up to JND2 and JND3; a gap is positive, so the levels are ordered
    by construction. `err_scale` is the factor, found on held-out clips, that makes the errors honest.

    Parameters
    ----------
    norm : bool
        With batch norms, as training needs them; `fold_norms` turns the network into one without.
    motion : bool
        Looks at the difference from a neighbouring frame too: motion hides losses.
    """

    rebuild_margin = 112
    rebuild_step = BLOCK
    err_scale: Tensor

    def __init__(self, *, norm: bool = False, motion: bool = False) -> None:
        super().__init__()
        self.motion = motion
        self.encoder = Encoder(1 + motion, norm=norm)
        self.head = nn.Sequential(
            nn.Dropout(DROPPED),
            nn.Linear(STATISTICS * ENCODER_CHANNELS[-1], HIDDEN),
            nn.ReLU(),
            nn.Dropout(DROPPED),
        )
        self.levels = nn.Linear(HIDDEN, len(LEVELS))
        self.log_err = nn.Linear(HIDDEN, len(LEVELS))
        self.decoder = Decoder()
        self.register_buffer("err_scale", torch.ones(len(LEVELS)))
        self.centre([25.0, 30.0, 33.0], 2.5)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # 3 x faster on CPUs

    def centre(self, qp: list[float], err: float) -> None:
        """Start the heads at an answer: the labels' mean and their spread."""
        gaps = [qp[0] / LEVEL_SPREAD, *(math.log(math.expm1(b - a)) for a, b in pairwise(qp))]
        with torch.no_grad():
            for layer, bias in ((self.levels, gaps), (self.log_err, [math.log(err)] * len(LEVELS))):
                layer.weight.mul_(0.1)
                layer.bias.copy_(torch.tensor(bias))

    def fold_norms(self) -> None:
        """Make the batch norms part of their convolutions, as evaluation applies them."""
        for module in self.modules():
            if isinstance(module, ConvUnit):
                module.fold()

    def describe(self, x: Tensor) -> Tensor:
        """The vector that the heads read, shape (N, 64)."""
        return self.judge(statistics(self.encoder(x)))

    def judge(self, pooled: Tensor) -> Tensor:
        """The vector that the heads read, from `statistics`; in full precision, which costs nothing here."""
        with torch.autocast(pooled.device.type, enabled=False):
            hidden: Tensor = self.head(pooled.to(self.dtype))
        return hidden

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights."""
        return self.levels.weight.dtype

    def prepare(self, picture: Pixels) -> NDArray[np.uint8]:
        """Luma at its own size, above 1280x720 shrunk to fit; shape (1, h, w)."""
        return fit_luma(picture.luma())[None]

    def beside(
        self, prepared: NDArray[np.uint8], neighbours: Sequence[NDArray[np.uint8]]
    ) -> NDArray[np.uint8]:
        """Luma, and its difference from the nearer neighbour; shape (2, h, w), see `with_difference`."""
        return with_difference(prepared[0], [other[0] for other in neighbours]) if self.motion else prepared

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What `predict` says of pictures as they are: bars count, and nothing is doubted more."""
        return self.answer(self.describe(x))

    def predict(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See `JNDModel.predict`; QPs lie in 8..47, the range in which x264's rates change.

        Black bars count for nothing; of a picture that shows nothing the error is `BLANK_ERR` at least.
        """
        parts = without_bars(x)
        told = [self(part) for part in parts]
        qp, err = (torch.cat(column) for column in zip(*told, strict=True))
        return qp, doubt_blank(torch.cat([shows_nothing(part) for part in parts]), err)

    def answer(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """QPs and errors from the vector that `describe` gives.

        The error is read off the vector as it is: learning it does not bend what the QPs are told from.
        """
        with torch.autocast(hidden.device.type, enabled=False):
            raw, log_err = self.levels(hidden).float(), self.log_err(hidden.detach()).float()
        gaps = torch.cat([raw[:, :1] * LEVEL_SPREAD, F.softplus(raw[:, 1:])], dim=1)
        qp = gaps.cumsum(1).clamp(QP_MIN, QP_MAX)
        err = log_err.clamp(max=3.0).exp().clamp(min=ERR_LEAST)
        return qp, err * self.err_scale

    def rebuild(self, source: Triple, rehearsed: Triple, qp: Tensor) -> Triple:
        """See `PlaneModel.rebuild`."""
        luma = _pad(source[0], BLOCK)
        folded, coded = (_fold_whole(planes) for planes in (source, rehearsed))
        rebuilt = folded + self.residual(folded, coded - folded, luma, qp)
        y, u, v = (
            plane.round_().clamp_(0, 255).to(torch.uint8)[..., : of.shape[-2], : of.shape[-1]]
            for plane, of in zip(unfold_planes(rebuilt), source, strict=True)
        )
        return y, u, v

    def residual(self, folded: Tensor, change: Tensor, luma: Tensor, qp: Tensor) -> Tensor:
        """What x264 at `qp` adds to padded frames that a rehearsal changes by `change`.

        All but `luma` is folded (see `fold_planes`), in code values.
        """
        # the encoder looks at the frame alone: how it moves has told in the rehearsal
        seen = torch.cat([luma, torch.full_like(luma, UNCHANGED)], dim=1) if self.motion else luma
        stride8, stride16 = self.encoder.local(seen)
        folded, change = (part.contiguous(memory_format=torch.channels_last) for part in (folded, change))
        residual: Tensor = self.decoder(folded, change, stride8, stride16, qp)
        return residual


def doubt_blank(blank: Tensor, err: Tensor) -> Tensor:
    """Standard errors, shape (N, 3), widened for those of N pictures that are blank."""
    return torch.maximum(err, BLANK_ERR * blank[:, None].to(err.dtype))


def _fold_whole(planes: Triple) -> Tensor:
    """`fold_planes` of planes that are continued to whole blocks."""
    y, *chroma = planes
    u, v = (_pad(plane, BLOCK // 2) for plane in chroma)
    return fold_planes(_pad(y, BLOCK).float(), u.float(), v.float())


def _pad(plane: Tensor, multiple: int) -> Tensor:
    """The plane with its last row and column repeated up to a whole number of blocks."""
    below, right = (-plane.shape[-2]) % multiple, (-plane.shape[-1]) % multiple
    return F.pad(plane.float(), (0, right, 0, below), mode="replicate") if below or right else plane
