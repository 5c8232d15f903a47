"""Runs of decoding: from a start that proves itself, picture after numbered picture.

A seek is trusted only if the first picture at or after the key packet is that packet's, is a key frame to
the decoder too, and is whole. `jndcore.media.numbering` tells how the pictures get their numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, NoReturn

import av

from jndcore.media.decoder import Decoder
from jndcore.media.errors import MediaError
from jndcore.media.index import PacketTable
from jndcore.media.numbering import Numbering, UntimedError


class BrokenRunError(Exception):
    """The run cannot be trusted any further; another may be begun."""


class Numbered(NamedTuple):
    """A picture in its place."""

    picture: av.VideoFrame
    number: int
    pts: int


class Run:
    """The run under way; there is one at a time.

    Attributes
    ----------
    alive : bool
        Pictures may come.
    damaged : bool
        Damaged data were met, in this run or another.
    unclean : set of int
        Pts of key packets that decoding cannot start at, whatever their flag says.

    Parameters
    ----------
    decoder : Decoder
    table : PacketTable
    numbering : Numbering
        Corrected as the run goes.
    """

    def __init__(self, decoder: Decoder, table: PacketTable, numbering: Numbering) -> None:
        self._decoder = decoder
        self._table = table
        self._numbering = numbering
        self._origin: int | None = None
        self._fresh = True
        self.alive = False
        self.damaged = False
        self.unclean: set[int] = set()

    def begin(self, origin: int | None) -> None:
        """Start anew at the key packet with pts `origin`, or at the beginning.

        Raises
        ------
        BrokenRunError
            Where the file cannot be brought to that packet.
        """
        self._origin, self._fresh, self.alive = origin, True, True
        self._numbering.begin(origin)
        if origin is None:
            self._decoder.rewind()
        elif not self._decoder.seek(self._table, origin):
            self._distrust()

    def step(self) -> Numbered | None:
        """The next picture; None at the end of the file.

        Raises
        ------
        BrokenRunError
            Where the run is given up.
        MediaError
            Where the beginning of the file gives no picture at all.
        """
        picture = self._trusted()
        if picture is None:
            self._end()
            return None
        try:
            number, pts = self._numbering.accept(picture.pts)
        except UntimedError:
            self._distrust()
        if self._fresh:
            self._decoder.damaged = False  # that was before the first picture, or among the leading ones
            self._fresh = False
        return Numbered(picture, number, pts)

    def _trusted(self) -> av.VideoFrame | None:
        """The decoder's next picture, once the run has proved itself."""
        picture = self._decoder.next()
        if self._fresh and self._origin is not None:
            while picture is not None and (picture.pts is None or picture.pts < self._origin):
                picture = self._decoder.next()  # a leading picture: it needs what lies before the seek
            if not _starts_cleanly(picture, self._origin):
                self._distrust()
        elif self._decoder.damaged and not self._fresh:
            if not self._decoder.careful:
                self._redo_carefully()
            self.damaged = True
        return picture

    def _end(self) -> None:
        if self._numbering.shortfall() and not self._decoder.careful:
            self._redo_carefully()  # PyAV drops what threads still hold when one of them reports an error
        if self._decoder.careful and not self._decoder.damaged:
            self._decoder.be_careful(False)
        self.alive = False
        if self._numbering.number < 0:
            raise nothing_decodes(self._decoder.path)
        self._numbering.end()

    def _distrust(self) -> NoReturn:
        """Give the run up: its origin is not used again; if that was the beginning, pts are not."""
        self.alive = False
        if self._origin is None:
            self._numbering.count()
        else:
            self.unclean.add(self._origin)
        raise BrokenRunError

    def _redo_carefully(self) -> NoReturn:
        """Give the run up; the next one decodes in one thread, which treats damage the same way each time."""
        self.alive = False
        self._decoder.be_careful(True)
        raise BrokenRunError


def nothing_decodes(path: Path) -> MediaError:
    """What to raise where a file has a video stream but no picture."""
    return MediaError(f"{path}: no frame of it can be decoded; copy it again, or convert it to H.264.")


def _starts_cleanly(picture: av.VideoFrame | None, origin: int) -> bool:
    return picture is not None and picture.pts == origin and picture.key_frame and not picture.is_corrupt
