"""What a prediction, a probe and a search cost: CPU seconds, measured in one run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.media import Reader, open_video
from jndcore.predict import Finished, analyse
from jndcore.results import Analysis
from jndcore.schedule.probe import PROBE_FRAMES, probe
from jndcore.schedule.search import PROBES, TARGET, search, vmaf_at

if TYPE_CHECKING:
    from jndcore.predict.predictor import Predictor

T = TypeVar("T")

SHOT = 5.0
"""Seconds that all costs are given for."""

SPARSE = 5
"""Every so many frames, for the cheaper analysis: still 30 of a shot's 150."""

GOALS = {"prediction": 20, "refine": 3}
"""How many times cheaper than the search."""


@dataclass(frozen=True)
class Costs:
    """CPU seconds, all cores and child processes, of `SHOT` seconds of a video; decoding is counted.

    Attributes
    ----------
    predict, sparse : float
        Analysis of every frame, and of every `SPARSE` th.
    probe : float
        One of `PROBE_FRAMES` frames, whatever the shot's length.
    search : float
        Encodes of the whole shot and their VMAF.
    probes : int
        That the search took.
    found : float
        QP that it ended at.
    apart, most : float
        How far the shots' levels of the sparse analysis lie from those of the full one, QP: mean and largest.
    """

    predict: float
    sparse: float
    probe: float
    search: float
    probes: int
    found: float
    apart: float
    most: float


def measure_costs(video: Path, predictor: Predictor) -> Costs:
    """Run all on `video`, one after the other; costs are scaled to `SHOT` seconds by the number of frames.

    Raises
    ------
    JNDError
        Where the video cannot be read or encoded, or the extra ``vmaf`` is not installed.
    """
    with open_video(video) as reader:
        frames, fps = len(reader), Fraction(reader.info.fps or 25)
        share = SHOT * float(fps) / frames
        _exhaust(analyse(reader, predictor, every=frames))  # the first pass builds the kernels
        predict, full = _cpu(lambda: _exhaust(analyse(reader, predictor)))
        sparse, few = _cpu(lambda: _exhaust(analyse(reader, predictor, every=SPARSE)))
    with open_video(video, cache_bytes=0) as reader:
        one, _ = _cpu(lambda: _probe(reader, max(0, frames - PROBE_FRAMES) // 2, fps))
    whole, (found, made) = _cpu(lambda: search(lambda qp: vmaf_at(video, qp)))
    apart = np.abs(_pooled(full) - _pooled(few)) if len(full.shots) == len(few.shots) else np.full(1, np.nan)
    return Costs(
        predict * share,
        sparse * share,
        one,
        whole * share,
        made,
        found,
        float(apart.mean()),
        float(apart.max()),
    )


def cost_lines(costs: Costs) -> Iterator[str]:
    """The costs as lines of text, with their ratios to the search."""
    full = costs.search / costs.probes * PROBES
    yield f"CPU seconds for a shot of {SHOT:g} s, decoding counted"
    yield f"{f'VMAF search of {PROBES} probes':44}{full:8.2f}  from the next line"
    ended = f"ended at QP {costs.found:.1f} for VMAF {TARGET:g}"
    yield f"{f'the search as it went, {costs.probes} probes':44}{costs.search:8.2f}  {ended}"
    for name, seconds, goal in (
        ("predict, every frame", costs.predict, "prediction"),
        (f"predict, every {SPARSE}th frame", costs.sparse, "prediction"),
        ("predict, every frame, + one probe", costs.predict + costs.probe, "refine"),
        (f"predict, every {SPARSE}th frame, + one probe", costs.sparse + costs.probe, "refine"),
    ):
        ratios = f"{full / seconds:.1f} x cheaper than {PROBES} probes"
        went = f"{costs.search / seconds:.1f} x than the search as it went"
        yield f"{name:44}{seconds:8.2f}  {ratios}, {went}; goal: {GOALS[goal]} x"
    yield (
        f"levels of the shots, every {SPARSE}th frame against every frame: {costs.apart:.2f} QP apart on the "
        f"average, {costs.most:.2f} at most"
    )


def _probe(reader: Reader, start: int, fps: Fraction) -> None:
    """As `--refine` does in the middle of a shot: decoding starts at the key frame before."""
    probe([frame.planes() for frame in reader.frames(start, start + PROBE_FRAMES)], 30, fps)


def _cpu(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds, user and system, of this process and of the children that it waited for."""
    before = os.times()
    result = work()
    return sum(b - a for a, b in zip(before[:4], os.times()[:4], strict=True)), result


def _exhaust(steps: Iterable[object]) -> Analysis:
    """What an analysis comes to."""
    for step in steps:
        if isinstance(step, Finished):
            return step.analysis
    raise JNDError("the analysis ended before it was complete; run it again.")


def _pooled(analysis: Analysis) -> NDArray[np.float64]:
    """Levels of each of S shots, shape (S, 3)."""
    return np.concatenate([shot.prediction.qp for shot in analysis.shots])
