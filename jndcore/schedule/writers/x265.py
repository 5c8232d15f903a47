"""x265: the same recipe as for x264, with two differences that were found by reading encodes back."""

from __future__ import annotations

from jndcore.schedule.schedule import Schedule
from jndcore.schedule.writers.colours import tags
from jndcore.schedule.writers.lines import (
    checked_zones,
    decoding,
    key_lines,
    out_name,
    runs,
    script,
)
from jndcore.schedule.writers.target import VideoFacts, Written

NEEDS = "ffmpeg 5.1 or later and x265"

EXACT = "--aq-mode 0 --no-cutree --no-scenecut --keyint -1 --no-open-gop"


def write_x265(schedule: Schedule, facts: VideoFacts) -> Written:
    """Zones and a qpfile of key frames.

    x265 counts the frames of zones from 1, in the order of encoding: with x264's numbers, a segment's last
    frame that is a P takes the QP of the next segment (seen: 25 QP off). Counted from 1 all is exact, for a
    closed GOP at each segment keeps the two orders together there. Zones do nothing in --qp mode, and AQ and
    cutree would move the QPs: hence CRF as the base mode, and neither.
    """
    zones, notes = checked_zones("/".join(f"{a + 1},{b},q={q}" for a, b, q in runs(schedule)), "x265")
    keys = key_lines(schedule)
    colours, unknown = tags(facts, "x265")
    used = " ".join([f"--preset {schedule.preset} --crf 26 {EXACT}", *colours])
    command = (
        f"{decoding(facts)} |\n  x265 --y4m --input - {used} "
        f'--qpfile keyframes.qp --zones "$(cat zones.txt)" -o {out_name(schedule, facts, ".hevc")}'
    )
    files = {"keyframes.qp": keys, "zones.txt": zones + "\n", "encode.sh": script(command, NEEDS)}
    return Written(files, command, (*notes, *unknown))
