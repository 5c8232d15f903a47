"""Which system a Keras file belongs to: by shapes, then the layer `JNDImg`, then its name and folders'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jndcore.errors import JNDError
from jndcore.models.paper.keras_file import Weight, read_outline
from jndcore.models.paper.keras_layout import AUTOENCODER, JOINT, SYSTEMS, keras_shapes

END_TO_END_FRAME = "JNDImg"
"""The only layer that is known by name: the last of the decoder of end-to-end systems."""

FRAME_ITSELF = 0
"""Level of the autoencoder that rebuilds the frame itself."""

LEVEL_IN_NAME = re.compile(r"jnd[\s_.-]*([1-3])(?![0-9])", re.IGNORECASE)
IMAGE_IN_NAME = re.compile(r"img|image", re.IGNORECASE)
TRAINED_ON_FRAMES = re.compile(r"best_model_mse", re.IGNORECASE)
"""What training writes of an autoencoder; the frame's own, unless a folder tells a level."""

END_TO_END_IN_NAME = re.compile(r"e2e", re.IGNORECASE)
REC_IN_NAME = re.compile(r"rec(?!on)", re.IGNORECASE)

REPOSITORY = re.compile(r"mtl_jnd", re.IGNORECASE)
"""The authors' repository; a folder ``MTL_JND-2`` tells no level."""


class Identified(NamedTuple):
    """What a file is.

    Attributes
    ----------
    path : Path
    candidates : tuple of str
        Systems that it may belong to; one, or two where shapes, layer and name leave a doubt.
    level : int or None
        JND level after the names of the file and its folders; 0 for the autoencoder of the frame itself; None
        where they say nothing, and for systems that tell all levels.
    """

    path: Path
    candidates: tuple[str, ...]
    level: int | None

    @property
    def system(self) -> str | None:
        """The system, None in doubt."""
        return self.candidates[0] if len(self.candidates) == 1 else None


def identify(path: Path, meant: str | None = None, folders: Sequence[str] = ()) -> Identified:
    """Find the system and the level of a Keras file. No weight is read.

    Parameters
    ----------
    path : Path
    meant : str, optional
        The system that it is meant to be, to tell where it differs.
    folders : sequence of str
        Names to look at where the file's own says nothing, the nearest first.

    Raises
    ------
    JNDError
        Where the file is not a Keras 2 weights file, is damaged, or fits no system.
    """
    path = Path(path)
    outline = read_outline(path)
    shapes = tuple(weight.shape for weight in outline)
    fitting = tuple(system for system in SYSTEMS if keras_shapes(system) == shapes)
    if not fitting:
        raise JNDError(
            f"{path}: fits none of the paper's networks: {_closest(outline, meant)}; give another file."
        )
    names = [path.stem, *(REPOSITORY.sub("", folder) for folder in folders)]
    candidates = _narrowed(names, outline, fitting)
    level = None if candidates[0] in JOINT else _level(names, candidates[0])
    return Identified(path, candidates, level)


def _level(names: Sequence[str], system: str) -> int | None:
    """The level that the first name tells that tells one: ``LATJND2``, ``JND2Reconstruction``."""
    for name in names:
        levels = {int(level) for level in LEVEL_IN_NAME.findall(name)}
        if levels:
            return levels.pop() if len(levels) == 1 else None
        if system == AUTOENCODER and IMAGE_IN_NAME.search(name):
            return FRAME_ITSELF
    return FRAME_ITSELF if system == AUTOENCODER and TRAINED_ON_FRAMES.search(names[0]) else None


def _narrowed(names: Sequence[str], outline: tuple[Weight, ...], fitting: tuple[str, ...]) -> tuple[str, ...]:
    """REC and E2E-REC have the same shapes: the layer decides, unless the names say otherwise."""
    if len(fitting) == 1:
        return fitting
    end_to_end = tuple(system for system in fitting if system.startswith("E2E"))
    if any(weight.layer == END_TO_END_FRAME for weight in outline):
        return end_to_end
    telling = [name for name in names if END_TO_END_IN_NAME.search(name) or REC_IN_NAME.search(name)]
    if telling and END_TO_END_IN_NAME.search(telling[0]):
        return fitting
    return tuple(system for system in fitting if system not in end_to_end)


def _closest(outline: tuple[Weight, ...], meant: str | None) -> str:
    """Where a file leaves the network that it follows furthest."""

    def common(system: str) -> int:
        pairs = zip(outline, keras_shapes(system), strict=False)
        same = [weight.shape == shape for weight, shape in pairs]
        return [*same, False].index(False)

    system = max(SYSTEMS, key=lambda system: (common(system), system == meant))
    wanted, place = keras_shapes(system), common(system)
    if place == len(outline):
        return f"it ends after {place} of the {len(wanted)} weights of {system}"
    if place == len(wanted):
        return f"it has {len(outline)} weights, {system} has {len(wanted)}"
    weight = outline[place]
    return f"{weight.name} has the shape {weight.shape}, {system} has {wanted[place]} there"
