"""HandBrake: x264's zones as an advanced string; there is no way to give it a qpfile."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from jndcore.schedule.schedule import Schedule
from jndcore.schedule.writers.lines import checked_zones, out_name, quoted, script
from jndcore.schedule.writers.target import VideoFacts, Written

B_FRAMES = 3
"""Consecutive B frames at most, whatever the preset."""


def write_handbrake(schedule: Schedule, facts: VideoFacts) -> Written:
    """The string for ``-x`` and a command line.

    Zones do not reach I frames, so there is only one, the first: its QP is 3 below the base CRF, which is the
    first segment's. B frames between two zones take a QP between theirs: so that none comes above plan, the
    lower zone reaches `B_FRAMES` frames into the higher.
    """
    zones, notes = checked_zones(_zones(schedule), "handbrake")
    string = f"aq-mode=0:mbtree=0:scenecut=0:keyint=infinite:bframes={B_FRAMES}:zones={zones}"
    size = f"--width {schedule.video.width} --height {schedule.video.height}"
    command = (
        f"HandBrakeCLI -i {quoted(facts.path)} -o {out_name(schedule, facts, '.mkv')} -e x264 "
        f'--encoder-preset {schedule.preset} -q {schedule.segments[0].value:g} -x "$(cat advanced.txt)" \\\n'
        f"  --vfr {size} --crop-mode none --no-comb-detect --no-deinterlace --no-decomb --no-detelecine"
    )
    files = {"advanced.txt": string + "\n", "encode.sh": script(command, "HandBrakeCLI")}
    return Written(files, command, notes)


def _zones(schedule: Schedule) -> str:
    from scipy.ndimage import minimum_filter1d  # here, so that the window need not wait for scipy

    lowest = minimum_filter1d(schedule.values().astype(np.int64), 2 * B_FRAMES + 1, mode="nearest")
    zones, start = [], 0
    for qp, group in groupby(lowest.tolist()):
        stop = start + sum(1 for _ in group)
        zones.append(f"{start},{stop - 1},q={qp}")
        start = stop
    return "/".join(zones)
