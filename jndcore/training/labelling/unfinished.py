"""Clips that are swept already, kept until the table of labels is written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from jndcore import __version__
from jndcore.errors import JNDError
from jndcore.media.versions import x264_version
from jndcore.training.labelling.teacher import Teacher
from jndcore.training.labels import read_rows, write_rows

KEY = "key"


class Unfinished:
    """What was found of clips, in a file beside the table to come: a sweep that is stopped goes on from it.

    A sweep by other weights, QPs or versions has a file of its own. What is kept of a clip counts while its
    size and time are those it had when the sweep began.

    Parameters
    ----------
    out : Path
        The table to come.
    clips : sequence of Path

    Attributes
    ----------
    path : Path
        ``clips.HASH.unfinished.csv`` for ``clips.csv``.

    Raises
    ------
    JNDError
        Where a clip cannot be looked at.
    """

    def __init__(self, out: Path, clips: Sequence[Path], teacher: Teacher, qps: tuple[int, ...]) -> None:
        self.path = out.with_name(f"{out.stem}.{_fingerprint(teacher, qps)}.unfinished.csv")
        self._keys = {clip: _key(clip) for clip in clips}
        try:
            rows = read_rows(self.path, (KEY,))
        except JNDError:  # there is none, or one that a crash left half-written: nothing is known yet
            rows = []
        self._rows = {row[KEY]: row for row in rows}

    def find(self, clip: Path) -> dict[str, str] | None:
        """The columns kept for this clip, or None."""
        row = self._rows.get(self._keys[clip])
        return row and {name: cell for name, cell in row.items() if name != KEY}

    def keep(self, clip: Path, columns: dict[str, str]) -> None:
        """Keep the columns of one clip more, on disk at once; JNDError where that cannot be written."""
        self._rows[self._keys[clip]] = {KEY: self._keys[clip], **columns}
        write_rows(self.path, list(self._rows.values()))

    def remove(self) -> None:
        """The table is written: nothing is unfinished."""
        self.path.unlink(missing_ok=True)


def _key(clip: Path) -> str:
    try:
        facts = clip.stat()
    except OSError as error:
        raise JNDError(f"{clip}: cannot be read ({error.strerror}); check the file.") from error
    return f"{clip.name} {facts.st_size} {facts.st_mtime_ns}"


def _fingerprint(teacher: Teacher, qps: tuple[int, ...]) -> str:
    """Of all but the clips that the labels depend on."""
    digest = hashlib.sha256(repr((__version__, x264_version(), teacher.bf16, qps)).encode())
    for weights in teacher.state_dict().values():
        digest.update(weights.numpy().tobytes())
    return digest.hexdigest()[:8]
