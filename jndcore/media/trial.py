"""A trial encode of a few frames: nothing is written, bits and quality are told."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import numpy as np

from jndcore.media.comparison import Comparison, Scores
from jndcore.media.encoders import EncodeSettings
from jndcore.media.frame import Frame
from jndcore.media.metrics import EQUAL
from jndcore.media.pieces import Piece
from jndcore.media.trial_encoder import trial_encoder

_DECODERS = {"libx264": "h264", "libx265": "hevc", "libsvtav1": "libdav1d"}


@dataclass(frozen=True)
class Trial:
    """What an encode of F frames comes to.

    Attributes
    ----------
    bytes : tuple of int
        Of each frame's packet, in coding order: the first is the key frame's.
    psnr, xpsnr : float
        Means over the frames of the luma's, dB, at most 100; see `jndcore.media.Metrics`.
    """

    bytes: tuple[int, ...]
    psnr: float
    xpsnr: float

    @property
    def size(self) -> int:
        """Bytes of all frames, without a container."""
        return sum(self.bytes)


def trial(
    frames: Iterable[Frame],
    piece: Piece,
    settings: EncodeSettings,
    *,
    time_base: Fraction,
    fps: Fraction | None,
    threads: int = 0,
) -> Trial:
    """Encode frames as `jndcore.media.encode_video` would encode a piece, and compare.

    As many source pictures are held as the encoder delays them, some 60 at most.

    Parameters
    ----------
    frames : iterable of Frame
        At least one; those of `piece`, or some of them. Of a reader that is nobody else's: they are stamped
        anew.
    piece : Piece
        Whose QP or CRF to take; its frame numbers do not matter.
    settings : EncodeSettings
    time_base : Fraction
        Of the frames' time stamps, seconds.
    fps : Fraction or None
        Frames a second on the average.
    threads : int
        Of the encoder, which with 1 does the same on every machine; 0: as many as it likes, as an encode has.

    Raises
    ------
    MediaError
        Where the encoder refuses the video, or there are no frames.
    """
    encoder, pictures = trial_encoder(frames, piece, settings, time_base=time_base, fps=fps, threads=threads)
    decoded = _Decoded(encoder, settings, fps)
    for picture in pictures:
        packets = encoder.encode(picture)
        decoded.waiting.append(picture)
        decoded.take(packets)
    decoded.take(encoder.encode(None))
    return decoded.finish()


class _Decoded:
    """The encoder's packets, decoded and compared with the pictures that `waiting` holds in order."""

    def __init__(self, encoder: av.VideoCodecContext, settings: EncodeSettings, fps: Fraction | None) -> None:
        self.waiting: deque[av.VideoFrame] = deque()
        self._decoder = cast(av.VideoCodecContext, av.CodecContext.create(_DECODERS[settings.encoder], "r"))
        self._decoder.extradata = encoder.extradata
        self._fps = fps
        self._graph: Comparison | None = None
        self._sizes: list[int] = []
        self._rows: list[Scores] = []

    def take(self, packets: Sequence[av.Packet[av.VideoStream]]) -> None:
        """Decode and compare what comes of these packets."""
        for packet in packets:
            self._sizes.append(packet.size)
            self._compare(self._decoder.decode(packet))

    def finish(self) -> Trial:
        """Compare the rest, and sum up."""
        self._compare(self._decoder.decode(None))
        if self._graph:
            self._rows += self._graph.finish()
        psnr, _, xpsnr = np.minimum(np.array(self._rows), EQUAL).mean(0).tolist()
        return Trial(tuple(self._sizes), psnr, xpsnr)

    def _compare(self, pictures: Iterable[av.VideoFrame]) -> None:
        for made in pictures:
            self._graph = self._graph or Comparison(made, self._fps)
            self._rows += self._graph.push(self.waiting.popleft(), made)
