"""Packets in, pictures out: runs of decoding that start at a key packet or at the beginning."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import av
from av.error import FFmpegError
from av.stream import Stream

from jndcore.media.demux import packets
from jndcore.media.index import MISSING, PacketTable
from jndcore.media.opening import open_container, video_stream


class Decoder:
    """One open file and its video decoder.

    Attributes
    ----------
    damaged : bool
        The decoder refused a packet, or a picture of the run came out incomplete.
    careful : bool
        One thread decodes. Threads hide damage from each other: what they make of it depends on chance, and
        an error at the end of the file costs the pictures behind it.

    Parameters
    ----------
    path : Path

    Raises
    ------
    MediaError
        Where FFmpeg cannot open the file, or it holds no video stream with a known codec.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = False
        self.careful = False
        self._pictures: deque[av.VideoFrame] = deque()
        self._open()

    def _open(self) -> None:
        self.container = open_container(self.path)
        self.stream = video_stream(self.container, self.path)
        self.stream.thread_type = "NONE" if self.careful else "AUTO"
        self.stream.codec_context.thread_count = 1 if self.careful else 0
        self._packets: Iterator[av.Packet[Stream]] | None = None

    def close(self) -> None:
        """Close the file."""
        self._packets = None
        self._pictures.clear()
        self.container.close()

    def rewind(self) -> None:
        """Start a run at the beginning, in a file opened anew: some demuxers cannot seek all the way back."""
        self.close()
        self._open()
        self.damaged = False
        self._packets = packets(self.container, self.stream)

    def be_careful(self, careful: bool) -> None:
        """Decode in one thread, or in as many as there are cores, from the next run on."""
        self.careful = careful
        self.close()
        self._open()

    def seek(self, table: PacketTable, origin: int) -> bool:
        """Start a run at the packet with pts `origin` of a timed table; False where the file will not go.

        Containers seek by dts, by pts, by cluster or by guess, and land early or late. So the place is
        found by the packets themselves: too late, and the seek is repeated for an earlier time; too early,
        and packets are left out.
        """
        start = table.order(origin)
        if start is None:
            return False
        dts = int(table.dts[start])
        wish = origin if dts == MISSING else min(origin, dts)
        for back in (0, 2, 16):
            self._pictures.clear()
            self.damaged = False
            try:
                self.container.seek(wish - back * table.step, stream=self.stream)
                found = packets(self.container, self.stream)
                landed = next((p for p in found if _at_least(table.order(p.pts), start)), None)
            except FFmpegError:
                break
            if landed is not None and landed.pts == origin:
                self._packets = chain([landed], found)
                return True
        self._packets = None
        return False

    def next(self) -> av.VideoFrame | None:
        """The next picture of the run in the decoder's order; None at the end of the file."""
        while not self._pictures and self._packets is not None:
            self._pictures.extend(self._decode_one(self._packets))
        if not self._pictures:
            return None
        picture = self._pictures.popleft()
        self.damaged = self.damaged or picture.is_corrupt
        return picture

    def put_back(self, picture: av.VideoFrame) -> None:
        """Give `picture` out again, next."""
        self._pictures.appendleft(picture)

    def _decode_one(self, run: Iterator[av.Packet[Stream]]) -> list[av.VideoFrame]:
        try:
            packet = next(run, None)
        except FFmpegError:  # a file that breaks off; the scan has told the user
            packet = None
        if packet is None:
            self._packets = None
        try:
            return self.stream.codec_context.decode(packet)
        except FFmpegError:
            self.damaged = True
            return []


def _at_least(order: int | None, start: int) -> bool:
    return order is not None and order >= start
