"""Which targets take what is planned, and why others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.state.plan import FIRST_TARGET, PlanOptions, TargetChoice

if TYPE_CHECKING:
    from jndcore.schedule import Encoder, Mode
    from jndcore.schedule.writers import Target

MAPPED: Encoder = "libx264"
"""Whose CRFs are known without trial encodes, by its preset medium."""

USUAL_TARGETS: dict[Mode, TargetChoice] = {"qp": FIRST_TARGET, "crf": TargetChoice("ffmpeg", "libx264")}
"""As long as the user chooses none. x264's own zones give a segment's first frame the CRF of the one before;
ffmpeg encodes each segment by itself."""

NO_TRIALS = "refine by trial encodes to get its CRFs"


def not_taken(target: Target, encoder: Encoder, options: PlanOptions) -> str:
    """Why a target, for one of its encoders, is not for a plan by `options`; empty where it is."""
    from jndcore.schedule.schedule import MODES

    if target.name == "x264-qpfile":
        return "needs the frame types of an encode (jnd schedule S.json --format x264-qpfile --types ENCODE)"
    if options.mode not in target.modes:
        return "takes no CRFs (it would not follow them from segment to segment; steer by QP)"
    if options.mode not in MODES[encoder]:
        return "takes CRFs only (AV1 has no QPs of H.264's scale; steer by CRF and refine by trial encodes)"
    if options.mode == "crf" and not options.refine and encoder != MAPPED:
        return f"{NO_TRIALS} (without, those of H.264 with preset medium alone are known)"
    return ""


def no_preset(preset: str, options: PlanOptions) -> str:
    """Why a preset cannot be chosen."""
    from jndcore.schedule.presets import USUAL

    if options.mode == "crf" and not options.refine and preset != USUAL[MAPPED]:
        return f"{NO_TRIALS} (without, those of H.264 with preset medium alone are known)"
    return ""


def with_encoder(choice: TargetChoice, name: str, encoder: Encoder) -> TargetChoice:
    """Another target, with the preset of `choice` if its encoder has that one."""
    from jndcore.schedule.presets import PRESETS, USUAL

    preset = choice.preset if choice.preset in PRESETS[encoder] else USUAL[encoder]
    return TargetChoice(name, encoder, preset)


def taken(choice: TargetChoice, options: PlanOptions) -> TargetChoice:
    """`choice` where it takes the plan, with a preset that it can have; else the one nearest to it."""
    from jndcore.schedule.presets import USUAL
    from jndcore.schedule.writers import TARGETS

    if not_taken(TARGETS[choice.name], choice.encoder, options):
        same, usual = TARGETS[choice.name], USUAL_TARGETS[options.mode]
        stays = MAPPED in same.encoders and not not_taken(same, MAPPED, options)
        choice = with_encoder(choice, choice.name if stays else usual.name, MAPPED)
    if no_preset(choice.preset, options):
        choice = choice._replace(preset=USUAL[MAPPED])
    return choice
