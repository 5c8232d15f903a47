"""Whether a file ends before it says it does."""

from __future__ import annotations

from fractions import Fraction

import av

from jndcore.media.index import PacketTable

SLACK = 3
"""Frames that a declared duration may exceed what is there: containers round."""


def shortfall(
    container: av.container.InputContainer, stream: av.VideoStream, table: PacketTable
) -> list[str]:
    """A warning where reading stopped early, or the file declares more than it holds."""
    if table.broken:
        return [f"The file cannot be read to its end ({table.broken}): the frames before that are used."]
    if table.torn:
        return ["The file is cut off in its last packet: the frames before that are used."]
    missing = _declared_end(container, stream, table.time_base) - table.end
    if missing > max(0.1, SLACK * float(table.step * table.time_base)):
        return [f"The file is cut off: {missing:.1f} s of its declared duration are missing."]
    return []


def _declared_end(
    container: av.container.InputContainer, stream: av.VideoStream, time_base: Fraction
) -> float:
    """Seconds at which the file says it ends; 0 where it does not say.

    Matroska declares the duration of the whole file, most others one for each stream.
    """
    if stream.duration is not None:
        return float(((stream.start_time or 0) + stream.duration) * time_base)
    if "matroska" in container.format.name and container.duration is not None:
        return container.duration / av.time_base
    return 0.0
