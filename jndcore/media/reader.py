"""The frames of one video by number."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from jndcore.media.cache import FrameCache
from jndcore.media.errors import MediaError
from jndcore.media.frame import Frame
from jndcore.media.index import FrameIndex
from jndcore.media.info import VideoInfo
from jndcore.media.walk import Walk

CACHE_BYTES = 256 << 20
"""Decoded frames that a reader holds: 185 of 1280x720, 20 of 3840x2160 (8 bits)."""


def open_video(path: str | PathLike[str], *, cache_bytes: int = CACHE_BYTES) -> Reader:
    """Open a video for frame-exact reading.

    Parameters
    ----------
    path : path
    cache_bytes : int
        Bytes of decoded frames to hold around the last `Reader.read`.

    Raises
    ------
    MediaError
        Where the file is missing, unreadable, empty, no video, or no frame of it can be decoded.
    """
    return Reader(Path(path), cache_bytes)


class Reader:
    """The frames of one video. Belongs to one thread at a time; close it, or use it as a context.

    `jndcore.media.numbering` tells how frames get their numbers, and when numbers may be corrected.
    """

    def __init__(self, path: Path, cache_bytes: int) -> None:
        self._walk = Walk(path)
        self._cache = FrameCache(cache_bytes)
        self._cached_index = self._walk.index
        while self._walk.opening:
            self._cache.put(self._walk.opening.pop(0))

    def __len__(self) -> int:
        """Displayed frames, as far as known."""
        return len(self._walk.index)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let go of all frames that are not in other hands."""
        self._cache.clear()
        self._walk.close()

    @property
    def info(self) -> VideoInfo:
        """The facts of the video, in step with the index."""
        return self._walk.info

    @property
    def index(self) -> FrameIndex:
        """Pts, time and key flag of every frame; another object once decoding has corrected it."""
        return self._walk.index

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about the file; grows while reading."""
        return self._walk.warnings

    @property
    def key_frames(self) -> NDArray[np.int64]:
        """Numbers of the frames that are random access points, rising."""
        return np.flatnonzero(self.index.key).astype(np.int64)

    def gop_start(self, n: int) -> int:
        """The key frame at or before frame `n`; 0 where there is none."""
        keys = np.flatnonzero(self.index.key[: n + 1])
        return int(keys[-1]) if len(keys) else 0

    def read(self, n: int) -> Frame:
        """Frame `n`, with the pixels that decoding from the beginning gives.

        Frames decoded on the way are held in the cache, so stepping backwards inside a GOP is quick.

        Raises
        ------
        IndexError
            Where there is no frame `n`, or decoding towards it shows that there is none.
        MediaError
            Where damage keeps the frame from being decoded again, or the file is gone.
        """
        frame = self._frame(n, keep=True) if n >= 0 else None
        if frame is not None and frame.number == n:
            return frame
        if 0 <= n < len(self):
            raise MediaError(
                f"{self.info.path}: frame {n} is damaged and cannot be decoded again; try others."
            )
        raise IndexError(f"frame {n} of a video of {len(self)} frames")

    def held(self, n: int) -> Frame | None:
        """Frame `n` where it is in the cache, without decoding; None where it is not, or there is none."""
        if self._cached_index is not self.index:  # frames in the cache may have other numbers now
            self._cache.clear()
            self._cached_index = self.index
        return self._cache.get(int(self.index.pts[n])) if 0 <= n < len(self) else None

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Frames `start` up to but not including `stop` (None: to the end), one after the other.

        Both are numbers of the index at the first ``next``. Nothing is left out or repeated when meanwhile
        the index is corrected or `read` is called. The frames are not put into the cache.

        Raises
        ------
        IndexError
            Where `start` is negative.
        """
        if start < 0:
            raise IndexError(f"frame {start} of a video")
        limit = None if stop is None or stop >= len(self) else int(self.index.pts[stop])
        n, last = start, None
        while (frame := self._frame(n, keep=False)) is not None and (limit is None or frame.pts < limit):
            if last is None or self._walk.follows(frame, last):
                yield frame
                last = frame
            n = self._walk.after(last)

    def _frame(self, n: int, *, keep: bool) -> Frame | None:
        """Frame `n` (or a later one, see `Walk.to`) from the cache or decoded; None beyond the end."""
        held = self.held(n)
        if n >= len(self):
            return None
        return held or self._walk.to(n, self._cache.put if keep else _drop)


def _drop(frame: Frame) -> None:
    """Keep nothing."""
