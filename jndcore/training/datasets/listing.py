"""Lists of files: their natural order, what is missing among them, and which frames of many to take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from jndcore.errors import JNDError

NAMED = 10
"""So many names appear in an error; the rest is counted."""

_NUMBER = re.compile(r"([0-9]+)")


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Sort key by which ``img2`` comes before ``img10``; case counts only between names otherwise alike."""
    parts = _NUMBER.split(name.casefold())  # text and numbers take turns, so keys can be compared
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], name


def spread(length: int, count: int) -> list[int]:
    """Which `count` of `length` frames to take: the middles of equal pieces; all where there are fewer.

    Returns
    -------
    list of int
        Rising, no number twice.
    """
    if count < 1:
        raise ValueError(f"{count} frames of {length}")
    count = min(count, length)
    return [(2 * i + 1) * length // (2 * count) for i in range(count)]


def some(names: Sequence[str]) -> str:
    """The first `NAMED` of the names, and how many more there are."""
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + rest


def refuse(folder: Path, missing: Sequence[str], misnamed: Sequence[str], remedy: str) -> None:
    """One error for all files that are missing or misnamed; none where there are no such files.

    It names the first `NAMED` of either kind and counts the rest, so that thousands do not fill the screen.

    Parameters
    ----------
    missing, misnamed : sequence of str
        Names within `folder`: of files expected there, and of files that belong to nothing.
    remedy : str
        What to do, without a full stop.

    Raises
    ------
    JNDError
    """
    parts = []
    if missing:
        parts.append(f"missing {_files(missing)}: {some(missing)}")
    if misnamed:
        parts.append(f"misnamed {_files(misnamed)}: {some(misnamed)}")
    if parts:
        raise JNDError(f"{folder}: {'; '.join(parts)}; {remedy}.")


def by_name(folder: Path) -> dict[str, Path]:
    """All files in `folder` and the folders in it, by name; of namesakes the first in natural order.

    Hidden ones, such as the ``._`` files that macOS leaves beside its own, are passed over.
    """
    files = [path for path in folder.rglob("*") if not path.name.startswith(".") and path.is_file()]
    return {path.name: path for path in sorted(files, key=lambda path: natural_key(str(path)), reverse=True)}


def read_text(path: Path) -> str:
    """A text file in UTF-8, with or without a byte order mark.

    Raises
    ------
    JNDError
        Where it cannot be read or is no text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise JNDError(f"{path}: cannot be read as text ({error}); check the file.") from error


def relative(paths: Iterable[Path], folder: Path) -> list[str]:
    """Names of `paths` within `folder`, in natural order."""
    return sorted((path.relative_to(folder).as_posix() for path in paths), key=natural_key)


def _files(names: Sequence[str]) -> str:
    return "1 file" if len(names) == 1 else f"{len(names)} files"
