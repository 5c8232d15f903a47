"""The command `jnd savings`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from jndcore.commands.reel_trials import ReelTrials
from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.results.atomic import replacing
from jndcore.schedule.planning import SHARES
from jndcore.schedule.reel import draw
from jndcore.schedule.saving import Choice
from jndcore.schedule.saving_plot import draw_rates
from jndcore.schedule.saving_report import bd_table, document, savings_table
from jndcore.schedule.shipped import write_fitted
from jndcore.schedule.trial_table import TrialTable


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
            help="Where savings.json, .md and .svg go, and trials.csv, which is used if it is there.",
            show_default=False,
        ),
    ],
    reels: Annotated[int, typer.Option(min=1, help="Reels, without a clip in common.")] = 6,
    shots: Annotated[int, typer.Option(min=2, help="Clips of each reel.")] = 8,
    frames: Annotated[int, typer.Option(min=24, help="Of each shot: a clip, played forth and back.")] = 120,
    seed: Annotated[int, typer.Option(help="Of the lots that make the reels.")] = 0,
    level: Annotated[int, typer.Option(min=1, max=3, help="JND that viewers are not to notice.")] = 1,
    share: Annotated[float, typer.Option(metavar="PERCENT", help="Of viewers, 50 to 95.")] = 75.0,
    qp: Annotated[
        int | None, typer.Option(min=8, max=47, help="A constant QP to compare too.", show_default=False)
    ] = None,
    crf: Annotated[
        float | None, typer.Option(min=1, max=51, help="A constant CRF to compare too.", show_default=False)
    ] = None,
    fit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Fit the map from QP to CRF anew, to FILE.", show_default=False),
    ] = None,
) -> None:
    """Measure what a schedule saves over one constant QP or CRF, on reels of labelled clips.

    Bits and XPSNR are those of real encodes by x264, preset medium, 5 QP or CRF apart, between which they are
    interpolated; predictions come from networks that did not see the clip, shares of viewers from the
    labels. Clips of 1280x720 only, one a shot. The map from QP to CRF is fitted for each reel without its
    clips.
    """
    from jndcore.training.evaluation.reading import read_run  # torch: not before it is needed

    if not SHARES[0] <= share <= SHARES[1]:
        raise JNDError(f"a share of {share:g} %: choose 50 to 95 % of viewers.")
    run = read_run(predictions)
    if not out.is_dir():
        raise JNDError(f"{out}: no such folder; make it first.")
    rows = [i for i, clip in enumerate(run.ids) if _is_720p(rendered / f"{clip}.mkv")]
    try:
        drawn = draw([run.ids[i] for i in rows], shots, reels, seed)
    except ValueError as error:
        raise JNDError(f"{predictions}: {error}; ask for fewer.") from error
    table = TrialTable(out / "trials.csv")
    work = ReelTrials(run, [np.array(rows)[picked] for picked in drawn], frames, table, rendered)
    outcomes = work.outcomes(level, share, _given(qp, crf, shots))
    if fit is not None:
        write_fitted(work.fitted_map(), fit)
    settings = {"predictions": predictions.name, "shots": shots, "frames": frames, "seed": seed}
    settings |= {"level": level, "share": share}
    text = f"{savings_table(outcomes)}\n{bd_table(outcomes)}"
    for name, content in (
        ("savings.json", json.dumps(document(outcomes, settings), indent=1) + "\n"),
        ("savings.md", text),
    ):
        with replacing(out / name) as temporary:
            temporary.write_text(content, encoding="utf-8")
    draw_rates([outcome.curves for outcome in outcomes], out / "savings.svg")
    print(text, end="")


def _is_720p(path: Path) -> bool:
    with open_video(path) as reader:
        return (reader.info.width, reader.info.height) == (1280, 720)


def _given(qp: int | None, crf: float | None, shots: int) -> list[Choice]:
    """The user's own constants."""
    found = []
    if qp is not None:
        found.append(Choice(f"constant QP {qp}, given", "qp", np.full(shots, float(qp))))
    if crf is not None:
        found.append(Choice(f"constant CRF {crf:g}, given", "crf", np.full(shots, round(crf, 1))))
    return found
