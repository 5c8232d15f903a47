"""Which files make up one network: those of the system itself, and autoencoders beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jndcore.errors import JNDError
from jndcore.models.paper.identify import FRAME_ITSELF, Identified
from jndcore.models.paper.keras_layout import AUTOENCODER, JOINT
from jndcore.results import LEVELS

RECONSTRUCTED = ("LAT", "MJ-LAT", "MJ-REC")
"""Systems whose frames come from reconstruction files, if these are given."""


@dataclass(frozen=True)
class Parts:
    """The files of one network.

    Attributes
    ----------
    system : str
    own : mapping of int to Path
        A single-level system's files by level; a joint system's one file, under 0.
    reconstruction : mapping of int to Path
        Autoencoders by level: of all the system's levels, or none.
    """

    system: str
    own: Mapping[int, Path]
    reconstruction: Mapping[int, Path] = field(default_factory=dict)

    @property
    def levels(self) -> tuple[int, ...]:
        """JND levels, rising."""
        return LEVELS if self.system in JOINT else tuple(sorted(self.own))

    @property
    def files(self) -> tuple[Path, ...]:
        """All files: the system's own, then the autoencoders, levels rising."""
        return tuple(parts[level] for parts in (self.own, self.reconstruction) for level in sorted(parts))

    @property
    def build(self) -> dict[str, Any]:
        """Arguments for `create_model`, as a card keeps them."""
        build: dict[str, Any] = {} if self.system in JOINT else {"levels": list(self.levels)}
        return build | ({"reconstruction": sorted(self.reconstruction)} if self.reconstruction else {})


def parts_of(system: str, files: Sequence[Identified], level: int | None = None) -> Parts:
    """Make one network of `system` from these files; see `import_keras`.

    Raises
    ------
    JNDError
        Where they do not make up one.
    """
    beside = [file for file in files if file.system == AUTOENCODER and system in RECONSTRUCTED]
    own = [file for file in files if file not in beside]
    for file in own:
        check_system(file, system)
    if not own:
        raise JNDError(f"{system}: none of its own files is given; give at least one .h5 file of {system}.")
    if level is not None:
        check_level(level, system)
        if len(own) > 1:
            raise JNDError(
                f"level {level}: goes with one file, not {len(own)}; let the names tell (JND1..3)."
            )
    if system in JOINT:
        found = by_level(system, ((0, file.path) for file in own))
        return Parts(system, found, _reconstruction(LEVELS, beside))
    found = by_level(system, ((_level(system, file, level, len(own)), file.path) for file in own))
    return Parts(system, found, _reconstruction(sorted(found), beside))


def check_system(file: Identified, system: str) -> None:
    """Refuse a file of another system.

    Raises
    ------
    JNDError
    """
    if system not in file.candidates:
        raise JNDError(
            f"{file.path}: holds weights of {' or '.join(file.candidates)}, not of {system}; "
            f"give a file of {system}, or name the other system."
        )


def check_level(level: int, system: str) -> None:
    """Refuse a level that no file of this system can have.

    Raises
    ------
    JNDError
    """
    if system in JOINT:
        raise JNDError(f"{system} tells all levels from one file; give no level.")
    known = (FRAME_ITSELF, *LEVELS) if system == AUTOENCODER else LEVELS
    if level not in known:
        raise JNDError(f"level {level}: {system} has none such; give one of {_list(known)}.")


def by_level(system: str, found: Iterable[tuple[int, Path]]) -> dict[int, Path]:
    """Files by level.

    Raises
    ------
    JNDError
        Where two are of the same level.
    """
    files: dict[int, Path] = {}
    for level, path in found:
        if level in files:
            what = system if system in JOINT else f"{system} of level {level}"
            raise JNDError(f"{path}: {files[level]} is {what} too; give one of them.")
        files[level] = path
    return files


def _level(system: str, file: Identified, level: int | None, files: int) -> int:
    if level is not None or file.level is not None:
        return file.level if level is None else level  # type: ignore[return-value]
    if files > 1:
        raise JNDError(f"{file.path}: its name tells no JND level; name it {system}JND1.h5 or the like.")
    return FRAME_ITSELF if system == AUTOENCODER else LEVELS[0]


def _reconstruction(levels: Sequence[int], files: Sequence[Identified]) -> dict[int, Path]:
    for file in files:
        if file.level not in levels:
            raise JNDError(
                f"{file.path}: its name tells none of the levels {_list(levels)}; "
                "give JND1Reconstruction.h5 and the like, or leave it out."
            )
    found = by_level("reconstruction", ((file.level, file.path) for file in files if file.level is not None))
    if missing := [level for level in levels if found and level not in found]:
        raise JNDError(
            f"{files[0].path}: the reconstruction of level {_list(missing)} is missing; "
            f"give files for all of {_list(levels)}, or none."
        )
    return found


def _list(levels: Iterable[int]) -> str:
    return ", ".join(map(str, levels))
