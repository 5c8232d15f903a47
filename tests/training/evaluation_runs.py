"""Made-up runs for the tests of the evaluation."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

IDS = ("k0", "k1", "k2", "k3", "v01", "v02")
GROUPS = ("a", "a", "b", "c", "d", "d")
FOLD = (0, 0, 1, 1, 2, 2)
LABEL = np.array(
    [[20.0, 25, 28], [24, 29, 32], [28, 33, 36], [32, 37, 40], [22, 27, 30], [34.5, 39, 42]], dtype=float
)


def write_run(
    path: Path,
    qp: np.ndarray,
    *,
    ids: Sequence[str] = IDS,
    groups: Sequence[str] = GROUPS,
    fold: Sequence[object] = FOLD,
    label: np.ndarray = LABEL,
    **figures: np.ndarray,
) -> Path:
    """A file of held-out predictions; NaN is written as an empty cell."""
    tables = {"label": label, "qp": qp, **figures}
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "group", "fold", *(f"{name}{k}" for name in tables for k in (1, 2, 3))])
        for i, clip in enumerate(ids):
            cells = [
                value for values in tables.values() for value in np.broadcast_to(values, (len(ids), 3))[i]
            ]
            table.writerow([clip, groups[i], fold[i], *("" if np.isnan(c) else f"{c:.3f}" for c in cells)])
    return path


def tell(path: Path, **about: object) -> None:
    """The ``NAME.run.json`` beside a file of held-out predictions."""
    stem = path.name.removesuffix(".oof.csv").removesuffix(".test.csv")
    path.with_name(f"{stem}.run.json").write_text(json.dumps(about))
