"""A table that keeps trial encodes of clips by QP and by CRF, so that they are made once."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle, groupby, islice
from pathlib import Path
from typing import NamedTuple

from jndcore.errors import JNDError
from jndcore.media import EncodeSettings, Frame, open_video, trial
from jndcore.results.atomic import replacing
from jndcore.schedule.encoding import piece
from jndcore.schedule.schedule import Mode

Progress = Callable[[str, float], None]


class Key(NamedTuple):
    """Which encode: a clip's name, frames of the shot, whether its value is a QP or a CRF, and that.

    A shot of more frames than the clip has is the clip played forth and back.
    """

    clip: str
    frames: int
    mode: Mode
    value: float


@dataclass(frozen=True)
class Sized:
    """What an encode comes to: mean XPSNR of its frames, dB, and bytes of the stream."""

    xpsnr: float
    bytes: int


class TrialTable:
    """Trial encodes of clips by libx264, preset medium.

    Attributes
    ----------
    known : dict of Key to Sized
    """

    def __init__(self, path: Path) -> None:
        """Read `path` where it exists; JNDError where it is no such table."""
        self._path = path
        self.known: dict[Key, Sized] = {}
        if path.exists():
            self._read()

    def complete(self, wanted: Iterable[Key], folder: Path, progress: Progress) -> None:
        """Make what the table lacks, of clips that lie in `folder` as ``ID.mkv``.

        Raises
        ------
        JNDError
            Where a clip cannot be read or encoded, or the table cannot be written.
        """
        lacking = {
            clip: list(keys)
            for clip, keys in groupby(sorted(set(wanted) - self.known.keys()), key=lambda key: key.clip)
        }
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [pool.submit(try_clip, folder / f"{clip}.mkv", keys) for clip, keys in lacking.items()]
            try:
                for done, job in enumerate(as_completed(jobs), 1):
                    self.known |= job.result()
                    self._write()
                    progress("encoding", done / len(jobs))
            finally:
                pool.shutdown(cancel_futures=True)

    def _read(self) -> None:
        try:
            with open(self._path, newline="", encoding="utf-8") as file:
                self.known = dict(map(_entry, csv.DictReader(file)))
        except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
            raise JNDError(
                f"{self._path}: not a table of trial encodes ({error}); delete it or name another."
            ) from error

    def _write(self) -> None:
        with replacing(self._path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(("id", "frames", "mode", "value", "xpsnr", "bytes"))
            table.writerows(self._rows())

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for key, one in sorted(self.known.items()):
            yield key.clip, str(key.frames), key.mode, f"{key.value:g}", f"{one.xpsnr:.4f}", str(one.bytes)


def _entry(row: dict[str, str]) -> tuple[Key, Sized]:
    if row["mode"] not in ("qp", "crf"):
        raise ValueError(f"an encode has a qp or a crf, no {row['mode']}")
    mode: Mode = "qp" if row["mode"] == "qp" else "crf"
    key = Key(row["id"], int(row["frames"]), mode, float(row["value"]))
    return key, Sized(float(row["xpsnr"]), int(row["bytes"]))


def try_clip(path: Path, keys: Sequence[Key]) -> dict[Key, Sized]:
    """Trial encodes of one clip, each in one thread, so that they are the same on every machine."""
    made = {}
    with open_video(path, cache_bytes=0) as reader:
        frames = list(islice(reader.frames(), max(key.frames for key in keys)))
        for key in keys:
            found = trial(
                forth_and_back(frames, key.frames),
                piece(0, key.frames, key.value, key.mode),
                EncodeSettings(),
                time_base=reader.index.time_base,
                fps=Fraction(reader.info.fps or 25),
                threads=1,
            )
            made[key] = Sized(round(found.xpsnr, 4), found.size)  # as the table will hold it
    return made


def forth_and_back(frames: Sequence[Frame], count: int) -> Iterator[Frame]:
    """`count` frames, played forth and back as often as need be, so that nothing jumps."""
    step = frames[1].pts - frames[0].pts if len(frames) > 1 else 1
    turn = [*frames, *frames[-2:0:-1]]
    for number, frame in enumerate(islice(cycle(turn), count)):
        yield Frame(frame.decoded(), number=number, pts=number * step, time=frame.time, key=number == 0)
