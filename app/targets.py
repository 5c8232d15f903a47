"""Which targets take what is planned, and why others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.state import TargetChoice

if TYPE_CHECKING:
    from jndcore.schedule import Encoder, Mode
    from jndcore.schedule.writers import Target

MAPPED: Encoder = "libx264"
"""Whose CRFs are known without trial encodes, by its preset medium."""


def not_taken(target: Target, encoder: Encoder, mode: Mode) -> str:
    """Why a target, for one of its encoders, is not for this window's plans; empty where it is."""
    from jndcore.schedule.schedule import MODES

    if target.name == "x264-qpfile":
        return "needs the frame types of an encode (jnd schedule S.json --format x264-qpfile --types ENCODE)"
    if mode not in target.modes:
        return "takes no CRFs (it would not follow them from segment to segment; steer by QP)"
    if mode not in MODES[encoder]:
        return "takes CRFs only (which need trial encodes: jnd schedule --mode crf --refine --video VIDEO)"
    if mode == "crf" and encoder != MAPPED:
        return "its CRFs need trial encodes (jnd schedule --mode crf --refine --video VIDEO)"
    return ""


def no_preset(preset: str, mode: Mode) -> str:
    """Why a preset cannot be chosen."""
    from jndcore.schedule.presets import USUAL

    if mode == "crf" and preset != USUAL[MAPPED]:
        return "not with CRFs (they are fitted for medium; jnd schedule --mode crf --refine finds others)"
    return ""


def taken(choice: TargetChoice, mode: Mode) -> TargetChoice:
    """`choice` where it takes the plan, with a preset that it can have; else the first target that does."""
    from jndcore.schedule.presets import USUAL
    from jndcore.schedule.writers import TARGETS

    preset = USUAL[MAPPED] if no_preset(choice.preset, mode) else choice.preset
    if not not_taken(TARGETS[choice.name], choice.encoder, mode):
        return choice._replace(preset=preset)
    return next(
        TargetChoice(target.name, encoder, preset)
        for target in TARGETS.values()
        for encoder in target.encoders
        if not not_taken(target, encoder, mode)
    )
