"""``jnd bench --models``: the default network beside the paper's, on the same cores in the same minutes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from jndcore.models import create_model
from jndcore.predict.devices import choose_device

if TYPE_CHECKING:
    from jndcore.models.base import JNDModel

REFERENCE = "MJ-LAT"
"""What the others are measured by: the paper's fastest system that tells all levels."""

SYSTEMS = (REFERENCE, "LAT", "MJ-REC", "REC")
"""The paper's; E2E-LAT and E2E-REC reach their QPs as LAT and REC do."""


def bench_models(model: str, device: str) -> None:
    """Print the rows of `model_lines` for a model and the paper's systems, each as soon as it is known."""
    for line in model_lines(compared_models(model), device):
        print(line, flush=True)


def compared_models(model: str) -> dict[str, JNDModel]:
    """The model of that name, and the paper's systems for three levels.

    Their weights are fresh, for which numbers are multiplied makes no difference to the speed.
    """
    from jndcore.training.evaluation.costs import build_of  # torch comes with it

    systems = {name: create_model(name, **build_of(name, (1, 2, 3))) for name in SYSTEMS}
    return {model: create_model(model), **systems}


def model_lines(models: Mapping[str, JNDModel], device: str = "auto") -> Iterator[str]:
    """Parameters, GFLOP and pictures a second of each model's way to its QPs, as lines of text.

    Parameters
    ----------
    models : mapping of str to JNDModel
        With one called `REFERENCE`, to whose speed the others' is the ratio.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``: a GPU is measured after the CPU.

    Raises
    ------
    JNDError
        Where there is no such device.
    """
    from jndcore.training.evaluation.cost import TURNS, measure_cost, measure_speeds

    devices = {found.name: found for found in (choose_device("cpu"), choose_device(device))}
    costs = {name: measure_cost(model) for name, model in models.items()}
    gflops = {name: cost.gflops for name, cost in costs.items()}
    width = max(map(len, models))
    yield f"QPs of a 1280x720 frame, float32, median of {TURNS} turns in which the models alternate"
    for found in devices.values():
        speeds = measure_speeds(models, gflops, found)
        yield ""
        yield found.label
        heads = f"{'parameters':>12}{'GFLOP':>9}{'batch':>7}{'frames/s':>10}{'x ' + REFERENCE:>10}"
        yield f"{'model':{width}}{heads}  its input"
        for name, cost in costs.items():
            speed = speeds[name]
            ratio = speed.frames_a_second / speeds[REFERENCE].frames_a_second
            figures = f"{cost.parameters:12,}{cost.gflops:9.2f}{speed.batch:7}{speed.frames_a_second:10.2f}"
            yield f"{name:{width}}{figures}{ratio:10.2f}  {cost.input}"
