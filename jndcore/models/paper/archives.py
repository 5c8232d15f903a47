"""Unpacking ZIP archives that may come from anywhere: judged by their directory, and bounded."""

from __future__ import annotations

import lzma
import re
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from jndcore.errors import JNDError

ARCHIVE = ".zip"

MOST_BYTES = 1 << 30
"""Of one member; the largest published file has 105 million, thrice that with an optimizer's."""

MOST_BYTES_TOGETHER = 4 << 30

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises on archives that are cut off, damaged, or packed in ways it does not know."""


class Unpacked(NamedTuple):
    """A file that came out of an archive: where it lies, and its name, after that of an inner archive."""

    path: Path
    names: tuple[str, ...]


class Archives:
    """Unpacks archives, together not more than a limit.

    Parameters
    ----------
    temporary : Path
        An empty folder.
    wanted : callable
        Whether a member of this name is worth unpacking.
    """

    def __init__(self, temporary: Path, wanted: Callable[[str], bool]) -> None:
        self.temporary = temporary
        self.wanted = wanted
        self.left = MOST_BYTES_TOGETHER
        self.unpacked = 0

    def unpack(self, path: Path, shown: str, *, inner: bool = False) -> tuple[list[Unpacked], list[str]]:
        """The wanted files of an archive and of the archives in it, one deep; and all members' names.

        Parameters
        ----------
        path : Path
        shown : str
            What the user knows it as.
        inner : bool
            It came out of another; archives in it are left alone.

        Raises
        ------
        JNDError
            Where it is damaged, encrypted, too large, or reaches outside itself.
        """
        found: list[Unpacked] = []
        try:
            with zipfile.ZipFile(path) as archive:
                members = [member for member in archive.infolist() if not member.is_dir()]
                worth = [member for member in members if self._is_worth(member.filename, inner)]
                self._check(members, worth, shown)
                for member in worth:
                    file = self._extract(archive, member)
                    if self.wanted(member.filename):
                        found.append(Unpacked(file, (member.filename,)))
                        continue
                    for path_, names in self.unpack(file, f"{shown}: {member.filename}", inner=True)[0]:
                        found.append(Unpacked(path_, (member.filename, *names)))
                    file.unlink()
        except BROKEN as error:
            raise JNDError(f"{shown}: cut off or damaged ({error}); download it again.") from error
        except OSError as error:
            raise JNDError(
                f"{shown}: cannot be unpacked ({error.strerror or error}); check the name and the space left."
            ) from error
        return found, [member.filename for member in members]

    def _is_worth(self, name: str, inner: bool) -> bool:
        return self.wanted(name) or (PurePosixPath(name).suffix.lower() == ARCHIVE and not inner)

    def _check(self, members: list[zipfile.ZipInfo], worth: list[zipfile.ZipInfo], shown: str) -> None:
        """Judge an archive by its directory, before anything is unpacked."""
        for member in members:
            name = member.orig_filename.replace("\\", "/")
            if name.startswith("/") or ".." in name.split("/") or re.match("[A-Za-z]:", name):
                raise JNDError(f"{shown}: {name} would lie outside it; do not trust this archive.")
        for member in worth:
            if member.flag_bits & 1:
                raise JNDError(f"{shown}: {member.filename} is encrypted; unpack it and give its files.")
            if member.file_size > MOST_BYTES:
                raise JNDError(
                    f"{shown}: {member.filename} is far too large for weights; give the others alone."
                )
            self.left -= member.file_size
        if self.left < 0:
            raise JNDError(f"{shown}: holds far more than the paper's weights; give the files that you want.")

    def _extract(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Path:
        """Unpack into a folder of its own, so that files of one name do not meet."""
        folder = self.temporary / str(self.unpacked)
        self.unpacked += 1
        folder.mkdir()
        file = folder / PurePosixPath(member.filename.replace("\\", "/")).name
        with archive.open(member) as packed, file.open("wb") as out:
            shutil.copyfileobj(packed, out)  # zipfile gives no more than the directory promised
        return file
