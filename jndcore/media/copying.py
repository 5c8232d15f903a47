"""Everything of a source but its video, copied packet by packet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Self

import av
from av.codec.context import CodecContext
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.stream import Discard, Stream

from jndcore.media.demux import packets
from jndcore.media.opening import open_container, video_stream

if TYPE_CHECKING:
    from av.container.core import Chapter

_OF_THE_FILE = {"major_brand", "minor_version", "compatible_brands", "encoder", "timecode"}
"""Metadata that describe the source's container, not its content; FFmpeg makes a stream of a time code."""

_OF_A_STREAM = ("language", "title", "handler_name")
_COPIED = ("audio", "subtitle", "attachment")


def describe_stream(source: Stream, copy: Stream) -> None:
    """Give `copy` the name, the language and the role of `source`."""
    copy.metadata.update({k: v for k, v in source.metadata.items() if k in _OF_A_STREAM})
    copy.disposition = source.disposition


class CopiedStreams:
    """The audio and subtitle streams of `source`, added to `target`; a context, which closes the source.

    Attributes
    ----------
    video : av.VideoStream
        The source's video, as a reader of it chooses it.
    warnings : list of str
        What cannot be copied; grows while copying.

    Parameters
    ----------
    source : Path
    target : OutputContainer
        With its video stream added, and nothing written yet.

    Raises
    ------
    MediaError
        Where the source cannot be opened.
    """

    def __init__(self, source: Path) -> None:
        self._source: InputContainer = open_container(source)
        self.video = video_stream(self._source, source)
        self.warnings: list[str] = []
        self._copies: dict[int, Stream] = {}
        self._shift = Fraction(0)
        self._rest: Iterator[av.Packet[Stream]] = iter(())
        self._next: av.Packet[Stream] | None = None

    @property
    def sounds(self) -> list[Fraction]:
        """Seconds at which each audio stream of the source starts, where that is known."""
        streams = self._source.streams.audio
        return [s.start_time * s.time_base for s in streams if s.start_time is not None and s.time_base]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rest = iter(())
        self._source.close()

    def add_to(self, target: OutputContainer, shift: Fraction) -> None:
        """Give `target` a stream for each that it can hold, the title and the chapters.

        Parameters
        ----------
        target : OutputContainer
            With its video stream added, and nothing written yet.
        shift : Fraction
            Seconds to add to every time stamp.
        """
        self._target, self._shift = target, shift
        for stream in self._source.streams:
            if stream.index != self.video.index:
                self._add(stream)
        target.metadata.update({k: v for k, v in self._source.metadata.items() if k not in _OF_THE_FILE})
        chapters = [_moved(chapter, shift) for chapter in self._source.chapters()]
        if chapters:
            target.set_chapters([chapter for chapter in chapters if chapter["end"] > 0])
        self.video.discard = Discard.all  # not even read
        if self._copies:
            self._rest = packets(self._source, *(self._source.streams[i] for i in self._copies))
            self._advance()

    def _add(self, stream: Stream) -> None:
        known: CodecContext | None = stream.codec_context
        name = stream.type if known is None else f"{stream.type} ({known.codec.canonical_name})"
        complaint = "audio and subtitles alone are copied"
        copy = None
        if stream.type in _COPIED:
            other = "" if self._target.format.name == "matroska" else "; .mkv may"
            complaint = f"{self._target.format.name} cannot hold it{other}"
            with suppress(ValueError, FFmpegError):
                copy = self._target.add_stream_from_template(stream)
        if copy is None:
            self.warnings.append(f"Stream {stream.index}, {name}, is left out: {complaint}.")
            return
        describe_stream(stream, copy)
        if stream.type != "attachment":  # its content is in the header
            self._copies[stream.index] = copy

    def up_to(self, seconds: Fraction | None) -> None:
        """Write the packets that are due before `seconds`; with None, all that are left.

        Raises
        ------
        OSError
            Where the target cannot be written.
        """
        while self._next is not None and (seconds is None or self._due(self._next) <= seconds):
            packet = self._next
            step = packet.time_base
            moved = round(self._shift / step)
            packet.pts = None if packet.pts is None else packet.pts + moved
            packet.dts = None if packet.dts is None else packet.dts + moved
            packet.stream = self._copies[packet.stream_index]
            self._target.mux(packet)
            self._advance()

    def _due(self, packet: av.Packet[Stream]) -> Fraction:
        stamp = packet.dts if packet.dts is not None else packet.pts
        return (stamp or 0) * packet.time_base + self._shift

    def _advance(self) -> None:
        try:
            self._next = next(self._rest, None)
        except FFmpegError as error:
            self._next = None
            self.warnings.append(f"Audio and subtitles end early: the file is broken ({error.strerror}).")


def _moved(chapter: Chapter, shift: Fraction) -> Chapter:
    """A chapter `shift` seconds later, never before 0."""
    steps = round(shift / (chapter["time_base"] or 1))
    return {**chapter, "start": max(0, chapter["start"] + steps), "end": max(0, chapter["end"] + steps)}
