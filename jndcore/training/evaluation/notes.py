"""What a reader must know of an evaluation's figures."""

from __future__ import annotations

from collections.abc import Sequence

from jndcore.results import OBSERVER_SD
from jndcore.training.datasets.base import WORSE
from jndcore.training.evaluation.distances import SUR_QPS
from jndcore.training.evaluation.records import Report, Row
from jndcore.training.evaluation.runs import X264
from jndcore.training.figures import RESAMPLES


def write_notes(report: Report, unencoded: str) -> tuple[str, ...]:
    """The notes that a report calls for.

    Parameters
    ----------
    report : Report
    unencoded : str
        Why figures that rest on encodes are left out; empty where they are not.
    """
    rows, split = report.rows, report.folds == 0
    notes = [
        f"Labels: {report.labels}.",
        f"Intervals: 95 %, percentiles of {RESAMPLES:,} draws of groups of clips. All rows have the same "
        + (
            "clips and labels, the set's own part for tests, which no fit saw."
            if split
            else "clips, labels and folds; each clip is judged by a fit that never saw its group."
        ),
        "Constant guess: the median label of the clips trained on"
        + (", as the runs state it." if split else ", fold by fold."),
    ]
    if WORSE.get(report.scale) == -1:
        notes += [
            f"Bias: predicted less label. A lower {report.scale} is the worse picture, so a bias above 0 "
            "asks for better pictures than viewers need, one below 0 for worse."
        ]
    notes += _encodes(unencoded, split)
    notes += [_curves(rows) if report.scale == X264 else _no_curves(report.scale)]
    if any(level.crps for row in rows if row.scores for level in row.scores.levels):
        notes += [
            "Inside 80 %: share of labels inside the network's own 80 % interval; in brackets where 95 of "
            "100 such shares would lie if its errors were honest. Errors that were scaled on these same "
            "clips are inside by construction.",
            "CRPS: of a normal with the network's answer and standard error, on the labels' scale; for an "
            "answer without an error, such as the constant, it is the MAE.",
        ]
    if moving := next((row.real_motion for row in rows if row.real_motion), None):
        notes += [
            f"Real motion: the {moving.clips} clips called v01, v02 and so on, from {moving.groups} sources; "
            "so few sources make intervals that are too narrow."
        ]
    notes += [
        f"{row.name}: this version knows no network {row.network}, so its cost is not told."
        for row in rows
        if row.network and not row.cost
    ]
    if any(row.kind == "untrained" for row in rows):
        notes += ["Not trained here: no figure is known; the command beside the name makes it."]
    if any(row.cost for row in rows):
        notes += [
            "GFLOPs: multiplications and additions, two a multiply-add, for the QPs of one picture of the "
            "network's input; frames a second in float32, without reading and scaling, all networks in turns "
            "in one run. Other work on the machine slows small networks most: measure on an idle one."
        ]
    return tuple(notes)


def _encodes(unencoded: str, split: bool) -> list[str]:
    if unencoded:
        return [f"PSNR error and one trial encode: left out; {unencoded}."]
    return [
        "One trial encode: left out; the clips trained on, to which its line is fitted, are not in the runs' "
        "files."
        if split
        else "One trial encode: JND = a + b log2(bits a second of the encode at QP 30, scaled to 1280x720 by "
        "area), least absolute errors over the clips trained on. It needs an encode of the clip; a network "
        "does not.",
        "PSNR error: the distance in dB between encodes at the predicted and at the label's QP (libx264, "
        "preset medium, -qp N, one thread; QPs rounded, within 8 to 47); luma PSNR of a clip's mean squared "
        "error.",
    ]


def _curves(rows: Sequence[Row]) -> str:
    spread = [row.name for row in rows if row.own_spread]
    others = f"all rows but {', '.join(spread)}" if spread else "all rows"
    return (
        f"SUR error: mean distance of the first JND's curve from the label's over QP {SUR_QPS[0]:.0f} to "
        f"{SUR_QPS[-1]:.0f}, in points of per cent of viewers. The label's curve is a normal of VideoSet's "
        f"spread between observers, {OBSERVER_SD[0]} QP, and {others} take that spread too, so that only "
        "the QP can be wrong."
    )


def _no_curves(scale: str) -> str:
    return (
        f"SUR error: left out; labels are {scale}, and the spread between observers that curves are drawn "
        "with is known in QP of x264."
    )
