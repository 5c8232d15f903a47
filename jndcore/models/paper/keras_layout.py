"""Where the weights of each published Keras file belong in our networks.

Layer names carry counters that differ from file to file, so a weight is known by its place in the file and by
its shape. The order is Keras 2's: by depth of the graph, and branches that run side by side alternate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Literal, NamedTuple

import torch
from torch import nn

from jndcore.models.paper import systems
from jndcore.models.paper.autoencoder import Autoencoder
from jndcore.results import LEVELS

Kind = Literal["conv", "transposed", "dense", "norm"]
Shape = tuple[int, ...]

AUTOENCODER = "autoencoder"

SINGLE = ("LAT", "E2E-LAT", "REC", "E2E-REC")
"""Systems with a file for each level."""

JOINT = ("MJ-LAT", "MJ-REC")
"""Systems that tell all levels from one file."""

SYSTEMS = (*SINGLE, *JOINT, AUTOENCODER)


class Layer(NamedTuple):
    """A layer with weights and the path of its module in the network of its file."""

    kind: Kind
    path: str


TENSORS: dict[Kind, tuple[str, ...]] = {
    "conv": ("weight", "bias"),
    "transposed": ("weight", "bias"),
    "dense": ("weight", "bias"),
    "norm": ("weight", "bias", "running_mean", "running_var"),
}
"""Our names of a layer's weights, in Keras' order."""

_NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "LAT": systems.LATNet,
    "E2E-LAT": systems.E2ELATNet,
    "REC": systems.RECNet,
    "E2E-REC": systems.RECNet,
    "MJ-LAT": systems.MJLAT,
    "MJ-REC": systems.MJREC,
    AUTOENCODER: Autoencoder,
}

CORNERS = (0, 2, 4, 6)
"""Places of the weighted layers in encoder and decoder, activations between them."""


def keras_layers(system: str) -> tuple[Layer, ...]:
    """The weighted layers of a system's file, in its order; paths as in `network_of_file`."""
    return tuple(_LAYERS[system]())


@cache
def keras_shapes(system: str) -> tuple[Shape, ...]:
    """Shapes of all weights of a system's file, in its order, as Keras has them."""
    with torch.device("meta"):
        network = _NETWORKS[system]()
    return tuple(
        _keras_shape(layer.kind, getattr(network.get_submodule(layer.path), name).shape)
        for layer in keras_layers(system)
        for name in TENSORS[layer.kind]
    )


def to_torch(kind: Kind, weight: torch.Tensor) -> torch.Tensor:
    """A weight with its axes as torch has them.

    Kernels come as (h, w, in, out), transposed ones as (h, w, out, in), dense ones as (in, out). `Flatten`
    orders its features as Keras does, so dense layers behind it need nothing more.
    """
    if kind in ("conv", "transposed") and weight.ndim == 4:
        return weight.permute(3, 2, 0, 1)
    return weight.T if weight.ndim == 2 else weight


def _keras_shape(kind: Kind, shape: torch.Size) -> Shape:
    first, *rest = shape
    if kind in ("conv", "transposed") and rest:
        second, height, width = rest
        return (height, width, second, first)
    return (*rest, first)


def _backbone_half(kind: Kind, path: str) -> list[Layer]:
    return [Layer(kind, f"{path}.{place}") for place in CORNERS]


def _encoder(path: str) -> list[Layer]:
    return _backbone_half("conv", path)


def _decoder(path: str) -> list[Layer]:
    return _backbone_half("transposed", path)


def _autoencoder(path: str = "") -> list[Layer]:
    return [*_encoder(f"{path}encoder"), *_decoder(f"{path}decoder")]


def _lat_block(path: str) -> list[Layer]:
    attention = [Layer("dense", f"{path}.attention.{name}") for name in ("narrow", "widen")]
    return [Layer("conv", f"{path}.conv"), Layer("norm", f"{path}.norm"), *attention]


def _rec_block(path: str) -> list[Layer]:
    return [Layer("conv", f"{path}.conv"), Layer("norm", f"{path}.norm")]


def _lat_branch(path: str) -> list[Layer]:
    return [Layer("norm", f"{path}.0"), *_lat_block(f"{path}.1")]


def _rec_branch(path: str) -> list[Layer]:
    return [Layer("norm", f"{path}.0"), *_rec_block(f"{path}.1")]


def _lat_trunk() -> list[Layer]:
    return [layer for place in (0, 2, 3) for layer in _lat_block(f"head.trunk.{place}")]


def _rec_trunk() -> list[Layer]:
    blocks = [layer for place in range(4) for layer in _rec_block(f"head.trunk.{place}")]
    return [*blocks, Layer("dense", "head.trunk.5")]


def _dense(path: str) -> list[Layer]:
    return [Layer("dense", f"{path}.{place}") for place in range(3)]


def _alternate(branches: Iterable[list[Layer]]) -> list[Layer]:
    """Layers of branches that run side by side: the first of each, then the second of each."""
    return [layer for depth in zip(*branches, strict=True) for layer in depth]


def _lat() -> list[Layer]:
    return [*_encoder("encoder"), *_lat_branch("head.branch"), *_lat_trunk(), *_dense("head.dense")]


def _e2e_lat() -> list[Layer]:
    """The decoder ends with the head, so its layers stand among the head's last."""
    up, (first, second, last) = _decoder("backbone.decoder"), _dense("head.dense")
    head = [*_lat_branch("head.branch"), *_lat_trunk()]
    return [*_encoder("backbone.encoder"), *head, *up[:3], first, second, up[3], last]


def _rec() -> list[Layer]:
    head = [*_rec_branch("head.branch"), *_rec_trunk(), Layer("dense", "head.qp")]
    return [*_autoencoder("backbone."), *head]


def _mj_lat() -> list[Layer]:
    branches = [[*_encoder(f"encoders.{i}"), *_lat_branch(f"head.branches.{i}")] for i in range(len(LEVELS))]
    return [
        *_alternate(branches),
        *_lat_trunk(),
        *_alternate(_dense(f"head.qps.{i}") for i in range(len(LEVELS))),
    ]


def _mj_rec() -> list[Layer]:
    branches = [
        [*_autoencoder(f"backbones.{i}."), *_rec_branch(f"head.branches.{i}")] for i in range(len(LEVELS))
    ]
    return [
        *_alternate(branches),
        *_rec_trunk(),
        *(Layer("dense", f"head.qps.{i}") for i in range(len(LEVELS))),
    ]


_LAYERS: dict[str, Callable[[], list[Layer]]] = {
    "LAT": _lat,
    "E2E-LAT": _e2e_lat,
    "REC": _rec,
    "E2E-REC": _rec,
    "MJ-LAT": _mj_lat,
    "MJ-REC": _mj_rec,
    AUTOENCODER: _autoencoder,
}
