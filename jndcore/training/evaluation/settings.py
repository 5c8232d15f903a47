"""A run's settings as one short cell: what differs from the paper's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jndcore.training.systems.config import TrainConfig

PAPER = TrainConfig(network="MJ-LAT").model_dump(mode="json")
"""The defaults of a training configuration are the paper's settings."""

ELSEWHERE = {"": ("network", "title"), "data": ("kind", "resolution", "codec", "folds")}
"""What a table tells in other places, by group."""

SMALL = 1e-3
"""Numbers below are written as powers of ten."""


def shown_settings(network: str, settings: Any) -> str:
    """What differs from the paper's settings, as ``seed 1; head: 12 epochs, rate 1e-4, flip``.

    Parameters
    ----------
    network : str
        ``scopenet`` has a recipe of its own, so nothing that differs says nothing.
    settings : Any
        As a run tells them: a dumped `TrainConfig`; other dictionaries are shown as far as they can be, and
        other values as they are.
    """
    if not isinstance(settings, Mapping):
        return "" if settings is None else str(settings)
    groups = _groups("", settings, PAPER)
    shown = "; ".join(f"{name}: {', '.join(parts)}" if name else ", ".join(parts) for name, parts in groups)
    return shown or ("" if network == "scopenet" else "the paper's")


def _groups(name: str, settings: Mapping[str, Any], paper: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """What differs, by group: first the group's own, then that of groups inside; none that is empty."""
    inside = {key: value for key, value in settings.items() if isinstance(value, Mapping)}
    own = [
        _shown(key, value)
        for key, value in settings.items()
        if key not in inside and key not in ELSEWHERE.get(name, ()) and value != paper.get(key)
    ]
    found = [(name, own)] if own else []
    for key, value in inside.items():
        known = paper.get(key)
        found += _groups(f"{name} {key}".strip(), value, known if isinstance(known, Mapping) else {})
    return found


def _shown(key: str, value: Any) -> str:
    name = key.replace("_", " ")
    if isinstance(value, bool):
        return name if value else f"no {name}"
    if key == "epochs":
        return f"{value} epochs"
    return f"{name} {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, float) and 0 < abs(value) < SMALL:
        mantissa, exponent = f"{value:e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
