"""A look at everything in an HDF5 file before any of it is believed: numbers and text, nothing else."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jndcore.errors import JNDError

if TYPE_CHECKING:
    import h5py

SIGNATURE = b"\x89HDF\r\n\x1a\n"

LOOKS_LIKE = (
    (b"\x80", "a Python pickle, which is never opened"),
    (b"PK", "a ZIP archive, or weights of Keras 3 or torch"),
    (b"<", "a page of the web"),
)
"""What other files that are taken for weights begin with."""

MOST_OBJECTS = 20_000
MOST_DEPTH = 12
"""Far above Keras' files, which have a few hundred groups, four deep with an optimizer's."""

MOST_TEXT = 1 << 24
"""Bytes of one attribute; the longest that Keras writes is the network's description."""


def check_signature(path: Path) -> None:
    """Refuse a file that does not begin as HDF5 does.

    Raises
    ------
    JNDError
        Which says what the file looks like instead.
    """
    try:
        with path.open("rb") as file:
            head = file.read(len(SIGNATURE))
    except OSError as error:
        raise JNDError(f"{path}: cannot be read ({error.strerror}); check the name.") from error
    if head != SIGNATURE:
        looks = next((what for start, what in LOOKS_LIKE if head.startswith(start)), "something else")
        raise JNDError(
            f"{path}: not an HDF5 file but {looks if head else 'an empty one'}; "
            "give the .h5 file that Keras 2 wrote."
        )


def inspect(file: h5py.File, path: Path) -> None:
    """Refuse links, foreign kinds of data, compressed data, and what is too deep or too large for weights.

    Raises
    ------
    JNDError
        Which names the first such thing.
    """
    _Inspection(path).group(file, depth=0)


def texts(value: Any) -> list[str]:
    """An attribute's texts: Keras wrote names as bytes, later versions and other writers as str."""
    import h5py

    if isinstance(value, h5py.Empty):
        return []
    return [text.decode() if isinstance(text, bytes) else str(text) for text in np.atleast_1d(value).ravel()]


class _Inspection:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen = 0

    def group(self, group: h5py.Group, depth: int) -> None:
        import h5py

        self._attributes(group)
        for name in group:
            self.seen += 1
            if self.seen > MOST_OBJECTS or depth > MOST_DEPTH:
                raise self._refused("it holds far more than weights")
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise self._refused(f"{name} in {group.name} is a link to somewhere else")
            inside = group[name]
            if isinstance(inside, h5py.Group):
                self.group(inside, depth + 1)
            else:
                self._dataset(inside)

    def _dataset(self, dataset: Any) -> None:
        import h5py

        if not isinstance(dataset, h5py.Dataset) or not _is_number(dataset.dtype):
            raise self._refused(f"{dataset.name} holds something else than numbers")
        if dataset.is_virtual or dataset.external:
            raise self._refused(f"{dataset.name} takes its numbers from another file")
        if dataset.id.get_create_plist().get_nfilters():  # what it unpacks to has no bound
            raise self._refused(f"{dataset.name} is compressed, which Keras does not do")
        self._attributes(dataset)

    def _attributes(self, thing: h5py.Group | h5py.Dataset) -> None:
        for name in thing.attrs:
            stored = thing.attrs.get_id(name)
            kind, where = stored.dtype, f"attribute {name} of {thing.name}"
            if not (_is_number(kind) or _is_text(kind)):
                raise self._refused(f"{where} holds something else than text or numbers")
            if prod(stored.shape or ()) * kind.itemsize > MOST_TEXT:
                raise self._refused(f"{where} is far too long")
            if _is_text(kind) and not _reads(thing.attrs[name]):
                raise self._refused(f"{where} holds bytes that are no text")

    def _refused(self, what: str) -> JNDError:
        return JNDError(f"{self.path}: {what}; give the .h5 file that Keras 2 wrote.")


def _is_number(kind: np.dtype[Any]) -> bool:
    """Keras writes floating point and, for optimizers, long integers; single bytes could be anything."""
    return kind.kind in "fb" or (kind.kind in "iu" and kind.itemsize >= 4)


def _is_text(kind: np.dtype[Any]) -> bool:
    import h5py

    return h5py.check_string_dtype(kind) is not None


def _reads(value: Any) -> bool:
    """Whether all of it is UTF-8; a pickle is not."""
    try:
        for text in texts(value):
            text.encode()
    except UnicodeError:
        return False
    return True
