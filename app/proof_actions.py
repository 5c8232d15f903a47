"""When the commands on the proof of an encode can be used, and why not."""

from __future__ import annotations

from app.schedule_actions import no_schedule
from app.state import AppState


def no_check(state: AppState) -> str:
    """One check at a time, against a schedule that is on screen."""
    return "A check is under way." if state.proof.checking else no_schedule(state)


def no_cancel(state: AppState) -> str:
    """There must be a check."""
    return "" if state.proof.checking else "No check is under way."


def no_vmaf(state: AppState) -> str:
    """Its program is an extra."""
    return "" if state.proof.can_vmaf else "Install JNDScope with its extra vmaf first."


def no_scores(state: AppState) -> str:
    """There must be a check that came to its end."""
    return "" if state.proof.checked else "Check an encode first."


def no_worst(state: AppState) -> str:
    """What is plotted must be a score."""
    proof = state.proof
    if proof.checked is None:
        return no_scores(state)
    if not proof.checked.worst:
        return "No scores were measured: the schedule's panel says why."
    return "" if proof.score in proof.checked.worst else "Bits are no score: choose one under the curves."
