"""CRFs matched by VMAF: all segments at once, since VMAF is measured on files.

In each round the whole video is encoded, every segment at the CRF that its search wants tried next.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.media import EncodeSettings, Piece, encode_video
from jndcore.media.pieces import CRF_MAX
from jndcore.media.vmaf import vmaf_program, vmaf_scores
from jndcore.schedule.crf_search import Match, Scale, searching
from jndcore.schedule.schedule import Encoder, Segment

SCALES: dict[Encoder, Scale] = {
    "libx264": Scale(0.1, 1, CRF_MAX["libx264"], 0.7, 0.1),
    "libx265": Scale(0.1, 1, CRF_MAX["libx265"], 0.7, 0.1),
    "libsvtav1": Scale(1, 1, CRF_MAX["libsvtav1"], 0.3, 0.1),
}
"""In points of VMAF."""

_ROUNDS = 5
"""As usual, that of the QPs among them; for the share done."""


def vmaf_matches(
    segments: Sequence[Segment],
    video: Path,
    settings: tuple[EncodeSettings, EncodeSettings],
    starts: Sequence[float],
    progress: Callable[[float], None],
) -> list[Match]:
    """The CRF of each segment whose mean VMAF equals that of the segment's QP.

    Parameters
    ----------
    segments : sequence of Segment
        Of QPs; they tile the video.
    video : Path
    settings : tuple of EncodeSettings
        For the QPs, and for the CRFs.
    starts : sequence of float
        The CRF of each segment to try first.
    progress : callable
        Told the share done, 0..1; what it raises ends the work.

    Raises
    ------
    MediaError
        Where the extra ``vmaf`` is not installed, or the video cannot be encoded.
    """
    vmaf_program()  # before minutes of encoding
    scale = SCALES[settings[1].encoder]
    with tempfile.TemporaryDirectory(prefix="jnd-match-") as folder:
        rounds = _Rounds(video, Path(folder) / "round.mp4", progress)
        wanted = rounds.means([Piece(s.start, s.stop, qp=int(s.value)) for s in segments], settings[0])
        searches = [searching(w, start, scale) for w, start in zip(wanted, starts, strict=True)]
        crfs = [next(search) for search in searches]
        found: list[Match | None] = [None] * len(segments)
        while None in found:
            pieces = [Piece(s.start, s.stop, crf=crf) for s, crf in zip(segments, crfs, strict=True)]
            reached = rounds.means(pieces, settings[1])
            for i, search in enumerate(searches):
                if found[i] is None:
                    crfs[i], found[i] = _step(search, reached[i])
    progress(1.0)
    return [match for match in found if match is not None]


def _step(search: Generator[float, float, Match], reached: float) -> tuple[float, Match | None]:
    """The CRF to encode next, and what the search found if it is at its end."""
    try:
        return search.send(reached), None
    except StopIteration as end:
        match: Match = end.value
        return match.crf, match


class _Rounds:
    """Encodes of one video, one after the other in the same place."""

    def __init__(self, video: Path, made: Path, progress: Callable[[float], None]) -> None:
        self._video, self._made, self._progress = video, made, progress
        self._done = 0

    def means(self, pieces: Sequence[Piece], settings: EncodeSettings) -> NDArray[np.float64]:
        """Mean VMAF of each piece."""
        frames = pieces[-1].stop
        for step in encode_video(self._video, self._made, pieces, settings):
            self._tell(step.done / frames / 2)
        each = vmaf_scores(self._video, self._made, frames, lambda done: self._tell((1 + done) / 2))
        self._done += 1
        return np.array([each[piece.start : piece.stop].mean() for piece in pieces])

    def _tell(self, part: float) -> None:
        self._progress(min(1.0, (self._done + part) / _ROUNDS))
