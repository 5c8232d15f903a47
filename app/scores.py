"""The scores of an encode's frames, as people read them."""

from __future__ import annotations

from typing import NamedTuple

from app.state import Score


class Scale(NamedTuple):
    """How a score is written and plotted.

    Attributes
    ----------
    title, unit : str
    digits : int
        Behind the decimal point.
    span : float
        The plot shows this much of it at least.
    """

    title: str
    unit: str
    digits: int
    span: float


SCALES: dict[Score, Scale] = {
    "xpsnr": Scale("XPSNR", " dB", 2, 2.0),
    "psnr": Scale("PSNR", " dB", 2, 2.0),
    "ssim": Scale("SSIM", "", 4, 0.004),
    "vmaf": Scale("VMAF", "", 1, 4.0),
    "bits": Scale("Bits", " kbit", 1, 1.0),
}
"""The first one that is known is plotted first."""


def score_value(score: Score, value: float) -> str:
    """A value with its unit."""
    scale = SCALES[score]
    return f"{value:.{scale.digits}f}{scale.unit}"
