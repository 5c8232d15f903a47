"""Frames kept as they are: a small FFV1 file, for clips that are measured or labelled later."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av

from jndcore.media.planes import Planes, to_av


def write_lossless(path: Path, frames: Sequence[Planes], rate: Fraction) -> None:
    """Write frames of one size to a Matroska file, coded by FFV1.

    Parameters
    ----------
    path : Path
        A temporary one (see `replacing`): an interrupted write leaves a broken file.
    frames : sequence of Planes
        At least one.
    rate : Fraction
        Frames a second.
    """
    with av.open(str(path), "w", format="matroska") as out:
        stream = out.add_stream("ffv1", rate=rate)
        stream.height, stream.width = frames[0].y.shape
        stream.pix_fmt = "yuv420p"
        for planes in frames:
            out.mux(stream.encode(to_av(planes)))
        out.mux(stream.encode())
