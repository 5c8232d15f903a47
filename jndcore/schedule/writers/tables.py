"""The schedule itself, for other programs: CSV and JSON."""

from __future__ import annotations

import csv
import io

from jndcore.schedule.files import schedule_json
from jndcore.schedule.schedule import Schedule
from jndcore.schedule.writers.target import VideoFacts, Written

COLUMNS = (
    *("start", "stop", "value", "jnd", "sur_sd", "err", "first_jnd", "first_sur_sd"),
    *("share_no_further_loss", "share_no_loss"),
)


def write_csv(schedule: Schedule, facts: VideoFacts) -> Written:
    """A row for each segment, `stop` exclusive; what is not known is empty."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow((*COLUMNS[:2], schedule.mode, *COLUMNS[3:]))
    for segment in schedule.segments:
        table.writerow((segment.start, segment.stop, segment.value, *vars(segment.predicted).values()))
    return Written({"schedule.csv": text.getvalue()})


def write_json(schedule: Schedule, facts: VideoFacts) -> Written:
    """The schedule file, which every target's folder gets."""
    return Written({"schedule.json": schedule_json(schedule)})
