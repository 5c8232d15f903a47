"""An evaluation as Markdown tables, to be read in a terminal too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jndcore.models.card import Interval
from jndcore.results import LEVELS
from jndcore.training.datasets import VIDEOS
from jndcore.training.evaluation.records import LevelScores, Report, Row, Scores, SurScores
from jndcore.training.evaluation.settings import shown_settings

LEVEL_HEAD = (
    "",
    "error (MAE, {scale})",
    "constant guess",
    "difference, paired",
    "ratio",
    "bias ({scale})",
    "PSNR error (dB)",
    "constant guess (dB)",
    "inside 80 %",
    "CRPS ({scale})",
)
SUR_HEAD = ("", "SUR error (points)", "constant guess", "ratio")
GAIN_HEAD = ("", "gain at JND1 (dB)", "at JND2", "at JND3")
COST_HEAD = ("", "title", "parameters", "GFLOPs", "input", "frames a second", "settings", "trained in", "on")


def markdown(report: Report) -> str:
    """The whole document."""
    rows = report.rows
    lines = ["# Evaluation", "", _about(report), ""]
    lines += _figures([(row, row.scores) for row in rows], "", report.scale)
    lines += _section("Rebuilt frames against the source", GAIN_HEAD, [_gains(row) for row in rows])
    moving = [(row, row.real_motion) for row in rows if row.real_motion]
    lines += _figures(moving, ", real motion alone", report.scale)
    lines += _section("Networks", COST_HEAD, [_cost(row) for row in rows if row.network])
    return "\n".join([*lines, "## Notes", "", *(f"- {note}" for note in report.notes)]) + "\n"


def _about(report: Report) -> str:
    name = f"{report.data}: " if report.data else ""
    what = "clips" if report.kind in VIDEOS else "pictures"
    folds = f"{report.folds} folds" if report.folds else "one split"
    return f"{name}{report.clips} {what} of {report.groups} groups, {folds}, labels in {report.scale}."


def _figures(rows: Sequence[tuple[Row, Scores | None]], where: str, scale: str) -> Iterator[str]:
    head = [title.format(scale=scale) for title in LEVEL_HEAD]
    for level in LEVELS:
        lines = [_level(row, scores, level) for row, scores in rows]
        yield from _section(f"JND{level}{where}", head, lines)
    lines = [_sur(row, scores.sur) for row, scores in rows if scores and scores.sur]
    yield from _section(f"First-JND SUR curve{where}", SUR_HEAD, lines)


def _level(row: Row, scores: Scores | None, level: int) -> list[str]:
    """One line of a level's table; none where the row does not answer that level."""
    if row.kind == "untrained":
        return [row.name, f"not trained here: `{row.command}`"]
    found = [one for one in scores.levels if one.level == level] if scores else []
    return [cell for one in found for cell in (row.name, *_cells(one))]


def _cells(one: LevelScores) -> tuple[str, ...]:
    shown = (one.mae, one.constant_mae, one.difference, one.ratio, one.bias)
    decibels = (one.psnr_error, one.constant_psnr_error)
    return (*map(str, shown), *(str(one or "") for one in decibels), _inside(one), str(one.crps or ""))


def _inside(one: LevelScores) -> str:
    if one.coverage80 is None or one.coverage80_range is None:
        return ""
    low, high = one.coverage80_range
    return f"{one.coverage80:.0%} ({low:.0%} to {high:.0%})"


def _sur(row: Row, sur: SurScores) -> list[str]:
    return [row.name, _points(sur.error), _points(sur.constant_error), str(sur.ratio)]


def _points(share: Interval) -> str:
    return f"{100 * share.value:.1f} ({100 * share.low:.1f} to {100 * share.high:.1f})"


def _gains(row: Row) -> list[str]:
    """The line of a network that rebuilds frames; none for another."""
    gains = {one.level: one.gain for one in row.scores.levels if one.gain} if row.scores else {}
    return [row.name, *(str(gains.get(level, "")) for level in LEVELS)] if gains else []


def _cost(row: Row) -> list[str]:
    cost, speed = row.cost, row.speed
    return [
        row.name,
        row.title,
        f"{cost.parameters:,}" if cost else "",
        f"{cost.gflops:.4g}" if cost else "",
        cost.input if cost else "",
        f"{speed.frames_a_second:.1f}, {speed.batch} at once, {speed.machine}" if speed else "",
        shown_settings(row.network, row.settings),
        f"{row.seconds:,.0f} s" if isinstance(row.seconds, int | float) else str(row.seconds or ""),
        row.device or ("not trained here" if row.kind == "untrained" else ""),
    ]


def _section(title: str, head: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    """A table under its heading; columns that nobody fills are left out, and so is a table without lines."""
    full = [[*line, *[""] * (len(head) - len(line))] for line in lines if line]
    if not full:
        return []
    kept = [c for c in range(len(head)) if c == 0 or any(line[c] for line in full)]
    cells = [[row[c].replace("|", "\\|").replace("\n", " ") for c in kept] for row in (head, *full)]
    rule = ["---"] * len(kept)
    return [f"## {title}", "", *(f"| {' | '.join(row)} |" for row in (cells[0], rule, *cells[1:])), ""]
