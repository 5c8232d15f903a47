"""Which packets a file holds, and which frames they promise."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from jndcore.media.demux import packets

MISSING = np.iinfo(np.int64).min
"""Stands for a timestamp that a packet does not have; below every other."""

REORDER = 32
"""Packets that a frame may be away from its place in display order: AV1's largest pyramid; H.264 has 16."""


@dataclass(frozen=True)
class FrameIndex:
    """The displayed frames of a video in display order. A value: a correction makes a new one.

    Attributes
    ----------
    pts : ndarray of int64, shape (F,)
        Strictly rising, in steps of `time_base`.
    key : ndarray of bool, shape (F,)
        Frames that decoding can start at.
    time_base : Fraction
        Seconds of one step.
    """

    pts: NDArray[np.int64]
    key: NDArray[np.bool_]
    time_base: Fraction

    def __len__(self) -> int:
        return len(self.pts)

    @cached_property
    def time(self) -> NDArray[np.float64]:
        """Seconds from the first displayed frame, shape (F,)."""
        return np.asarray((self.pts - self.pts[:1]) * float(self.time_base), dtype=np.float64)

    def find(self, pts: int) -> int:
        """The number of the frame with this pts.

        Raises
        ------
        KeyError
            Where there is none.
        """
        number = int(np.searchsorted(self.pts, pts))
        if number == len(self) or self.pts[number] != pts:
            raise KeyError(pts)
        return number

    def place(self, pts: int, number: int) -> int:
        """The number here of a frame that had `number` in an earlier index.

        Pts do not change by a correction. Frames that they cannot name are counted, and their numbers hold.
        """
        try:
            return self.find(pts)
        except KeyError:
            return number

    def without(self, numbers: NDArray[np.intp]) -> FrameIndex:
        """The index that lacks these frames."""
        return FrameIndex(np.delete(self.pts, numbers), np.delete(self.key, numbers), self.time_base)

    def including(self, number: int, pts: int) -> FrameIndex:
        """The index with one frame more, at `number`."""
        return FrameIndex(
            np.insert(self.pts, number, pts), np.insert(self.key, number, False), self.time_base
        )

    def counted_from(self, n: int, frames: int, step: int) -> FrameIndex:
        """The first `n` frames of this index, then more up to `frames` in all, `step` apart."""
        more = np.arange(1, frames - n + 1) * np.int64(step) + (self.pts[n - 1] if n else -step)
        key = np.concatenate([self.key[:n], np.zeros(len(more), dtype=bool)])
        return FrameIndex(np.concatenate([self.pts[:n], more]), key, self.time_base)


@dataclass(frozen=True)
class PacketTable:
    """Every packet of the video stream in the file's order, as demuxed from the beginning.

    Attributes
    ----------
    pts, dts : ndarray of int64, shape (P,)
        `MISSING` where the packet has none.
    key, discard : ndarray of bool, shape (P,)
        The container's flags; packets to discard are decoded but not shown (edit lists).
    duration : ndarray of int64, shape (P,)
        0 where unknown.
    end : float
        Seconds at which the last packet of any stream ends.
    broken : str or None
        Why reading stopped before the end of the file.
    torn : bool
        The last packet is incomplete.
    time_base : Fraction
        Seconds of one step of the stream's timestamps.
    """

    pts: NDArray[np.int64]
    dts: NDArray[np.int64]
    key: NDArray[np.bool_]
    discard: NDArray[np.bool_]
    duration: NDArray[np.int64]
    end: float
    broken: str | None
    torn: bool
    time_base: Fraction

    def __len__(self) -> int:
        return len(self.pts)

    @cached_property
    def step(self) -> int:
        """The usual duration of a frame in steps of the time base, at least 1."""
        shown = np.unique(self.pts[~self.discard & (self.pts != MISSING)])
        known = np.diff(shown) if len(shown) > 1 else self.duration[self.duration > 0]
        return max(1, int(np.median(known))) if len(known) else 1

    @cached_property
    def timed(self) -> bool:
        """Every packet has a pts of its own, near its place in the file's order.

        Otherwise pts cannot name frames: they are missing (raw streams, AVI), or a clock starts again in
        the middle (joined recordings).
        """
        if (self.pts == MISSING).any() or (np.diff(self.pts[self._by_pts]) == 0).any():
            return False
        return bool((np.abs(self._by_pts - np.arange(len(self))) <= REORDER).all())

    def order(self, pts: int | None) -> int | None:
        """Where in the file's order the packet with this pts stands; None for a stranger."""
        if pts is None:
            return None
        at = int(np.searchsorted(self.pts, pts, sorter=self._by_pts))
        if at == len(self) or self.pts[self._by_pts[at]] != pts:
            return None
        return int(self._by_pts[at])

    @cached_property
    def _by_pts(self) -> NDArray[np.intp]:
        return np.argsort(self.pts)

    def frames(self) -> FrameIndex:
        """The frames that a timed table promises: one a packet, unless the packet is to be discarded."""
        shown = self._by_pts[~self.discard[self._by_pts]]
        return FrameIndex(self.pts[shown], self.key[shown], self.time_base)

    @property
    def shown(self) -> int:
        """Packets that promise a frame."""
        return int((~self.discard).sum())

    def counted_frames(self) -> FrameIndex:
        """As many frames, a `step` apart from 0 on: what is known where pts cannot name frames."""
        pts = np.arange(self.shown) * np.int64(self.step)
        return FrameIndex(pts, self.key[~self.discard], self.time_base)


def scan(container: av.container.InputContainer, stream: av.VideoStream) -> PacketTable:
    """Demux a `container` that was just opened, without decoding."""
    rows = array("q")
    end, broken, torn = 0.0, None, False
    try:
        for packet in packets(container):
            if packet.pts is not None:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            if packet.stream_index == stream.index:
                rows.extend(_row(packet))
                torn = packet.is_corrupt
    except FFmpegError as error:
        broken = error.strerror or type(error).__name__
    pts, dts, key, discard, duration = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return PacketTable(
        pts,
        dts,
        key.astype(bool),
        discard.astype(bool),
        duration,
        end,
        broken,
        torn,
        stream.time_base or Fraction(1),
    )


def _row(packet: av.Packet[av.stream.Stream]) -> tuple[int, ...]:
    return (
        MISSING if packet.pts is None else packet.pts,
        MISSING if packet.dts is None else packet.dts,
        packet.is_keyframe,
        packet.is_discard,
        packet.duration or 0,
    )
