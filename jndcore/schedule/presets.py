"""The encoders' presets."""

from __future__ import annotations

from jndcore.schedule.schedule import Encoder

_OF_X264 = (
    *("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"),
    "placebo",
)

PRESETS: dict[Encoder, tuple[str, ...]] = {
    "libx264": _OF_X264,
    "libx265": _OF_X264,
    "libsvtav1": tuple(map(str, range(14))),
}

USUAL: dict[Encoder, str] = {"libx264": "medium", "libx265": "medium", "libsvtav1": "8"}
"""Presets that nobody need choose."""

LABELS: tuple[Encoder, str] = ("libx264", "medium")
"""What the QPs of the labels were measured with, and the map of CRFs is fitted for."""
