"""One video stream written by one encoder after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import av
from av.container import OutputContainer

from jndcore.media.coded import CodedFormat
from jndcore.media.copying import CopiedStreams, describe_stream
from jndcore.media.encoders import EncodeSettings, set_up
from jndcore.media.errors import MediaError
from jndcore.media.idr import IdrIds
from jndcore.media.pieces import Piece
from jndcore.media.reader import Reader
from jndcore.media.stamps import DecodeStamps, duration, start

ROUNDED = "Matroska rounds time stamps to milliseconds: write MP4 to keep them."


class PieceEncoder:
    """The frames of a reader, encoded into a container piece by piece.

    Attributes
    ----------
    bytes : int
        Of the packets written.

    Parameters
    ----------
    reader : Reader
        Nobody else's: its pictures are stamped anew.
    container : OutputContainer
        Empty; gets its streams and its header here.
    settings : EncodeSettings
    first : Piece
        The one to begin with.
    others : CopiedStreams
        What to write along with the pictures.

    Raises
    ------
    MediaError
        Where the encoder refuses the video.
    """

    def __init__(
        self,
        reader: Reader,
        container: OutputContainer,
        settings: EncodeSettings,
        first: Piece,
        others: CopiedStreams,
    ) -> None:
        self.bytes = 0
        self._reader, self._container, self._settings, self._others = reader, container, settings, others
        self._time_base = reader.index.time_base
        self._shift = -start(reader.index, others.sounds)
        self._ids = IdrIds()
        self._coded = CodedFormat.of(reader.read(0).decoded(), settings.encoder)
        moved = replace(reader.index, pts=reader.index.pts + self._shift)
        self._stamps = DecodeStamps(moved, settings.delay)
        self._stream = container.add_stream(settings.encoder, rate=reader.info.fps)
        self._stream.time_base = self._time_base
        if self._coded.display_matrix:
            self._stream.set_display_matrix(self._coded.display_matrix)
        describe_stream(others.video, self._stream)
        if settings.encoder == "libx265" and container.format.name != "matroska":
            self._stream.codec_context.codec_tag = "hvc1"  # all parameter sets are in the header
        self._open(self._stream.codec_context, first)
        others.add_to(container, self._shift * self._time_base)
        container.start_encoding()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What of the source is not kept, and what is odd about it."""
        rounded = (ROUNDED,) * self._rounds()
        return (*self._reader.warnings, *self._coded.warnings, *self._others.warnings, *rounded)

    def _rounds(self) -> bool:
        """Whether the container cannot hold the source's time stamps."""
        step = self._time_base * 1000
        return self._container.format.name == "matroska" and bool(
            ((self._reader.index.pts + self._shift) * step.numerator % step.denominator).any()
        )

    def run(self, pieces: Sequence[Piece]) -> Iterator[int]:
        """Encode all; yields the number of frames given to the encoder so far.

        Raises
        ------
        MediaError
            Where there turn out to be fewer or more frames than `pieces` cover.
        av.error.FFmpegError
            Where the container cannot be written.
        """
        frames = self._reader.frames()
        done = 0
        for piece in pieces:
            encoder = self._stream.codec_context if piece is pieces[0] else self._new(piece)
            for frame in islice(frames, piece.stop - piece.start):
                picture = self._coded.convert(frame.decoded())
                picture.pts, picture.time_base = frame.pts + self._shift, self._time_base
                self._stamps.shown(picture.pts)
                if done == piece.start and self._settings.encoder == "libx264":
                    self._write(self._ids.start(encoder, picture))
                self._write(encoder.encode(picture))
                done += 1
                yield done
            self._write(encoder.encode(None))
            del encoder  # its frames go before the next one's come
        if done != pieces[-1].stop or next(frames, None) is not None:
            path, found = self._reader.info.path, len(self._reader)
            raise MediaError(
                f"{path}: decoding shows {found} frames, and the pieces cover {pieces[-1].stop}; "
                "analyse and plan it again."
            )

    def _new(self, piece: Piece) -> av.VideoCodecContext:
        encoder = av.CodecContext.create(self._settings.encoder, "w")
        self._open(encoder, piece)
        if encoder.extradata != self._stream.codec_context.extradata:
            raise MediaError(
                f"{self._settings.encoder} wants other stream headers from frame {piece.start} on, so its "
                "packets cannot join the stream; encode with libx264."
            )
        return encoder

    def _open(self, encoder: av.VideoCodecContext, piece: Piece) -> None:
        set_up(
            encoder,
            self._settings,
            self._coded,
            piece,
            time_base=self._time_base,
            fps=self._reader.info.fps,
            aspect=self._others.video.sample_aspect_ratio,
        )

    def _write(self, packets: list[av.Packet[av.VideoStream]]) -> None:
        for packet in self._ids.kept(packets):
            packet.stream = self._stream
            packet.dts = self._stamps.take()
            packet.duration = duration(self._reader.index, (packet.pts or 0) - self._shift)
            self._others.up_to(Fraction(packet.dts) * self._time_base)
            self.bytes += packet.size
            self._container.mux(packet)
