"""Whether frames of two videos belong together: checked before anything is compared."""

from __future__ import annotations

import numpy as np

from jndcore.media.index import FrameIndex
from jndcore.media.reader import Reader


def settle(reader: Reader, frames: int) -> None:
    """Decode all of a video where its index does not promise `frames` frames: decoding may correct it.

    (Fields of interlaced H.264, hidden AV1 frames: `jndcore.media.numbering`.)
    """
    if len(reader) != frames:
        for _ in reader.frames():
            pass


def faults(source: FrameIndex, encoded: FrameIndex) -> list[str]:
    """Why frame ``n`` of one is not frame ``n`` of the other; empty where it is.

    They pair when there are as many, and each comes at the same time after the first. A time may differ by
    one step of the coarser time base, since containers round.
    """
    if len(source) != len(encoded):
        return [f"it has {len(encoded)} frames and the source {len(source)}"]
    if not len(source):
        return []
    step = max(float(source.time_base), float(encoded.time_base))
    apart = np.abs(encoded.time - source.time)
    wrong = np.flatnonzero(apart > step * 1.001)
    if not len(wrong):
        return []
    n = int(wrong[0])
    return [
        f"frame {n} comes {encoded.time[n]:.3f} s after the first and in the source {source.time[n]:.3f} s "
        f"({len(wrong)} of {len(source)} frames are off)"
    ]
