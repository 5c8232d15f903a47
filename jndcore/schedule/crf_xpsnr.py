"""CRFs matched by XPSNR, the mean over a segment's luma: one segment after the other, in memory.

The fewer frames are encoded, the lower is the CRF that equals a QP, for MB-tree has less to look ahead at.
At QP 28 (x264 medium, 640x360) the middle of two shots of 289 and 247 frames gave a CRF lower than the whole
by 2.5 and 2.2 where it had 24 frames, by 1.3 and 1.0 at 48, by 0.9 and 0.8 at 96. The same shots played forth
and back for 1152 and 984 frames: by 1.4 and 1.6 at 96, 0.3 and 0.6 at 250, 0.1 and 0.2 at 500: so `LONGEST`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from jndcore.media import EncodeSettings, Frame, Piece, Reader, open_video, trial
from jndcore.media.pairing import settle
from jndcore.media.pieces import CRF_MAX
from jndcore.schedule.crf_search import Match, Scale, find_crf
from jndcore.schedule.schedule import Encoder, Segment

LONGEST = 500
"""Frames of a segment that are encoded at most, those in its middle."""

SCALES: dict[Encoder, Scale] = {
    "libx264": Scale(0.1, 1, CRF_MAX["libx264"], 0.65, 0.05),
    "libx265": Scale(0.1, 1, CRF_MAX["libx265"], 0.6, 0.05),
    "libsvtav1": Scale(1, 1, CRF_MAX["libsvtav1"], 0.28, 0.05),
}
"""In dB. On four clips a CRF cost 0.52 to 0.85, 0.53 to 0.60 and 0.22 to 0.34."""

_TRIALS = 4
"""Of a segment, as usual, its own ``-qp N`` among them; for the share done."""


def xpsnr_matches(
    segments: Sequence[Segment],
    video: Path,
    settings: tuple[EncodeSettings, EncodeSettings],
    starts: Sequence[float],
    progress: Callable[[float], None],
) -> list[Match]:
    """The CRF of each segment whose mean XPSNR equals that of the segment's QP.

    Parameters
    ----------
    segments : sequence of Segment
        Of QPs; they tile the video.
    video : Path
    settings : tuple of EncodeSettings
        For the QPs, and for the CRFs.
    starts : sequence of float
        The usual CRF of each segment. What the segment before showed moves it.
    progress : callable
        Told the share done, 0..1, at each frame; what it raises ends the work.

    Raises
    ------
    MediaError
        Where the video cannot be encoded.
    """
    found: list[Match] = []
    with open_video(video, cache_bytes=0) as reader:
        settle(reader, segments[-1].stop)
        trials = _Trials(reader, settings, progress)
        for segment, start in zip(segments, starts, strict=True):
            known = bool(found) and not found[-1].at_end
            moved = found[-1].crf - starts[len(found) - 1] if known else 0.0
            found.append(trials.match(segment, start + moved))
    return found


class _Trials:
    """Trial encodes of segments of one video, told of frame by frame."""

    def __init__(
        self,
        reader: Reader,
        settings: tuple[EncodeSettings, EncodeSettings],
        progress: Callable[[float], None],
    ) -> None:
        self._reader, self._progress = reader, progress
        self._by_qp, self._by_crf = settings
        self._before = 0.0
        self._made = 0

    def match(self, segment: Segment, start: float) -> Match:
        """The CRF that gives `segment` the quality of its QP."""
        self._made = 0
        wanted = self._xpsnr(segment, Piece(segment.start, segment.stop, qp=int(segment.value)), self._by_qp)
        match = find_crf(
            lambda crf: self._xpsnr(segment, Piece(segment.start, segment.stop, crf=crf), self._by_crf),
            wanted,
            start,
            SCALES[self._by_crf.encoder],
        )
        self._before += len(segment) / len(self._reader)
        self._progress(self._before)
        return match

    def _xpsnr(self, segment: Segment, piece: Piece, settings: EncodeSettings) -> float:
        info = self._reader.info
        made = trial(self._frames(segment), piece, settings, time_base=info.time_base, fps=info.fps)
        self._made += 1
        return made.xpsnr

    def _frames(self, segment: Segment) -> Iterator[Frame]:
        length = min(len(segment), LONGEST)
        start = segment.start + (len(segment) - length) // 2
        for i, frame in enumerate(self._reader.frames(start, start + length)):
            part = min(1.0, (self._made + i / length) / _TRIALS)
            self._progress(self._before + part * len(segment) / len(self._reader))
            yield frame
