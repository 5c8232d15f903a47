"""Keras 2 weights files as the published ones are laid out, and two frames.

Layouts and numbers are those of the project's parity files: contents depend on a weight's place alone, so
other frameworks can be given the same. `keras/answers.json` holds what Keras answered for them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent / "keras"

FILES = {
    "LAT": "LAT",
    "E2E-LAT": "E2ELAT",
    "REC": "REC",
    "E2E-REC": "E2EREC",
    "MJ-LAT": "MJLAT",
    "MJ-REC": "MJREC",
    "autoencoder": "RECONSTRUCTION",
}
"""Layout of each system's file."""

RECONSTRUCTION = [f"JND{level}Reconstruction" for level in (1, 2, 3)]

Layers = list[tuple[str, list[tuple[str, list[int]]]]]


def facts(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text())
    return content


def layers_of(system: str) -> Layers:
    return [(name, [(w, shape) for w, shape in weights]) for name, weights in facts(FILES[system])["layers"]]


def numbers(name: str, layer: int, weight: int, what: str, shape: Iterable[int]) -> NDArray[np.float32]:
    """What stands at one place of the file called `name`."""
    shape, kind = tuple(shape), what.rsplit("/", 1)[-1].split(":")[0]
    seed = zlib.crc32(f"{name}/{layer}/{weight}".encode()) & 0x7FFFFFFF
    normal = np.random.RandomState(seed).standard_normal(shape).astype(np.float32)
    if kind == "bias":
        return 0.01 * normal
    if kind == "gamma":
        return 1 + 0.1 * normal
    if kind == "moving_variance":
        return 1 + 0.1 * np.abs(normal)
    if kind != "kernel":
        return 0.1 * normal
    inputs = np.prod(shape[:-1])
    if len(shape) == 4 and "transpose" in what:
        inputs = np.prod(shape[:2]) * shape[3] // 4
    kernel = normal * np.float32(np.sqrt(1 / inputs))
    return np.abs(kernel) if shape[-1] == 1 else kernel


def write_keras(
    path: Path, system: str, *, filled: str | None = None, layers: Layers | None = None, under: str = ""
) -> Path:
    """Write a file.

    Parameters
    ----------
    path : Path
    system : str
    filled : str, optional
        Fill it with the numbers of this name; else with zeros, which take no room.
    layers : list, optional
        Other layers than the system's.
    under : str
        Group that holds the weights, for a network that was saved whole.
    """
    with h5py.File(path, "w") as file:
        group = file.create_group(under) if under else file
        layers = layers if layers is not None else layers_of(system)
        group.attrs["backend"], group.attrs["keras_version"] = "tensorflow", "2.11.0"
        group.attrs["layer_names"] = np.array([name.encode() for name, _ in layers])
        for i, (name, weights) in enumerate(layers):
            layer = group.create_group(name)
            names = [weight.encode() for weight, _ in weights]
            layer.attrs["weight_names"] = np.array(names) if names else np.zeros(0, "S1")
            for j, (weight, shape) in enumerate(weights):
                if filled is None:
                    layer.create_dataset(weight, shape=shape, dtype="f4")
                else:
                    layer.create_dataset(weight, data=numbers(filled, i, j, weight, shape))
    return path


def renamed(layers: Layers, shift: int) -> Layers:
    """The same layers as a session would name them in which others had been made before."""

    def rename(name: str) -> str:
        stem, _, count = name.rpartition("_")
        if not count.isdigit():
            stem, count = name, "0"
        return name if name.startswith("JND") else f"{stem}_{int(count) + shift}"

    return [
        (rename(name), [(f"{rename(name)}/{weight.split('/')[1]}", shape) for weight, shape in weights])
        for name, weights in layers
    ]


def frames() -> NDArray[np.float32]:
    """A ramp and a mosaic: BGR, 0..255, shape (2, 3, 352, 640)."""
    y, x, c = np.ogrid[:352, :640, :3]
    ramp = (y * 7 + x * 13 + c * 29) % 256
    blocks = np.random.RandomState(7).randint(0, 256, (22, 40, 3))
    mosaic = blocks.repeat(16, 0).repeat(16, 1)
    return np.stack([ramp, mosaic]).astype(np.float32).transpose(0, 3, 1, 2).copy()
