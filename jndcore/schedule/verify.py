"""Proof: whether an encode is what its schedule says, from the stream itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.media import Metrics, ReadBack, Reader, measure, open_video, read_back
from jndcore.media.pairing import faults, settle
from jndcore.schedule import qp_check
from jndcore.schedule.encoding import is_of
from jndcore.schedule.report import OffPlan, Report, SegmentReport
from jndcore.schedule.schedule import Encoder, Schedule, Segment

CODECS: dict[Encoder, str] = {"libx264": "h264", "libx265": "hevc", "libsvtav1": "av1"}

Progress = Callable[[str, float], None]
"""Told a stage and the share of it done, 0 to 1; what it raises ends the check."""


def verify(
    encoded: Path,
    schedule: Schedule,
    source: Path | None = None,
    *,
    vmaf: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Check an encode against its schedule.

    In this order: the number of frames and how long they last; codec, size and damage; each frame's type and
    QP (of a CRF schedule they are told, not judged). With a source: that it is the planned one, that all
    frames pair with it by number and time, and only then scores.

    Parameters
    ----------
    encoded : Path
    schedule : Schedule
    source : Path, optional
        The video that was planned.
    vmaf : bool
        Also VMAF, where there is a source (the extra ``vmaf``).
    progress : callable, optional

    Returns
    -------
    Report
        `Report.ok` tells whether all that was checked is as planned.

    Raises
    ------
    JNDError
        Where a file cannot be read, or VMAF cannot be measured.
    """
    told = progress or (lambda *_: None)
    found = read_back(encoded, lambda done: told("reading back", done))
    with open_video(encoded) as made:
        settle(made, len(found))
        reasons, remarks = _first_doubts(found, made, schedule), list(made.warnings)
        complete = len(found) == schedule.frames
        off = qp_check.off_plan(found, schedule) if complete else []
        if complete:
            reasons += qp_check.reasons(found, schedule, off)
            remarks += qp_check.remarks(found)
        doubts = _source_doubts(source, made, schedule) if source else []
        seconds = _seconds(made)
    metrics = None
    if source is None:
        remarks.append("No source was given: neither time stamps nor pictures are compared.")
    elif complete and not doubts:
        metrics = measure(source, encoded, vmaf=vmaf, progress=lambda done: told("comparing", done))
        doubts = _picture_doubts(metrics)
    return Report(
        encoded.name,
        schedule.mode,
        (*reasons, *doubts),
        tuple(remarks),
        tuple(off),
        tuple(_segment(s, found, off, metrics, seconds) for s in schedule.segments if complete),
        found,
        metrics,
    )


def _first_doubts(found: ReadBack, made: Reader, schedule: Schedule) -> list[str]:
    """What a file's outside shows not to be as planned."""
    video, info, doubts = schedule.video, made.info, []
    if len(found) != schedule.frames:
        doubts.append(f"it has {len(found)} frames, and {schedule.frames} are planned")
    elif abs(info.duration - video.duration) > 1.5 * video.duration / schedule.frames:
        doubts.append(f"its frames last {info.duration:.2f} s and the video's {video.duration:.2f} s")
    if (info.width, info.height) != (video.width, video.height):
        doubts.append(f"it shows {info.width}x{info.height} and the video {video.width}x{video.height}")
    if found.codec != CODECS[schedule.encoder]:
        doubts.append(f"it is {found.codec}, and {CODECS[schedule.encoder]} is planned ({schedule.encoder})")
    if found.damaged:
        doubts.append(f"{found.damaged} frames are damaged")
    return doubts


def _source_doubts(source: Path, made: Reader, schedule: Schedule) -> list[str]:
    """Why the encode is not to be compared with this source."""
    with open_video(source) as given:
        if not is_of(given.info.identity, schedule):
            return [f"{source.name} is not the video that was planned ({schedule.video.name})"]
        settle(given, len(made))
        return faults(given.index, made.index)


def _picture_doubts(metrics: Metrics) -> list[str]:
    if metrics.elsewhere > len(metrics) / 2:
        return [f"{metrics.elsewhere} frames look more like the source's frame before or after theirs"]
    if metrics.unlike > len(metrics) / 2:
        return [f"{metrics.unlike} frames show something else than the source's"]
    return []


def _seconds(made: Reader) -> NDArray[np.float64]:
    """How long each frame is shown, shape (F,); the last one as long as most."""
    steps = np.diff(made.index.time)
    return np.append(steps, np.median(steps) if len(steps) else made.info.duration)


def _segment(
    segment: Segment,
    found: ReadBack,
    off: list[OffPlan],
    metrics: Metrics | None,
    seconds: NDArray[np.float64],
) -> SegmentReport:
    part = slice(segment.start, segment.stop)
    qps = found.qp[part] - qp_check.added(found.types[part])
    qps = qps[np.isfinite(qps)]
    size, length = int(found.bytes[part].sum()), float(seconds[part].sum())
    scores: dict[str, float | None] = {}
    worst = None
    if metrics is not None:
        for name in ("psnr", "ssim", "xpsnr", "vmaf"):
            values = getattr(metrics, name)
            scores[name] = None if values is None else float(values[part].mean())
        worst = segment.start + int(np.argmin(metrics.xpsnr[part]))
        scores["worst_xpsnr"] = float(metrics.xpsnr[worst])
    return SegmentReport(
        segment.start,
        segment.stop,
        float(segment.value),
        segment.predicted,
        float(qps.mean()) if len(qps) else None,
        sum(segment.start <= frame.frame < segment.stop for frame in off),
        size,
        size * 8 / length / 1000 if length else 0.0,
        worst_frame=worst,
        **scores,
    )
