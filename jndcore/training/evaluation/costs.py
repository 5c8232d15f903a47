"""Costs of the networks in a table: counted anew each time, speeds measured only when asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from jndcore.errors import JNDError
from jndcore.models import create_model
from jndcore.training.evaluation.cost import measure_cost, measure_speeds
from jndcore.training.evaluation.records import Cost, Report, Row

if TYPE_CHECKING:
    from jndcore.models.base import JNDModel

Progress = Callable[[str, float], None]

LEVEL_BY_LEVEL = ("LAT", "REC", "E2E-LAT", "E2E-REC")
"""Networks whose builder asks for levels, and builds one network for each."""


def build_of(network: str, levels: Any) -> dict[str, Any]:
    """Arguments of `create_model` for a network that tells `levels`; none where it always tells all."""
    return {"levels": levels} if network in LEVEL_BY_LEVEL else {}


def add_costs(rows: Sequence[Row], earlier: Report | None, *, measure: bool, progress: Progress) -> list[Row]:
    """The same rows, those of networks with their cost and speed.

    A network that this version does not know has no cost.

    Parameters
    ----------
    rows : sequence of Row
    earlier : Report or None
        Where speeds are taken from that are not measured.
    measure : bool
        Measure all speeds now.

    Raises
    ------
    JNDError
        Where a run's `build` does not fit its network.
    """
    costs: dict[str, Cost] = {}
    models: dict[str, JNDModel] = {}
    asked = {_key(row): row for row in rows if row.network}
    for done, (key, row) in enumerate(asked.items(), 1):
        if model := _create(row):
            costs[key] = measure_cost(model)
            if measure:
                models[key] = model
        progress("counting operations", done / len(asked))
    speeds = {_key(row): row.speed for row in earlier.rows if row.speed} if earlier else {}
    if measure:
        speeds = dict(measure_speeds(models, {key: cost.gflops for key, cost in costs.items()}))
    return [
        row.model_copy(update={"cost": costs.get(_key(row)), "speed": speeds.get(_key(row))}) for row in rows
    ]


def _key(row: Row) -> str:
    return f"{row.network} {json.dumps(_way_to_qps(row), sort_keys=True)}"


def _way_to_qps(row: Row) -> dict[str, Any]:
    """The row's build without autoencoders that only rebuild frames: they cost an answer nothing."""
    return {name: value for name, value in row.build.items() if name != "reconstruction"}


def _create(row: Row) -> JNDModel | None:
    try:
        return create_model(row.network, **_way_to_qps(row))
    except JNDError:
        return None  # `write_notes` says so
    except (TypeError, ValueError) as error:
        where = "toml" if row.kind == "untrained" else "run.json"
        raise JNDError(
            f"{row.name}: {row.network} cannot be built with {row.build} ({error}); correct the {where}."
        ) from error
