"""Editing by hand: each function gives a new Schedule, so that undo need only keep the old ones."""

from __future__ import annotations

from dataclasses import replace

from jndcore.schedule.schedule import Predicted, Schedule, Segment
from jndcore.schedule.shares import at_qp


def set_value(schedule: Schedule, index: int, value: int | float) -> Schedule:
    """Give segment `index` another QP or CRF; the shares of viewers follow a QP.

    Raises
    ------
    IndexError
        Where there is no such segment.
    ValueError
        Where the value is none of the schedule's scale.
    """
    segment = _segment(schedule, index)
    return _with(schedule, index, index + 1, _valued(schedule, segment, value))


def split(schedule: Schedule, frame: int) -> Schedule:
    """Let a segment start at `frame`; both parts keep the value and what was predicted of the whole.

    Raises
    ------
    ValueError
        Where a segment starts there already, or `frame` lies outside the video.
    """
    if not 0 < frame < schedule.frames:
        raise ValueError(f"no segment can start at frame {frame} of a video of {schedule.frames}")
    segment = schedule.at(frame)
    if segment.start == frame:
        raise ValueError(f"a segment starts at frame {frame} already")
    index = schedule.segments.index(segment)
    parts = replace(segment, stop=frame), replace(segment, start=frame)
    return _with(schedule, index, index + 1, *parts)


def join(schedule: Schedule, index: int) -> Schedule:
    """Join segment `index` to the one after it, at the lower value, so that neither shows more loss.

    Raises
    ------
    IndexError
        Where there is no such segment, or none after it.
    """
    a, b = _segment(schedule, index), _segment(schedule, index + 1)
    whole = replace(_governing(a, b), start=a.start, stop=b.stop)
    return _with(schedule, index, index + 2, _valued(schedule, whole, min(a.value, b.value)))


def _governing(a: Segment, b: Segment) -> Segment:
    """The one whose viewers notice first; where nothing tells, the one of the lower value."""
    jnds = a.predicted.jnd, b.predicted.jnd
    if jnds[0] is None or jnds[1] is None:
        return a if a.value <= b.value else b
    return a if jnds[0] <= jnds[1] else b


def _valued(schedule: Schedule, segment: Segment, value: int | float) -> Segment:
    if schedule.mode == "qp":
        if not isinstance(value, int):
            raise ValueError(f"a QP is an integer, not {value}")
        return replace(segment, value=value, predicted=at_qp(segment.predicted, value))
    if value == segment.value:
        return segment
    unknown: Predicted = replace(segment.predicted, share_no_further_loss=None, share_no_loss=None)
    return replace(segment, value=value, predicted=unknown)


def _segment(schedule: Schedule, index: int) -> Segment:
    if not 0 <= index < len(schedule.segments):
        raise IndexError(f"segment {index} of {len(schedule.segments)}")
    return schedule.segments[index]


def _with(schedule: Schedule, start: int, stop: int, *parts: Segment) -> Schedule:
    segments = (*schedule.segments[:start], *parts, *schedule.segments[stop:])
    return replace(schedule, segments=segments)
