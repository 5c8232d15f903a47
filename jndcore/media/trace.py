"""The headers of HEVC pictures, as FFmpeg's trace_headers filter reads them.

FFmpeg's HEVC decoder exports no QPs. The filter parses every header and prints each field into FFmpeg's log,
which PyAV catches only by taking Python's lock in whatever thread logs: with encoders or decoders at work in
other threads that can lock up for good. So a process of its own does it, in which nothing else runs.
"""

from __future__ import annotations

import multiprocessing
import re
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import av
from av.error import FFmpegError

from jndcore.media.demux import packets
from jndcore.media.errors import MediaError
from jndcore.media.opening import open_container, video_stream

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_FIELD = re.compile(r"\d+\s+(\w+)\s+[01]*\s*= (-?\d+)$")
_WITHOUT_SEI = "filter_units=remove_types=39-40,trace_headers"
_BATCH = 64


class CodedPicture(NamedTuple):
    """What the headers of one packet say.

    Attributes
    ----------
    pts : int or None
        In steps of the stream's time base.
    referenced : bool
        Other pictures refer to it.
    qps : tuple of int
        Of its slices.
    varies : bool
        Blocks may have other QPs than their slice (cu_qp_delta_enabled_flag).
    """

    pts: int | None
    referenced: bool
    qps: tuple[int, ...]
    varies: bool


def trace_hevc(path: Path) -> Generator[list[CodedPicture], None, None]:
    """The pictures of an HEVC file in coded order, some at a time. Closing the iterator ends the process.

    Raises
    ------
    MediaError
        Where the file cannot be read, or the process dies.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(theirs, path), name="jnd-headers", daemon=True)
    process.start()
    theirs.close()
    try:
        while batch := ours.recv():
            if isinstance(batch, str):
                raise MediaError(batch)
            yield batch
    except EOFError as error:
        raise MediaError(
            f"{path}: the process that reads its headers ended unexpectedly; try again."
        ) from error
    finally:
        process.terminate()
        process.join()
        process.close()
        ours.close()


def _run(connection: Connection, path: Path) -> None:
    """Body of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C ends the parent, which ends this process
    batch: list[CodedPicture] = []
    try:
        for picture in _traced(path):
            batch.append(picture)
            if len(batch) == _BATCH:
                connection.send(batch)
                batch = []
        if batch:
            connection.send(batch)
        connection.send(None)
    except MediaError as error:
        connection.send(str(error))
    except FFmpegError as error:
        connection.send(f"{path}: its headers cannot be read ({error.strerror}); encode it again.")


def _traced(path: Path) -> Iterator[CodedPicture]:
    av.logging.set_level(av.logging.INFO)
    av.logging.set_skip_repeated(False)
    headers = _Headers()
    container = open_container(path)
    stream = video_stream(container, path)
    with av.logging.Capture() as log:
        bsf = av.BitStreamFilterContext(_WITHOUT_SEI, stream)  # reads the header's parameter sets
        for packet in packets(container, stream):
            pts, discard = packet.pts, packet.is_discard
            headers.qps.clear()
            bsf.filter(packet)  # takes the packet
            for _, _, message in log:
                headers.read(message)
            log.clear()
            if headers.qps and not discard:
                yield CodedPicture(pts, headers.referenced, tuple(headers.qps), headers.varies)
    container.close()


class _Headers:
    """The state of one stream's headers, field by field in the order of the stream (ITU-T H.265, 7.3)."""

    def __init__(self) -> None:
        self.qps: list[int] = []
        self.referenced = self.varies = False
        self._now: dict[str, int] = {}
        self._init: dict[int, int] = {}
        self._varies: dict[int, bool] = {}

    def read(self, message: str) -> None:
        field = _FIELD.match(message.rstrip())
        if field is None:
            return
        name, value = field[1], int(field[2])
        self._now[name] = value
        if name == "init_qp_minus26":
            self._init[self._now["pps_pic_parameter_set_id"]] = 26 + value
        elif name == "cu_qp_delta_enabled_flag":
            self._varies[self._now["pps_pic_parameter_set_id"]] = bool(value)
        elif name == "slice_qp_delta":
            pps = self._now["slice_pic_parameter_set_id"]
            self.qps.append(self._init[pps] + value)
            self.varies = self._varies[pps]
            kind = self._now["nal_unit_type"]
            self.referenced = kind >= 16 or kind % 2 == 1  # sub-layer non-reference pictures are even
