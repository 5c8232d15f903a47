"""Clips that are swept already, kept until the table of labels is written."""

from __future__ import annotations

import hashlib
from pathlib import Path

from jndcore.training.labelling.teacher import Teacher
from jndcore.training.labels import read_rows, write_rows

KEY = "key"


class Unfinished:
    """What was found of clips, in a file beside the table to come: a sweep that is stopped goes on from it.

    What is kept counts while the clip (its size and time), the weights and precision of the teacher, and the
    QPs are the same.

    Attributes
    ----------
    path : Path
        ``clips.unfinished.csv`` for ``clips.csv``.

    Raises
    ------
    JNDError
        Where the file is there and cannot be read.
    """

    def __init__(self, out: Path, teacher: Teacher, qps: tuple[int, ...]) -> None:
        self.path = out.with_name(f"{out.stem}.unfinished.csv")
        self._how = f"{_fingerprint(teacher)} {'-'.join(map(str, qps))}"
        rows = read_rows(self.path, (KEY,)) if self.path.is_file() else []
        self._rows = {row[KEY]: row for row in rows if row[KEY].endswith(self._how)}

    def find(self, clip: Path) -> dict[str, str] | None:
        """The columns kept for this clip, or None."""
        row = self._rows.get(self._key(clip))
        return row and {name: cell for name, cell in row.items() if name != KEY}

    def keep(self, clip: Path, columns: dict[str, str]) -> None:
        """Keep the columns of one clip more, on disk at once; JNDError where that cannot be written."""
        key = self._key(clip)
        self._rows[key] = {KEY: key, **columns}
        write_rows(self.path, list(self._rows.values()))

    def remove(self) -> None:
        """The table is written: nothing is unfinished."""
        self.path.unlink(missing_ok=True)

    def _key(self, clip: Path) -> str:
        facts = clip.stat()
        return f"{clip.name} {facts.st_size} {facts.st_mtime_ns} {self._how}"


def _fingerprint(teacher: Teacher) -> str:
    """Of the weights, and of how they are computed with."""
    digest = hashlib.sha256(b"bf16" if teacher.bf16 else b"fp32")
    for weights in teacher.state_dict().values():
        digest.update(weights.numpy().tobytes())
    return digest.hexdigest()[:16]
