"""What the check of an encode found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.scores import SCALES, score_value
from app.state import Checked, Score

if TYPE_CHECKING:
    from jndcore.schedule.report import Report, SegmentReport


def verdict(checked: Checked) -> str:
    """In one sentence whether the encode is as planned."""
    report, name = checked.report, checked.encoded.name
    frames, planned = len(report.read_back), checked.schedule.frames
    if report.ok:
        return f"{name}: as planned, {frames} of {planned} frames"
    return f"⚠ {name} falls short: {'; '.join(report.reasons)}."


def remarks(report: Report) -> str:
    """What was not judged, and what is odd; empty for nothing."""
    texts = list(report.remarks)
    if report.mode == "crf":
        texts.insert(0, "The schedule is one of CRFs: what QPs came of them is told, not judged.")
    return "\n".join(text[:1].upper() + text[1:] for text in texts)


def segment_facts(segment: SegmentReport, mode: str) -> dict[str, str]:
    """Planned, predicted and measured of one segment, by name; without what is not known."""
    told = segment.predicted
    scale = "QP " if mode == "crf" else ""  # what is planned is on another
    qp = "" if segment.qp is None else f", {scale}{segment.qp:.1f} found"
    off = f" · {segment.off_plan} off plan" if segment.off_plan else ""
    shares = [
        f"{share:.0f} % see {what}"
        for share, what in ((told.share_no_further_loss, "no more loss"), (told.share_no_loss, "none at all"))
        if share is not None
    ]
    facts = {
        "Frames": f"{segment.start} to {segment.stop - 1}",
        "Quantiser": f"{mode.upper()} {segment.value:g} planned{qp}{off}",
        "Predicted": ", ".join(shares),
        "Measured": " · ".join([f"{segment.kbps:,.0f} kbit/s", *_means(segment)]),
    }
    return {name: text for name, text in facts.items() if text}


def worst_of(segment: SegmentReport) -> str:
    """The segment's worst frame; empty where none is known."""
    if segment.worst_frame is None or segment.worst_xpsnr is None:
        return ""
    return f"frame {segment.worst_frame}, XPSNR {score_value('xpsnr', segment.worst_xpsnr)}"


def _means(segment: SegmentReport) -> list[str]:
    means: tuple[tuple[Score, float | None], ...] = (("xpsnr", segment.xpsnr), ("vmaf", segment.vmaf))
    return [f"{SCALES[name].title} {score_value(name, value)}" for name, value in means if value is not None]
