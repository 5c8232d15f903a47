"""The .h5 files in what a user names: files, folders and ZIP archives."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from jndcore.errors import JNDError
from jndcore.models.paper.archives import ARCHIVE, Archives

WEIGHTS = (".h5", ".hdf5")

PUBLISHED = re.compile(r"FALCON_IEEETCSVT2024_WP3", re.IGNORECASE)
"""How the name of the authors' archive begins."""


class Source(NamedTuple):
    """One .h5 file to import.

    Attributes
    ----------
    path : Path
        Where it lies now; in a temporary folder where it came out of an archive.
    shown : str
        What the user knows it as: a path, and the member of an archive.
    origin : str
        The same without the user's folders, for a card.
    sha256 : str
    published : bool
        It came out of the archive that the authors published, after the archive's name.
    folders : tuple of str
        The folders that it lies in, the innermost first, up to the folder that the user named or the root of
        the archive; an archive inside another counts as one.
    """

    path: Path
    shown: str
    origin: str
    sha256: str
    published: bool
    folders: tuple[str, ...] = ()


def collect(paths: Iterable[Path], temporary: Path, say: Callable[[str], None]) -> list[Source]:
    """All .h5 files in `paths`; archives are unpacked into `temporary`, which must be empty.

    Raises
    ------
    JNDError
        Where there are none, or an archive is damaged, encrypted, too large, or reaches outside itself.
    """
    archives = Archives(temporary, _is_weights)
    return [source for path in paths for source in _in_path(Path(path), archives, say)]


@contextmanager
def named_as_shown(sources: Iterable[Source]) -> Iterator[None]:
    """Let errors name files as the user knows them, not as they lie in a temporary folder."""
    try:
        yield
    except JNDError as error:
        text = str(error)
        for source in sources:
            text = text.replace(str(source.path), source.shown)
        raise JNDError(text) from error


def _in_path(path: Path, archives: Archives, say: Callable[[str], None]) -> list[Source]:
    if path.is_dir():
        inside = sorted(file for file in path.rglob("*") if file.is_file())
        found = [
            _source(file, (str(file),), (path.name, *file.relative_to(path).parts[:-1]))
            for file in inside
            if _is_weights(file.as_posix())
        ]
        others = [file.name for file in inside]
    elif path.suffix.lower() == ARCHIVE:
        unpacked, others = archives.unpack(path, str(path))
        found = [_source(file, (str(path), *names), _members(names)[:-1]) for file, names in unpacked]
    else:
        return [_source(path, (str(path),), ())]
    if not found:
        if others:
            say(f"{path}: holds {_few(others)}.")
        raise JNDError(f"{path}: no .h5 file in it; give the files or the archive with the Keras weights.")
    return found


def _members(names: tuple[str, ...]) -> tuple[str, ...]:
    """All parts of a member's name; some archives have the separators of Windows in it."""
    return tuple(part for name in names for part in name.replace("\\", "/").split("/"))


def _source(path: Path, names: tuple[str, ...], folders: tuple[str, ...]) -> Source:
    """A file, its name after those of the archives that it came out of, and its folders, outermost first."""
    shown, origin = ": ".join(names), ": ".join((Path(names[0]).name, *names[1:]))
    published = any(PUBLISHED.match(Path(name).name) for name in names[:-1])
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return Source(path, shown, origin, sha256, published, folders[::-1])
    except OSError as error:
        raise JNDError(f"{shown}: cannot be read ({error.strerror}); check the name.") from error


def _is_weights(name: str) -> bool:
    path = PurePosixPath(name)
    tidbit = path.name.startswith("._") or "__MACOSX" in path.parts  # what macOS adds to archives
    return path.suffix.lower() in WEIGHTS and not tidbit


def _few(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
