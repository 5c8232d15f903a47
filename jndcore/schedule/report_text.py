"""A report as a short table for the terminal."""

from __future__ import annotations

from jndcore.schedule.report import OffPlan, Report, SegmentReport

_SHOWN = 5
"""Frames off plan that are listed; all of them are in the report's JSON."""

_COLUMNS = (
    "frames",
    "planned",
    "QP found",
    "off plan",
    "kbit/s",
    "JND (error)",
    "no further loss",
    "no loss",
    "PSNR",
    "SSIM",
    "XPSNR",
    "VMAF",
    "worst frame",
)


def report_text(report: Report) -> str:
    """The table without columns of which nothing is known, what is off plan, remarks, and the verdict."""
    found = report.read_back
    lines = [f"{report.encoded}: {len(found)} frames of {found.codec}, {found.bytes.sum():,} bytes"]
    if report.segments:
        lines += _table([_row(segment, report.mode) for segment in report.segments])
    lines += [f"off plan: {_described(frame)}" for frame in report.frames_off_plan[:_SHOWN]]
    if len(report.frames_off_plan) > _SHOWN:
        lines.append(f"off plan: {len(report.frames_off_plan) - _SHOWN} frames more")
    lines += [f"remark: {text}" for text in report.remarks]
    lines += [f"falls short: {text}" for text in report.reasons]
    return "\n".join([*lines, "as planned" if report.ok else "falls short"])


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    used = [k for k in range(len(_COLUMNS)) if any(row[k] for row in rows)]
    widths = [max(len(row[k]) for row in (_COLUMNS, *rows)) for k in used]
    return [
        "  ".join(row[k].rjust(width) for k, width in zip(used, widths, strict=True))
        for row in (_COLUMNS, *rows)
    ]


def _row(segment: SegmentReport, mode: str) -> tuple[str, ...]:
    predicted = segment.predicted
    worst, jnd = _number(segment.worst_xpsnr, 1, " dB"), _number(predicted.jnd, 1)
    return (
        f"{segment.start}..{segment.stop - 1}",
        f"{mode.upper()} {segment.value:g}",
        _number(segment.qp, 2),
        str(segment.off_plan) if mode == "qp" else "",
        f"{segment.kbps:.0f}",
        jnd + _number(predicted.err, 1, ")", " ("),
        _number(predicted.share_no_further_loss, 0, " %"),
        _number(predicted.share_no_loss, 0, " %"),
        _number(segment.psnr, 2),
        _number(segment.ssim, 4),
        _number(segment.xpsnr, 2),
        _number(segment.vmaf, 1),
        "" if segment.worst_frame is None else f"{segment.worst_frame} ({worst})",
    )


def _number(value: float | None, places: int, after: str = "", before: str = "") -> str:
    return "" if value is None else f"{before}{value:.{places}f}{after}"


def _described(frame: OffPlan) -> str:
    lowest, highest = f"{frame.lowest:g}", f"{frame.highest:g}"
    found = lowest if lowest == highest else f"{lowest} to {highest}"
    return f"frame {frame.frame}, {frame.type}: QP {found}, planned {frame.planned or 'none for this type'}"
