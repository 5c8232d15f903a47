"""Schedules in the formats of encoders, each with the command that uses it correctly."""

from jndcore.schedule.writers.table import REFUSED, TARGETS
from jndcore.schedule.writers.target import Target, VideoFacts, Written
from jndcore.schedule.writers.writing import find_target, make, write

__all__ = ["REFUSED", "TARGETS", "Target", "VideoFacts", "Written", "find_target", "make", "write"]
