"""Why a figure is missing, or a command cannot be used, in a sentence for its tool tip."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from app.state import AppState


def no_video(state: AppState) -> str:
    """No video is open yet; empty where one is."""
    return {"empty": "Open a video first.", "opening": "The video is still being opened."}.get(
        state.document.status, ""
    )


def told(values: NDArray[np.float64]) -> tuple[int, ...]:
    """Levels that a frame's QPs, shape (3,), tell: those that are not NaN."""
    return tuple(int(column) + 1 for column in np.flatnonzero(~np.isnan(values)))


def no_level(model: str, levels: Iterable[int]) -> str:
    """The model tells `levels`, and no other."""
    return f"{model} tells {' and '.join(f'JND{level}' for level in levels)} only."


def no_error(model: str) -> str:
    """The model has no standard error."""
    return f"{model} gives no error of its own."


def no_spread(model: str) -> str:
    """The model has no spread between observers."""
    return f"{model} says nothing of the spread between observers."


def crossing(model: str, values: NDArray[np.float64]) -> str:
    """Which levels of a frame's QPs, shape (3,), lie in the wrong order; empty where all are in order."""
    pairs = [f"JND{k} above JND{k + 1}" for k in (1, 2) if values[k] < values[k - 1]]
    return f"{' and '.join(pairs)}: {model} does not order its levels." if pairs else ""


def not_shown(model: str, level: int, shown: tuple[int, ...]) -> str:
    """The model rebuilds no frames, or none at `level`, and how to change that."""
    at = f" at JND{level}" if shown else ""
    return (
        f"{model} rebuilds no frames{at}.\n"
        "Import the reconstruction files together with its own (jnd weights import), then choose it again."
    )
