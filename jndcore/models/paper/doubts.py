"""What files are in the end: what their shapes and names tell, and what the user says of them."""

from __future__ import annotations

from collections.abc import Sequence

from jndcore.errors import JNDError
from jndcore.models.paper.identify import Identified
from jndcore.models.paper.keras_layout import AUTOENCODER, JOINT
from jndcore.models.paper.parts import RECONSTRUCTED, check_level, check_system
from jndcore.results import LEVELS


def settle(files: Sequence[Identified], system: str | None, level: int | None) -> list[Identified]:
    """Files of one system each, and of one level unless it is a joint system.

    Parameters
    ----------
    files : sequence of Identified
    system : str, optional
        That of all files; reconstruction files may accompany a system that they become part of.
    level : int, optional
        That of the only file, whatever its name says, or of the only one in doubt about its level.

    Raises
    ------
    JNDError
        Where that contradicts the files, or some are still in doubt; it names all of these.
    """
    settled = list(files) if system is None else _as(files, system)
    if level is not None:
        settled = _at(settled, level)
    _check_no_doubt(settled)
    return settled


def _as(files: Sequence[Identified], system: str) -> list[Identified]:
    beside = [file for file in files if file.system == AUTOENCODER and system in RECONSTRUCTED]
    for file in [file for file in files if file not in beside] or files:
        check_system(file, system)
    return [file if file in beside else file._replace(candidates=(system,)) for file in files]


def _at(files: Sequence[Identified], level: int) -> list[Identified]:
    meant = [file for file in files if len(files) == 1 or _level_in_doubt(file)]
    if len(meant) != 1:
        doubtful = ", ".join(str(file.path) for file in meant) or "none"
        raise JNDError(
            f"--level {level}: goes with one file in doubt about its level, which of these {len(files)} "
            f"is {doubtful}; import them one at a time, or let their names tell, for example LATJND2.h5."
        )
    check_level(level, meant[0].candidates[0])
    return [file._replace(level=level) if file is meant[0] else file for file in files]


def _level_in_doubt(file: Identified) -> bool:
    return file.level is None and file.candidates[0] not in JOINT


def _check_no_doubt(files: Sequence[Identified]) -> None:
    doubtful = [file for file in files if file.system is None or _level_in_doubt(file)]
    if not doubtful:
        return
    first, (it, alone) = doubtful[0], ("it", "it") if len(doubtful) == 1 else ("them", "each")
    system, level = first.candidates[0], first.level or LEVELS[1]
    raise JNDError(
        f"{'; '.join(map(_doubt, doubtful))}; import {alone} alone and say which, for example --as {system} "
        f"--level {level}, or rename {it}, for example to {_telling_name(system, level)}."
    )


def _doubt(file: Identified) -> str:
    if file.system is None:
        return f"{file.path}: may be {' or '.join(file.candidates)}"
    return f"{file.path}: {file.system}, but neither its name nor a folder's tells the JND level"


def _telling_name(system: str, level: int) -> str:
    if system == AUTOENCODER:
        return f"JND{level}Reconstruction.h5"
    return f"{system.replace('-', '')}JND{level}.h5"
