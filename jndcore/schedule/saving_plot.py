"""Bits against quality, as a picture: schedules over shares of viewers, constants over QPs and CRFs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.results.atomic import replacing
from jndcore.schedule.rates import METRICS, RateCurve

STYLES = {
    "schedule by QP": ("#0072b2", "-", "o"),
    "schedule by CRF, mapped": ("#d55e00", "-", "s"),
    "schedule by CRF, matched": ("#e69f00", "-", "^"),
    "constant QP": ("#0072b2", ":", "o"),
    "constant CRF": ("#d55e00", ":", "s"),
}
"""Colour (Okabe and Ito's, told apart by the colour-blind), line and marker."""


def draw_rates(reels: Sequence[Sequence[RateCurve]], path: Path) -> None:
    """Draw an SVG file: bytes of all reels against mean XPSNR and against the median worst shot's viewers.

    Parameters
    ----------
    reels : sequence of sequence of RateCurve
        At least one; see `jndcore.schedule.rates.rate_curves`.
    path : Path

    Raises
    ------
    JNDError
        Where the extra ``report`` is not installed, or the file cannot be written.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise JNDError("A plot needs the extra that draws: pip install 'jndscope[report]'.") from error
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots(1, 2)
    for curves in zip(*reels, strict=True):
        colour, line, marker = STYLES[curves[0].name]
        size = np.sum([curve.bytes for curve in curves], axis=0) / 1e6
        for axis, quality in zip(axes, _qualities(curves), strict=True):
            axis.plot(size, quality, color=colour, ls=line, marker=marker, ms=4, lw=1.4, label=curves[0].name)
    for axis, title in zip(axes, (f"{METRICS[0]}, dB", f"{METRICS[1]}, %"), strict=True):
        axis.set_xscale("log")
        axis.set_xlabel("bits of all reels, MB")
        axis.set_title(title, fontsize=10)
        axis.grid(alpha=0.25, which="both", lw=0.5)
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter("")
    axes[0].legend(fontsize=8, frameon=False)
    with replacing(path) as temporary, rc_context({"svg.hashsalt": "jnd", "svg.fonttype": "none"}):
        figure.savefig(temporary, format="svg", metadata={"Date": None})


def _qualities(curves: Sequence[RateCurve]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean over the reels of XPSNR, and the median of the worst shot's viewers, setting by setting."""
    xpsnr = np.mean([curve.xpsnr for curve in curves], axis=0)
    return xpsnr, np.median([curve.worst for curve in curves], axis=0)
