import pytest
import torch
from keras_files import FILES, facts, layers_of
from torch.utils.flop_counter import FlopCounterMode

from jndcore.models import create_model
from jndcore.models.paper.keras_layout import SYSTEMS, keras_layers, keras_shapes

TABLE = {  # million parameters, GFLOP at 640x352; of the paper's own graphs
    "LAT": (9.78, 17.6),
    "E2E-LAT": (11.23, 34.2),
    "REC": (8.08, 181.4),
    "E2E-REC": (8.08, 181.4),
    "MJ-LAT": (26.07, 51.2),
    "MJ-REC": (13.89, 260.8),
}

KINDS = {"conv2d_transpose": "transposed", "conv2d": "conv", "dense": "dense", "batch_normalization": "norm"}


def kind(layer: str) -> str:
    if layer == "JNDImg":
        return "transposed"
    if layer.endswith("_output"):
        return "dense"
    return next(ours for theirs, ours in KINDS.items() if layer.startswith(theirs))


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_layout_is_that_of_the_file(system: str) -> None:
    weighted = [(name, weights) for name, weights in layers_of(system) if weights]
    assert [kind(name) for name, _ in weighted] == [layer.kind for layer in keras_layers(system)]
    assert tuple(tuple(shape) for _, weights in weighted for _, shape in weights) == keras_shapes(system)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_layer_of_the_network_has_its_place(system: str) -> None:
    paths = [layer.path for layer in keras_layers(system)]
    assert len(set(paths)) == len(paths)
    with torch.device("meta"):
        network = create_model(system)
    own = {name.rsplit(".", 1)[0] for name, _ in network.named_parameters()}
    assert {path.removeprefix("nets.0.").removeprefix("backbones.0.") for path in own} == {
        path.removeprefix("backbones.0.") for path in paths
    }


@pytest.mark.parametrize("system", TABLE)
def test_size_and_cost_are_those_of_the_authors_graphs(system: str) -> None:
    millions, gflops = TABLE[system]
    with torch.device("meta"):
        network = create_model(system)
        picture = torch.zeros(1, 3, 352, 640)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(picture)
    held = sum(t.numel() for name, t in network.state_dict().items() if not name.endswith("tracked"))
    stored = sum(
        torch.Size(shape).numel() for _, weights in facts(FILES[system])["layers"] for _, shape in weights
    )
    assert held == stored
    assert held / 1e6 == pytest.approx(millions, abs=0.005)
    # theirs counts biases and pooling too
    assert counter.get_total_flops() / 1e9 == pytest.approx(gflops, rel=0.005)
