"""``jnd evaluate``: runs beside the constant guess and the trial encode, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from jndcore.errors import JNDError
from jndcore.results.atomic import make_folder, replacing
from jndcore.training.datasets import VIDEOS, open_dataset
from jndcore.training.evaluation.baselines import TRIAL_QP, constant_guess, trial_encode
from jndcore.training.evaluation.comparison import Untrained, find_videos, gather
from jndcore.training.evaluation.costs import add_costs
from jndcore.training.evaluation.encodes import EncodeTable, whole
from jndcore.training.evaluation.measuring import Measuring
from jndcore.training.evaluation.notes import write_notes
from jndcore.training.evaluation.records import Report, Row, read_report
from jndcore.training.evaluation.rows import Rows
from jndcore.training.evaluation.runs import X264, Answer, Array, Run
from jndcore.training.evaluation.table import markdown

Progress = Callable[[str, float], None]

REPORT, TABLE, ENCODES = "evaluation.json", "evaluation.md", "encodes.csv"


def evaluate(
    paths: Iterable[Path],
    out: Path,
    *,
    data: Path | None = None,
    rendered: Path | None = None,
    speed: bool = False,
    progress: Progress = lambda stage, share: None,
) -> Report:
    """Judge held-out predictions beside a constant guess and a line through one trial encode.

    Written into `out`: ``evaluation.json``, ``evaluation.md``, and ``encodes.csv``, which holds every encode
    that the figures rest on: with it whole, the same files come again without the clips. Figures that rest on
    encodes are left out, and a note says why, where the labels are no QP of x264, the set holds stills, or
    there is neither ``encodes.csv`` nor `data`.

    Parameters
    ----------
    paths : iterable of Path
        Files ``NAME.oof.csv`` or ``NAME.test.csv`` and folders of such (see `gather`).
    out : Path
        A folder; made where it does not exist.
    data, rendered : Path, optional
        Folder of the data set that the runs name, and of the clips' files where these lie apart (see
        `open_dataset`); needed where encodes lack.
    speed : bool
        Measure pictures a second of all networks now; otherwise those of `out`'s last evaluation stand.
    progress : callable
        Told the stage and the share of it done, 0..1.

    Raises
    ------
    JNDError
        Where there is no run, a file is damaged, runs differ in their clips, labels or folds, some encodes
        lack and the clips are not at hand, or `out` cannot be written.
    """
    if rendered and not data:
        raise JNDError(f"{rendered}: --rendered goes with --data; name the folder of the label tables too.")
    runs, untrained = gather(paths)
    first = runs[0]
    make_folder(out)
    earlier = read_report(out / REPORT) if (out / REPORT).exists() else None
    videos = _videos(first, data, rendered)
    unencoded = _why_unencoded(first, at_hand=bool(data) or (out / ENCODES).exists())
    encodes = None if unencoded else EncodeTable(out / ENCODES)
    rows = _judge(runs, encodes, videos, progress)
    rows += map(_untrained, untrained)
    rows = add_costs(rows, earlier, measure=speed, progress=progress)
    report = Report(
        kind=first.data.kind,
        data=next((str(run.about["data"]) for run in runs if run.about.get("data")), ""),
        scale=first.scale,
        labels=next((run.convention for run in runs if run.about.get("labels")), first.convention),
        clips=len(first.ids),
        groups=len(set(first.groups)),
        folds=0 if first.split else len(set(first.fold.tolist())),
        rows=tuple(rows),
        notes=(),
    )
    report = report.model_copy(update={"notes": write_notes(report, unencoded)})
    _write(out / REPORT, report.model_dump_json(indent=2) + "\n")
    _write(out / TABLE, markdown(report))
    return report


def _videos(run: Run, data: Path | None, rendered: Path | None) -> Mapping[str, Path]:
    if not data:
        return {}
    told = run.data
    dataset = open_dataset(told.kind, data, rendered=rendered, resolution=told.resolution, codec=told.codec)
    return find_videos(run, dataset, data)


def _why_unencoded(run: Run, *, at_hand: bool) -> str:
    """Why figures that rest on encodes are left out; empty where they are not."""
    if run.scale != X264:
        return f"labels are {run.scale}, and clips are encoded by QPs of x264"
    if run.data.kind not in VIDEOS:
        return "the set holds stills, and QPs of x264's P frames say nothing of the encode of a still"
    if not at_hand:
        return f"there is no {ENCODES} beside this table; give the data set with --data to have it made"
    return ""


def _judge(
    runs: Sequence[Run], encodes: EncodeTable | None, videos: Mapping[str, Path], progress: Progress
) -> list[Row]:
    """Rows of the baselines and the runs, after all encodes have been made."""
    first = runs[0]
    guess = _stated(first) if first.split else constant_guess(first.label, first.fold)
    truth, constant = Answer.of(first.label), Answer.of(guess)
    trial = None
    if encodes:
        measuring = Measuring(encodes, videos, progress)
        answers = [truth, constant, *(run.answer for run in runs)]
        trials = () if first.split else (TRIAL_QP,)
        measuring.complete(_wanted(first.ids, answers, *trials), "encoding the clips")
        if not first.split:
            log_rate = encodes.log_rate(first.ids, TRIAL_QP)
            trial = Answer.of(trial_encode(first.label, first.fold, log_rate))
            measuring.complete(_wanted(first.ids, [trial], TRIAL_QP), "encoding for the trial encode")
    rows = Rows(first, encodes, truth, constant)
    return [
        rows.make(constant, kind="constant", name="constant guess"),
        *([rows.make(trial, kind="trial", name="one trial encode")] if trial else []),
        *(rows.of_run(run) for run in runs),
    ]


def _stated(run: Run) -> Array:
    """The run's own constant guess at the levels that are labelled throughout, NaN at the others."""
    return np.where(np.isfinite(run.label).all(axis=0), run.constant, np.nan)


def _untrained(one: Untrained) -> Row:
    return Row(
        kind="untrained",
        name=one.name,
        network=one.network,
        build=one.build,
        title=one.title,
        command=one.command,
    )


def _wanted(ids: Sequence[str], answers: Sequence[Answer], *more: int) -> dict[str, set[int]]:
    """By clip, the QPs at which it must be encoded."""
    table = np.concatenate([answer.qp for answer in answers], axis=1)
    return {
        clip: {*more, *whole(qps[np.isfinite(qps)]).tolist()} for clip, qps in zip(ids, table, strict=True)
    }


def _write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
