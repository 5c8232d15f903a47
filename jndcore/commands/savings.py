"""The command `jnd savings`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from jndcore.commands.stages import shown_stages
from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.results.atomic import replacing
from jndcore.schedule.planning import SHARES
from jndcore.schedule.saving import Reel, Spent, choices, draw, saved, spend, wanted

if TYPE_CHECKING:
    from jndcore.training.evaluation.encodes import EncodeTable
    from jndcore.training.evaluation.runs import Run

TITLES = {
    "schedule": "schedule, as predicted",
    "guard": "constant QP that guards the worst shot, as predicted",
    "equal": "constant QP of equal worst-shot SUR, by the labels",
    "perfect": "schedule, were the labels predicted",
    "perfect guard": "constant QP that guards the worst shot, by the labels",
}
AGAINST = {"guard": "schedule", "equal": "schedule", "perfect guard": "perfect"}
"""What each constant QP is the rival of."""


def savings(
    predictions: Annotated[
        Path, typer.Argument(metavar="OOF", help="Held-out predictions, NAME.oof.csv.", show_default=False)
    ],
    rendered: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of the clips, ID.mkv.", show_default=False)
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Where savings.json goes, and encodes.csv, which is used if it lies there already.",
            show_default=False,
        ),
    ],
    reels: Annotated[int, typer.Option(min=1, help="Reels, without a clip in common.")] = 6,
    shots: Annotated[int, typer.Option(min=2, help="Clips of each reel.")] = 8,
    seed: Annotated[int, typer.Option(help="Of the lots that make the reels.")] = 0,
    level: Annotated[int, typer.Option(min=1, max=3, help="JND that viewers are not to notice.")] = 1,
    share: Annotated[float, typer.Option(metavar="PERCENT", help="Of viewers, 50 to 95.")] = 75.0,
) -> None:
    """Measure what a schedule saves over one constant QP, on reels of labelled clips.

    Bits are those of real encodes by x264 -qp N -preset medium, one clip a shot; predictions come from
    networks that did not see the clip, shares of viewers from the labels. Clips of 1280x720 only.
    """
    from jndcore.training.evaluation.encodes import EncodeTable  # torch: not before it is needed
    from jndcore.training.evaluation.reading import read_run

    if not SHARES[0] <= share <= SHARES[1]:
        raise JNDError(f"a share of {share:g} %: choose 50 to 95 % of viewers.")
    run = read_run(predictions)
    if not out.is_dir():
        raise JNDError(f"{out}: no such folder; make it first.")
    table = EncodeTable(out / "encodes.csv")
    rows = [i for i, clip in enumerate(run.ids) if _is_720p(table, clip, rendered)]
    try:
        drawn = draw([run.ids[i] for i in rows], shots, reels, seed)
    except ValueError as error:
        raise JNDError(f"{predictions}: {error}; ask for fewer.") from error
    made = [_reel(run, np.array(rows)[picked], level) for picked in drawn]
    spent = _spent(made, share, table, rendered)
    settings = {"predictions": predictions.name, "shots": shots, "seed": seed, "level": level, "share": share}
    with replacing(out / "savings.json") as temporary:
        temporary.write_text(json.dumps(_document(spent, settings), indent=1) + "\n", encoding="utf-8")
    print(savings_table(spent), end="")


def _reel(run: Run, picked: NDArray[np.int64], level: int) -> Reel:
    figures = (values[picked, level - 1] for values in (run.answer.qp, run.label, run.answer.sur_sd))
    return Reel(tuple(run.ids[i] for i in picked), *figures)


def _spent(
    made: list[Reel], share: float, table: EncodeTable, rendered: Path
) -> list[tuple[Reel, dict[str, Spent]]]:
    """What each choice costs on each reel, by its name; encodes that the table lacks are made."""
    from jndcore.training.evaluation.measuring import Measuring

    plans = [(reel, choices(reel, share)) for reel in made]
    need: dict[str, set[int]] = {}
    for reel, options in plans:
        for option in options:
            for clip, qps in wanted(option, reel).items():
                need.setdefault(clip, set()).update(qps)
    files = {clip: rendered / f"{clip}.mkv" for clip in need}
    with shown_stages() as progress:
        Measuring(table, files, progress).complete(need, "encoding")

    def size(clip: str, qp: int) -> int:
        return table.encodes[clip][qp].bytes

    return [
        (reel, {option.name: spend(option, reel, share, size) for option in options})
        for reel, options in plans
    ]


def _is_720p(table: EncodeTable, clip: str, rendered: Path) -> bool:
    """By the table where it knows the clip: to open a video is to read all of it."""
    if clip in table.sources:
        return (table.sources[clip].width, table.sources[clip].height) == (1280, 720)
    with open_video(rendered / f"{clip}.mkv") as reader:
        return (reader.info.width, reader.info.height) == (1280, 720)


def savings_table(spent: list[tuple[Reel, dict[str, Spent]]]) -> str:
    """Markdown: each choice over all reels, and what the schedules save, reel by reel in the brackets."""
    lines = [
        "| QPs | bits, MB | worst-shot SUR, % | shots that fall short | saved by its schedule |",
        "|---|---|---|---|---|",
    ]
    total = sum(len(reel.clips) for reel, _ in spent)
    for name, title in TITLES.items():
        mine = [one[name] for _, one in spent]
        worst = np.array([one.worst for one in mine])
        cells = [
            title,
            f"{sum(one.bytes for one in mine) / 1e6:.2f}",
            f"{np.median(worst):.0f} ({worst.min():.0f} to {worst.max():.0f})",
            f"{sum(one.short for one in mine)} of {total}",
            _saved([one[AGAINST[name]] for _, one in spent], mine) if name in AGAINST else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _saved(schedules: list[Spent], rivals: list[Spent]) -> str:
    each = [saved(a, b) for a, b in zip(schedules, rivals, strict=True)]
    whole = 100 * (1 - sum(one.bytes for one in schedules) / sum(one.bytes for one in rivals))
    return f"{whole:+.0f} % ({min(each):+.0f} to {max(each):+.0f})"


def _document(spent: list[tuple[Reel, dict[str, Spent]]], settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 1,
        **settings,
        "reels": [
            {
                "clips": reel.clips,
                "predicted": reel.predicted.round(3).tolist(),
                "label": reel.label.tolist(),
                "choices": [asdict(one) for one in choices.values()],
            }
            for reel, choices in spent
        ],
    }
