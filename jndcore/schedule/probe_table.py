"""A table that keeps probe encodes of clips, so that they are made once."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

from jndcore.errors import JNDError
from jndcore.results.atomic import replacing
from jndcore.schedule.probe import Probe

Key = tuple[str, int]
"""A clip's name and the QP of its probe."""

COLUMNS = ("id", "qp", "psnr", "xpsnr", "bytes")


def read_probes(path: Path) -> dict[Key, Probe]:
    """What `path` holds; nothing where it does not exist.

    Raises
    ------
    JNDError
        Where it is no such table.
    """
    if not path.exists():
        return {}
    try:
        with open(path, newline="", encoding="utf-8") as file:
            return {
                (row["id"], int(row["qp"])): Probe(float(row["psnr"]), float(row["xpsnr"]), int(row["bytes"]))
                for row in csv.DictReader(file)
            }
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise JNDError(f"{path}: not a table of probes ({error}); delete it or name another.") from error


def write_probes(path: Path, probes: Mapping[Key, Probe]) -> None:
    """Write all, whole or not at all; JNDError where that fails."""
    with replacing(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for (clip, qp), one in sorted(probes.items()):
            table.writerow([clip, qp, f"{one.psnr:.4f}", f"{one.xpsnr:.4f}", one.bytes])


def complete(path: Path, wanted: list[Key], make: Callable[[Key], Probe]) -> list[Probe]:
    """The probes of `wanted`, in its order; those that `path` lacks are made and added, ten at a time."""
    known = read_probes(path)
    made = 0
    for key in wanted:
        if key in known:
            continue
        known[key] = make(key)
        made += 1
        if made % 10 == 0:
            write_probes(path, known)
    if made % 10:
        write_probes(path, known)
    return [known[key] for key in wanted]
