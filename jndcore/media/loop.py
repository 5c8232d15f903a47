"""A long video made of a short one, for measurements."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av


def loop_video(source: Path, target: Path, *, times: int) -> None:
    """Write the video stream of `source` to `target`, `times` times in a row, without encoding anew.

    `source` must start with a key frame and name its duration, as any MP4 file does.
    """
    with av.open(str(source)) as given, av.open(str(target), "w") as out:
        video = given.streams.video[0]
        packets = [(p, p.pts or 0, p.dts or 0) for p in given.demux(video) if p.size]
        copy = out.add_stream_from_template(video)
        length = max(pts + (p.duration or 0) for p, pts, _ in packets) - min(pts for _, pts, _ in packets)
        time_base = video.time_base or Fraction(1)
        for start in range(0, times * length, length):
            for packet, pts, dts in packets:
                packet.stream = copy
                packet.pts, packet.dts, packet.time_base = pts + start, dts + start, time_base
                out.mux(packet)  # rescales the packet's stamps to the container's own
