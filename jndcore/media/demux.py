"""Packets of a file."""

from __future__ import annotations

from collections.abc import Iterator

import av
from av.container import InputContainer
from av.stream import Stream


def packets(container: InputContainer, *streams: Stream) -> Iterator[av.Packet[Stream]]:
    """Packets of `streams` (none: of all) from where the container stands, in the file's order.

    Leaves out empty ones: frames that an encoder dropped, and those that PyAV adds at the end, which would
    drain a decoder.

    Raises
    ------
    av.error.FFmpegError
        Where the file cannot be read on.
    """
    try:
        for packet in container.demux(*streams):
            if packet.size:
                yield packet
    except IndexError:
        return  # PyAV 18, at the end of a file in which a stream has appeared on the way
