"""What reels' schedules save, as tables in Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from jndcore.schedule.rates import METRICS, RIVAL, RateCurve, bd_rates
from jndcore.schedule.reel import Reel
from jndcore.schedule.saving import Spent, saved

TITLES = {
    "schedule": "schedule by QP, as predicted",
    "guard": "constant QP that guards the worst shot, as predicted",
    "equal": "constant QP of equal worst-shot SUR, by the labels",
    "crf schedule": "schedule by CRF, by the map",
    "crf exact": "schedule by CRF, matched by trial encodes",
    "crf guard": "constant CRF that guards the worst shot, as predicted",
    "crf equal": "constant CRF of equal worst-shot SUR, by the labels",
    "perfect": "schedule by QP, were the labels predicted",
    "perfect guard": "constant QP that guards the worst shot, by the labels",
}
AGAINST = {"guard": "schedule", "equal": "schedule", "perfect guard": "perfect", "crf guard": "schedule"}
AGAINST |= {"crf equal": "schedule", "crf schedule": "schedule", "crf exact": "schedule"}
"""The schedule that each is compared with."""


@dataclass(frozen=True)
class Outcome:
    """Of one reel: what each choice costs, by its name, and the curves over settings."""

    reel: Reel
    spent: Mapping[str, Spent]
    curves: Sequence[RateCurve]


def savings_table(outcomes: Sequence[Outcome]) -> str:
    """Markdown: each choice over all reels, and what the schedules save, reel by reel in the brackets."""
    lines = [
        "| QPs or CRFs | bits, MB | worst-shot SUR, % | shots that fall short | the schedule saves |",
        "|---|---|---|---|---|",
    ]
    total = sum(len(outcome.reel.clips) for outcome in outcomes)
    for name in outcomes[0].spent:
        mine = [outcome.spent[name] for outcome in outcomes]
        worst = np.array([one.worst for one in mine])
        rival = AGAINST.get(name, "" if name in TITLES else "schedule")
        cells = [
            TITLES.get(name, name),
            f"{sum(one.bytes for one in mine) / 1e6:.2f}",
            f"{np.median(worst):.0f} ({worst.min():.0f} to {worst.max():.0f})",
            f"{sum(one.short for one in mine)} of {total}",
            _saved([outcome.spent[rival] for outcome in outcomes], mine) if rival else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def bd_table(outcomes: Sequence[Outcome]) -> str:
    """Markdown: BD-rates against one constant CRF, median and range over the reels."""
    curves = [outcome.curves for outcome in outcomes]
    found = [bd_rates(curves, metric) for metric in METRICS]
    lines = [f"| BD-rate against {RIVAL}, by | {' | '.join(METRICS)} |", "|---|---|---|"]
    for name in found[0]:
        cells = [_spread(rates[name]) for rates in found]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def document(outcomes: Sequence[Outcome], settings: Mapping[str, Any]) -> dict[str, Any]:
    """All of it, reel by reel, as JSON holds it."""
    return {
        "version": 2,
        **settings,
        "reels": [
            {
                "clips": outcome.reel.clips,
                "predicted": outcome.reel.predicted.round(3).tolist(),
                "label": outcome.reel.label.tolist(),
                "choices": [asdict(one) for one in outcome.spent.values()],
                "curves": list(_curves(outcome)),
            }
            for outcome in outcomes
        ],
    }


def _curves(outcome: Outcome) -> Iterator[dict[str, Any]]:
    for curve in outcome.curves:
        yield {
            "name": curve.name,
            "bytes": curve.bytes.round().tolist(),
            "xpsnr": curve.xpsnr.round(3).tolist(),
            "worst": curve.worst.round(2).tolist(),
        }


def _saved(schedules: Sequence[Spent], rivals: Sequence[Spent]) -> str:
    each = [saved(a, b) for a, b in zip(schedules, rivals, strict=True)]
    whole = 100 * (1 - sum(one.bytes for one in schedules) / sum(one.bytes for one in rivals))
    return f"{whole:+.0f} % ({min(each):+.0f} to {max(each):+.0f})"


def _spread(values: np.ndarray[Any, np.dtype[np.float64]]) -> str:
    known = values[np.isfinite(values)]
    if not len(known):
        return "no quality in common"
    lacking = f", of {len(known)} reels" if len(known) < len(values) else ""
    return f"{np.median(known):+.1f} % ({known.min():+.1f} to {known.max():+.1f}{lacking})"
