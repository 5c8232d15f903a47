"""What one probe encode adds to a prediction, and what a VMAF search comes to without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndcore.schedule.correction import Difference, difference, held_out_errors
from jndcore.schedule.curves import Curves
from jndcore.schedule.probe import Probe

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """How near a way of finding QPs comes.

    Attributes
    ----------
    name : str
    mae : float
        Mean absolute distance to the labels, QP.
    gain : Difference
        To the error of the prediction alone; below 0 is better.
    teacher_mae, teacher_gain : float and Difference, or None
        The same against the QP at which the teacher's share of viewers crosses 75 %, which contains no VMAF.
        All that is known is fitted to it anew, held out, the prediction too. None where nothing is fitted.
    """

    name: str
    mae: float
    gain: Difference
    teacher_mae: float | None = None
    teacher_gain: Difference | None = None


def worth(
    predicted: Array,
    label: Array,
    constant: Array,
    group: Sequence[str],
    curves: Curves,
    probes: Sequence[Probe] | None = None,
    *,
    first: Array | None = None,
) -> Iterator[Worth]:
    """Compare, on clips held out: a constant, the prediction, it with a probe, and a search.

    Parameters
    ----------
    predicted, label, constant : ndarray, shape (C,)
        QPs of one level; predictions from networks that did not see the clip.
    group : sequence of str
        Clips of one group are held out together.
    curves : Curves
        The clips'. Probes at the predicted QP are read off them, so nothing need be encoded.
    probes : sequence of Probe, optional
        Real ones at the QP predicted for level 1, rounded: for XPSNR, which the tables lack.
    first : ndarray, shape (C,), optional
        Predictions of level 1, where the level is another.
    """
    teacher, residual = curves.teacher_sur75, label - predicted
    alone, alone_teacher = np.abs(residual), held_out_errors(_columns(predicted), teacher, group)

    def fitted(name: str, target: Array, *features: Array) -> Worth:
        mine = held_out_errors(_columns(*features), target, group)
        other = held_out_errors(_columns(*features), teacher, group)
        gains = difference(mine, alone, group), difference(other, alone_teacher, group)
        return Worth(name, float(mine.mean()), gains[0], float(other.mean()), gains[1])

    def plain(name: str, errors: Array) -> Worth:
        return Worth(name, float(errors.mean()), difference(errors, alone, group))

    psnr, vmaf, rate = (curves.at(all_, predicted) for all_ in (curves.psnr, curves.vmaf, curves.log_rate))
    yield plain("constant guess", np.abs(label - constant))
    yield plain("prediction alone", alone)
    yield fitted("prediction, on a line fitted to it", residual, predicted)
    yield fitted("+ probe: PSNR", residual, predicted, psnr)
    yield fitted("+ probe: PSNR and bits", residual, predicted, psnr, rate)
    further = predicted + 6
    yield fitted(
        "+ two probes, 6 QP apart: PSNR and bits",
        residual,
        predicted,
        psnr,
        rate,
        curves.at(curves.psnr, further) - psnr,
        curves.at(curves.log_rate, further) - rate,
    )
    if probes is not None:
        xpsnr = np.array([one.xpsnr for one in probes])
        size = np.log2([one.bytes for one in probes] * curves.scale)
        at = predicted if first is None else first
        yield fitted("+ probe: XPSNR", residual, at, xpsnr)
        yield fitted("+ probe: XPSNR and bits", residual, at, xpsnr, size)
    yield fitted("+ probe: VMAF", residual, predicted, vmaf)
    if first is None:  # on the scale of VMAF's crossing
        yield plain("search: where VMAF crosses 95", np.abs(label - curves.vmaf95))
    yield fitted("search, on a line fitted to it", label, curves.vmaf95)


def _columns(*features: Array) -> Array:
    return np.stack(features, axis=1)
