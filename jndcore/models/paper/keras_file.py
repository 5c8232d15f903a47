"""Reading a Keras 2 weights file (HDF5) that may come from anywhere.

Nothing in it is ever unpickled or run. The whole file is looked through first (`keras_inspect`), then its
shapes are compared with those wanted, and only then are numbers read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.models.paper.keras_inspect import MOST_OBJECTS, check_signature, inspect, texts

if TYPE_CHECKING:
    import h5py

DAMAGE = (OSError, KeyError, RuntimeError, ValueError, TypeError, OverflowError)
"""What h5py raises on files that are cut off or damaged."""


class Weight(NamedTuple):
    """One array of a file, not read yet."""

    layer: str
    name: str
    shape: tuple[int, ...]


def read_outline(path: Path) -> tuple[Weight, ...]:
    """All weights of a file in its order; none is read.

    Raises
    ------
    JNDError
        Where h5py is not installed, or the file is no Keras 2 weights file, is cut off, or holds anything
        but numbers and text.
    """
    with _opened(path) as file:
        return tuple(weight for weight, _ in _weights(file, path))


def read_weights(path: Path, shapes: Sequence[tuple[int, ...]]) -> list[NDArray[np.float32]]:
    """All weights of a file in its order, if they have these shapes.

    Raises
    ------
    JNDError
        As `read_outline`; or where a shape differs, or a number is NaN or infinite.
    """
    with _opened(path) as file:
        found = _weights(file, path)
        if tuple(weight.shape for weight, _ in found) != tuple(shapes):
            raise JNDError(f"{path}: its weights have other shapes than those wanted; give another file.")
        return [_numbers(path, weight, dataset) for weight, dataset in found]


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    try:
        import h5py
    except ImportError as error:
        raise JNDError(
            f"{path}: reading Keras files needs h5py, which is not installed; run pip install "
            "'jndscope[import]'."
        ) from error
    check_signature(path)
    try:
        with h5py.File(path, "r") as file:
            inspect(file, path)
            yield file
    except DAMAGE as error:
        reason = str(error).strip("'\"").split("\n")[0]
        raise JNDError(f"{path}: cut off or damaged ({reason}); download it again.") from error


def _weights(file: h5py.File, path: Path) -> list[tuple[Weight, h5py.Dataset]]:
    import h5py

    root = file
    if not _names(root, "layer_names") and isinstance(file.get("model_weights"), h5py.Group):
        root = file["model_weights"]  # the whole network was saved
    layers = _names(root, "layer_names")
    if not layers:
        raise JNDError(
            f"{path}: names no layers, so Keras 2 did not write it; save the weights with Keras 2."
        )
    found: list[tuple[Weight, h5py.Dataset]] = []
    for layer in layers:
        group = _inside(root, layer, h5py.Group, path)
        for name in _names(group, "weight_names"):
            dataset = _inside(group, name, h5py.Dataset, path)
            if dataset.dtype.kind != "f":
                raise JNDError(
                    f"{path}: {dataset.name} is not floating point; give the .h5 file that Keras 2 wrote."
                )
            found.append((Weight(layer, name, tuple(dataset.shape or ())), dataset))
        if len(found) > MOST_OBJECTS:
            raise JNDError(f"{path}: names far too many weights; give the .h5 file that Keras 2 wrote.")
    return found


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """A list of names; Keras splits one that is too long for an attribute into numbered ones."""
    if attribute in group.attrs:
        return texts(group.attrs[attribute])
    names: list[str] = []
    part = 0
    while f"{attribute}{part}" in group.attrs:
        names += texts(group.attrs[f"{attribute}{part}"])
        part += 1
    return names


def _inside(group: h5py.Group, name: str, kind: type, path: Path) -> Any:
    found = group.get(name)
    if not isinstance(found, kind):
        raise JNDError(f"{path}: {name} is named in it but missing; download it again.")
    return found


def _numbers(path: Path, weight: Weight, dataset: h5py.Dataset) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        numbers: NDArray[np.float32] = np.asarray(dataset[()]).astype(np.float32)
    if not np.isfinite(numbers).all():
        raise JNDError(f"{path}: {weight.layer} holds numbers that are NaN or infinite; download it again.")
    return numbers
