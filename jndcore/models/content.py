"""Pictures that show nothing: one grey, or noise without structure."""

from __future__ import annotations

from torch import Tensor

STEP = 8
"""Every eighth sample each way says enough of a picture."""

LEAST_VARIANCE = 1.0
"""Of luma, code values squared: below, a picture is flat."""

LEAST_CORRELATION = 0.3
"""Between a sample and its neighbour: noise has none, pictures have 0.9 and more, grainy ones 0.6."""


def shows_nothing(x: Tensor) -> Tensor:
    """Which pictures of a batch have no content that a network could judge.

    Parameters
    ----------
    x : Tensor of uint8, shape (N, C, h, w)
        Luma first.

    Returns
    -------
    Tensor of bool, shape (N,)
    """
    here, beside = x[:, 0, ::STEP, :-1:STEP].float(), x[:, 0, ::STEP, 1::STEP].float()
    variance = here.flatten(1).var(1, unbiased=False)
    change = (here - beside).square().flatten(1).mean(1)
    correlated = variance - change / 2
    return (variance < LEAST_VARIANCE) | (correlated < LEAST_CORRELATION * variance)
