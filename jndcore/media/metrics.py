"""PSNR, SSIM, XPSNR and VMAF of an encode against its source, frame by frame, paired by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from jndcore.media.alignment import Alignment
from jndcore.media.coded import CodedFormat
from jndcore.media.comparison import Comparison, Scores
from jndcore.media.errors import MediaError
from jndcore.media.frame import Frame
from jndcore.media.pairing import faults, settle
from jndcore.media.planes import to_av
from jndcore.media.readback import Progress
from jndcore.media.reader import Reader, open_video
from jndcore.media.vmaf import vmaf_scores

EQUAL = 100.0
"""dB, for frames without any difference: a finite stand-in for infinity."""


@dataclass(frozen=True)
class Metrics:
    """Scores of the luma of each frame in display order, arrays of shape (F,).

    Attributes
    ----------
    psnr : ndarray of float64
        dB, at most `EQUAL`.
    ssim : ndarray of float64
        Up to 1, over windows of 8x8 samples, 4 apart: FFmpeg's, after x264's.
    xpsnr : ndarray of float64
        dB, at most `EQUAL`: PSNR whose errors weigh less where the source is busy (Helmrich et al., ICASSP
        2020). Of deeper video at 8 bits.
    vmaf : ndarray of float64 or None
        0 to 100, by libvmaf's default model; None where it was not asked for.
    elsewhere : int
        Frames that look clearly more like the source frame before or after theirs: most of them do where the
        encode is shifted.
    unlike : int
        Frames that show something else.
    """

    psnr: NDArray[np.float64]
    ssim: NDArray[np.float64]
    xpsnr: NDArray[np.float64]
    vmaf: NDArray[np.float64] | None = None
    elsewhere: int = 0
    unlike: int = 0

    def __len__(self) -> int:
        return len(self.psnr)


def measure(source: Path, encoded: Path, *, vmaf: bool = False, progress: Progress | None = None) -> Metrics:
    """Compare each frame of `encoded` with the frame of the same number in `source`.

    That they belong together is checked first, and again when decoding has shown all frames. Where depth or
    chroma differ, the source is converted to what the encode has. Where one was turned for display and the
    other tells players to, both are compared as displayed, at 8 bits.

    Parameters
    ----------
    source, encoded : Path
    vmaf : bool
        Also VMAF, by the program of the extra ``vmaf``.
    progress : callable, optional

    Raises
    ------
    MediaError
        Where a file cannot be read, or the frames do not pair: other sizes, numbers or times.
    """
    told = progress or (lambda _: None)
    share = 0.5 if vmaf else 1.0
    rows: list[Scores] = []
    with open_video(source, cache_bytes=0) as given, open_video(encoded, cache_bytes=0) as made:
        settle(given, len(made))
        settle(made, len(given))
        _check(given, made)
        alignment = Alignment()
        for row in _scores(given, made, alignment):
            rows.append(row)
            told(share * min(1.0, len(rows) / len(made)))
        alignment.finish()
        _check(given, made)
    psnr, ssim, xpsnr = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    found = Metrics(
        np.minimum(psnr, EQUAL),
        ssim,
        np.minimum(xpsnr, EQUAL),
        elsewhere=alignment.elsewhere,
        unlike=alignment.unlike,
    )
    if not vmaf:
        return found
    return replace(found, vmaf=vmaf_scores(source, encoded, len(rows), lambda done: told((1 + done) / 2)))


def _check(given: Reader, made: Reader) -> None:
    wrong = faults(given.index, made.index)
    if wrong:
        raise MediaError(f"{made.info.path}: {'; '.join(wrong)}; name the video that it was made of.")


def _scores(given: Reader, made: Reader, alignment: Alignment) -> Iterator[Scores]:
    """PSNR, SSIM and XPSNR of each pair of frames."""
    picture = Frame.decoded if given.info.rotation == made.info.rotation else _displayed
    mine, theirs = picture(given.read(0)), picture(made.read(0))
    if (mine.width, mine.height) != (theirs.width, theirs.height):
        raise MediaError(
            f"{made.info.path}: it has {theirs.width}x{theirs.height} samples and the source "
            f"{mine.width}x{mine.height}; compare videos of one size."
        )
    common = CodedFormat.like(theirs)
    graph = Comparison(common.convert(theirs), made.info.fps)
    for a, b in zip(given.frames(), made.frames(), strict=False):  # unlike numbers are found afterwards
        alignment.add(a.luma(), b.luma())
        yield from graph.push(common.convert(picture(a)), common.convert(picture(b)))
    yield from graph.finish()


def _displayed(frame: Frame) -> av.VideoFrame:
    return to_av(frame.planes())
