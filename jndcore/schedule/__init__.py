"""From an Analysis to what an encoder follows: plans, their files, and the encoders' own formats."""

from jndcore.schedule.editing import join, set_value, split
from jndcore.schedule.files import is_schedule, read_schedule, schedule_json, write_schedule
from jndcore.schedule.planning import SHARES, plan
from jndcore.schedule.schedule import Encoder, Level, Mode, Predicted, Schedule, Segment

__all__ = [
    "SHARES",
    "Encoder",
    "Level",
    "Mode",
    "Predicted",
    "Schedule",
    "Segment",
    "is_schedule",
    "join",
    "plan",
    "read_schedule",
    "schedule_json",
    "set_value",
    "split",
    "write_schedule",
]
