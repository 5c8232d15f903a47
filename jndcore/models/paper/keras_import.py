"""The published Keras weights as networks of ours."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import torch
from torch import Tensor, nn

from jndcore.errors import JNDError
from jndcore.models.paper.identify import identify
from jndcore.models.paper.keras_file import read_weights
from jndcore.models.paper.keras_layout import (
    AUTOENCODER,
    JOINT,
    SYSTEMS,
    TENSORS,
    keras_layers,
    keras_shapes,
    to_torch,
)
from jndcore.models.paper.parts import Parts, parts_of
from jndcore.models.paper.system import PaperSystem
from jndcore.models.registry import create_model


def import_keras(
    system: str, files: Sequence[str | PathLike[str]], *, level: int | None = None
) -> PaperSystem:
    """A system of the paper with weights that Keras 2 wrote, in evaluation mode.

    Called with `x`, float32 of shape (N, 3, 352, 640), BGR 0..255, it gives a `SystemOutput`.

    Parameters
    ----------
    system : str
        LAT, E2E-LAT, REC, E2E-REC, MJ-LAT, MJ-REC or autoencoder.
    files : sequence of path
        HDF5 files. MJ-LAT and MJ-REC have one; the others one for each level, which the file's name tells
        (``LATJND2.h5``). For LAT, MJ-LAT and MJ-REC the reconstruction files ``JND1Reconstruction.h5`` ..
        ``JND3Reconstruction.h5`` of the same levels may be among them: they then supply the frames.
    level : int, optional
        The level of the one file given, whatever its name says; 0 for the autoencoder that rebuilds the frame
        itself. Where neither says one, a single file is taken for level 1 (an autoencoder for 0);
        ``net.levels`` tells.

    Raises
    ------
    JNDError
        Where the system is unknown, a file is damaged, unsafe or of another system, or the files do not make
        up the system.
    """
    check_known(system)
    if isinstance(files, str | PathLike):  # else a str would be taken for a sequence of letters
        files = [files]
    return build_network(parts_of(system, [identify(Path(file), system) for file in files], level))


def check_known(system: str) -> None:
    """Refuse a system that the paper does not have.

    Raises
    ------
    JNDError
    """
    if system not in SYSTEMS:
        raise JNDError(f"{system}: no such system of the paper; choose one of {', '.join(SYSTEMS)}.")


def build_network(parts: Parts) -> PaperSystem:
    """The network of these files, in evaluation mode; see `import_keras`."""
    network = create_model(parts.system, **parts.build)
    assert isinstance(network, PaperSystem)
    own = (
        [network]
        if parts.system in JOINT
        else network.get_submodule("backbones" if parts.system == AUTOENCODER else "nets").children()
    )
    for module, (_, path) in zip(own, sorted(parts.own.items()), strict=True):
        _load(module, parts.system, path)
    for module, (_, path) in zip(network.reconstruction, sorted(parts.reconstruction.items()), strict=True):
        _load(module, AUTOENCODER, path)
    return network


def read_state(system: str, path: Path) -> dict[str, Tensor]:
    """The weights of one file by their names in the network of that file.

    Raises
    ------
    JNDError
        Where the file is damaged or unsafe, or its weights are not the system's or cannot be used.
    """
    arrays = iter(read_weights(path, keras_shapes(system)))
    state = {
        f"{layer.path}.{name}": to_torch(layer.kind, torch.from_numpy(next(arrays)))
        for layer in keras_layers(system)
        for name in TENSORS[layer.kind]
    }
    if any(name.endswith("running_var") and (weight < 0).any() for name, weight in state.items()):
        raise JNDError(f"{path}: holds a variance below 0; download it again.")
    return state


@torch.no_grad()
def _load(network: nn.Module, system: str, path: Path) -> None:
    ours = network.state_dict()
    for name, weight in read_state(system, path).items():
        ours[name].copy_(weight)
