"""CRFs found by encoding: each shot gets the one whose quality equals that of ``-qp N`` on its frames.

The scale of QPs is that of the labels: x264, preset medium.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from jndcore.errors import JNDError
from jndcore.media import EncodeSettings, open_video
from jndcore.media.pairing import settle
from jndcore.schedule.crf_search import Match
from jndcore.schedule.crf_vmaf import vmaf_matches
from jndcore.schedule.crf_xpsnr import LONGEST, xpsnr_matches
from jndcore.schedule.encoding import check_is_of
from jndcore.schedule.presets import LABELS
from jndcore.schedule.schedule import Encoder, Schedule
from jndcore.schedule.writers.lines import key_interval

Progress = Callable[[float], None]
"""Told the share done, 0..1; what it raises ends the work."""


def match_crf(
    schedule: Schedule,
    video: Path,
    progress: Progress | None = None,
    *,
    encoder: Encoder | None = None,
    preset: str | None = None,
    vmaf: bool = False,
) -> Schedule:
    """A CRF schedule whose segments have the quality of a QP schedule's, found by trial encodes.

    A segment's mean XPSNR comes within 0.05 dB (its mean VMAF within 0.1) of that of x264 ``-qp N -preset
    medium`` on the same frames, or as near as tenths of a CRF allow; libsvtav1 takes whole CRFs, and gets the
    highest whose quality is not lower. Two to four trials are usual, beside that at the QP. By XPSNR,
    segments of more than `LONGEST` frames are tried on those in their middle. What is predicted stays: it is
    of the QP.

    Parameters
    ----------
    schedule : Schedule
        Of QPs.
    video : Path
        What was planned.
    progress : callable, optional
    encoder, preset : str, optional
        What the CRFs are for; the schedule's own.
    vmaf : bool
        By VMAF (the extra ``vmaf``), of all frames, instead of XPSNR.

    Raises
    ------
    JNDError
        Where `schedule` has CRFs already, or `video` is another one, cannot be read or cannot be encoded, or
        VMAF cannot be measured.
    """
    if schedule.mode != "qp":
        raise JNDError(
            f"{schedule.video.name}: this schedule has CRFs already; plan QPs to match them anew (--mode qp)."
        )
    encoder, preset = encoder or schedule.encoder, preset or schedule.preset
    _check(schedule, video)
    keyint = key_interval(schedule)
    found = (vmaf_matches if vmaf else xpsnr_matches)(
        schedule.segments,
        video,
        (EncodeSettings(*LABELS, keyint), EncodeSettings(encoder, preset, keyint)),
        [_usual(segment.value, encoder) for segment in schedule.segments],
        progress or (lambda _: None),
    )
    return replace(
        schedule,
        mode="crf",
        encoder=encoder,
        preset=preset,
        segments=tuple(replace(s, value=m.crf) for s, m in zip(schedule.segments, found, strict=True)),
        warnings=(*schedule.warnings, *_warnings(schedule, found, encoder, vmaf)),
    )


def _check(schedule: Schedule, video: Path) -> None:
    with open_video(video) as reader:
        check_is_of(reader.info.identity, schedule, video)
        settle(reader, schedule.frames)
        if len(reader) != schedule.frames:
            raise JNDError(f"{video}: it has {len(reader)} frames, not {schedule.frames}; analyse it again.")


def _usual(qp: float, encoder: Encoder) -> float:
    """The CRF of a shot of some seconds, within 2 (libsvtav1: 4) on four clips."""
    return {"libx264": qp - 1, "libx265": qp, "libsvtav1": 2.3 * qp - 17}[encoder]


def _warnings(schedule: Schedule, found: Sequence[Match], encoder: Encoder, vmaf: bool) -> list[str]:
    metric, unit = ("VMAF", "") if vmaf else ("XPSNR", " dB")
    largest = max((match.error for match in found), key=abs)
    said = [
        f"each segment's CRF has the mean {metric} of x264 -qp N -preset medium on its frames; the largest "
        f"difference left is {largest:+.2f}{unit}."
    ]
    long = sum(len(segment) > LONGEST for segment in schedule.segments)
    if long and not vmaf:
        said.append(
            f"{long} of {len(found)} segments are longer than {LONGEST} frames and were tried on as many in "
            "their middle, whose CRF was seen to lie up to 0.2 below that of the whole."
        )
    ends = sum(match.at_end for match in found)
    if ends:
        said.append(f"{ends} of {len(found)} segments lie at the end of the CRFs that {encoder} takes.")
    if encoder != LABELS[0]:
        said.append(
            f"equal {metric} is no proof of equal visibility: viewers judged x264, and {encoder} loses other "
            "things than x264 does."
        )
    return said
