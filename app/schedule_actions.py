"""When the commands on schedules can be used, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.scale import NAMES, ends
from app.state import AppState
from jndcore.errors import JNDError

if TYPE_CHECKING:
    from jndcore.schedule import Mode


def no_analysis(state: AppState) -> str:
    """A schedule needs a complete analysis."""
    if state.results.analysis is not None:
        return ""
    if state.document.status != "open":
        return "Open a video first."
    return (
        "The analysis is not complete yet." if state.work.running else "Analyse the video to the end first."
    )


def no_schedule(state: AppState) -> str:
    """There must be a schedule, and it must be on screen, so that nothing is edited unseen."""
    plan = state.plan
    if no_analysis(state):
        return no_analysis(state)
    if not plan.shown:
        return "Show the schedule first."
    if plan.planned is not None:
        return "" if plan.fits else "The CRFs for this encoder and preset are being matched."
    if plan.doubts and not plan.planning:
        return "The plan needs your consent: see the schedule."
    return plan.trouble or "The schedule is being planned."


def no_refining(state: AppState, mode: Mode) -> str:
    """A plan by QP can only be refined where a correction of the levels is fitted."""
    analysis = state.results.analysis
    if analysis is None or mode == "crf":
        return no_analysis(state)
    from jndcore.schedule.refining import why_not  # too slow before the first paint

    try:
        reason = why_not(analysis)
    except JNDError as error:
        return str(error)
    return reason and f"{reason[:1].upper()}{reason[1:]}; CRFs can be matched all the same."


def no_stop(state: AppState) -> str:
    """There must be trial encodes."""
    return "" if state.plan.stage else "No trial encodes are under way."


def no_files(state: AppState) -> str:
    """The chosen target must take the schedule."""
    plan = state.plan
    if no_schedule(state) or plan.written is not None:
        return no_schedule(state)
    return plan.refusal or "The files are being prepared."


def no_export(state: AppState) -> str:
    """Like `no_files`, but the command shows the schedule first where it is not shown."""
    return no_files(state) if state.plan.shown else no_analysis(state)


def no_command(state: AppState) -> str:
    """A table has no command."""
    written = state.plan.written
    nothing = written is not None and not written.command
    return no_files(state) or ("This target is a table: no command goes with it." if nothing else "")


def no_encode(state: AppState) -> str:
    """One encode at a time."""
    return "An encode is under way." if state.encode.running else no_schedule(state)


def no_cancel(state: AppState) -> str:
    """There must be an encode."""
    return "" if state.encode.running else "No encode is under way."


def no_split(state: AppState) -> str:
    """A segment must not start at the playhead already."""
    plan, frame = state.plan, state.playhead.frame
    if no_schedule(state) or plan.schedule is None:
        return no_schedule(state)
    outside = frame >= plan.schedule.frames
    there = outside or plan.schedule.segments[plan.index_at(frame)].start == frame
    return "A segment starts at the playhead already." if there else ""


def no_join(state: AppState) -> str:
    """The segment at the playhead must not be the last one."""
    plan = state.plan
    if no_schedule(state) or plan.schedule is None:
        return no_schedule(state)
    last = plan.index_at(state.playhead.frame) == len(plan.schedule.segments) - 1
    return "The playhead is in the last segment." if last else ""


def no_step(state: AppState, by: int) -> str:
    """The value at the playhead must not be at that end of the scale."""
    plan = state.plan
    if no_schedule(state) or plan.schedule is None:
        return no_schedule(state)
    low, high = ends(plan.schedule)
    value = plan.schedule.segments[plan.index_at(state.playhead.frame)].value
    beyond = value >= high if by > 0 else value <= low
    return (
        f"{NAMES[plan.schedule.mode]} {high if by > 0 else low:g} is the end of the scale." if beyond else ""
    )


def no_edits(state: AppState) -> str:
    """There must be edits by hand to do without."""
    planned = state.plan.planned
    untouched = planned is not None and not planned.by_hand
    return no_schedule(state) or ("Nothing was edited by hand." if untouched else "")


def no_undo(state: AppState) -> str:
    """There must be a step to take back."""
    return no_schedule(state) or ("" if state.plan.undo else "There is nothing to undo.")


def no_redo(state: AppState) -> str:
    """There must be a step that was taken back."""
    return no_schedule(state) or ("" if state.plan.redo else "There is nothing to redo.")
