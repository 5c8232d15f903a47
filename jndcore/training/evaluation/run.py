"""``jnd evaluate``: runs beside the constant guess and the trial encode, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from jndcore.errors import JNDError
from jndcore.results.atomic import replacing
from jndcore.training.evaluation.baselines import TRIAL_QP, constant_guess, trial_encode
from jndcore.training.evaluation.comparison import find_clips, gather
from jndcore.training.evaluation.costs import add_costs
from jndcore.training.evaluation.encodes import EncodeTable, whole
from jndcore.training.evaluation.measuring import Measuring
from jndcore.training.evaluation.notes import write_notes
from jndcore.training.evaluation.records import Report, Row, read_report
from jndcore.training.evaluation.rows import Rows
from jndcore.training.evaluation.runs import Answer, Run
from jndcore.training.evaluation.table import markdown
from jndcore.training.labels import read_clips

Progress = Callable[[str, float], None]

REPORT, TABLE, ENCODES = "evaluation.json", "evaluation.md", "encodes.csv"


def evaluate(
    paths: Iterable[Path],
    out: Path,
    *,
    clips: Path | None = None,
    rendered: Path | None = None,
    speed: bool = False,
    progress: Progress = lambda stage, share: None,
) -> Report:
    """Judge held-out predictions beside a constant guess and a line through one trial encode.

    Written into `out`: ``evaluation.json``, ``evaluation.md``, and ``encodes.csv``, which holds every encode
    that the figures rest on: with it whole, the same files come again without the clips.

    Parameters
    ----------
    paths : iterable of Path
        Files ``NAME.oof.csv`` and folders of such (see `gather`).
    out : Path
        A folder; made where it does not exist.
    clips, rendered : Path, optional
        Folder of label tables and of the clips' files (see `read_clips`); needed where encodes lack.
    speed : bool
        Measure pictures a second of all networks now; otherwise those of `out`'s last evaluation stand.
    progress : callable
        Told the stage and the share of it done, 0..1.

    Raises
    ------
    JNDError
        Where there is no run, a file is damaged, runs differ in their clips, labels or folds, encodes lack
        and the clips are not at hand, or `out` cannot be written.
    """
    if (clips is None) != (rendered is None):
        raise JNDError(f"{clips or rendered}: --clips and --rendered go together; give both or none.")
    runs, untrained = gather(paths)
    _make_folder(out)
    earlier = read_report(out / REPORT) if (out / REPORT).exists() else None
    files = find_clips(runs[0], read_clips(clips, rendered), clips) if clips and rendered else {}
    encodes = EncodeTable(out / ENCODES)
    rows = _judge(runs, encodes, Measuring(encodes, files, progress))
    rows += [
        Row(kind="untrained", name=one.name, network=one.network, title=one.title, command=one.command)
        for one in untrained
    ]
    rows = add_costs(rows, earlier, measure=speed, progress=progress)
    report = Report(
        clips=len(runs[0].ids),
        groups=len(set(runs[0].groups)),
        folds=len(set(runs[0].fold.tolist())),
        rows=tuple(rows),
        notes=write_notes(rows),
    )
    _write(out / REPORT, report.model_dump_json(indent=2) + "\n")
    _write(out / TABLE, markdown(report))
    return report


def _judge(runs: Sequence[Run], encodes: EncodeTable, measuring: Measuring) -> list[Row]:
    """Rows of the baselines and the runs, after all encodes have been made."""
    first = runs[0]
    truth, constant = Answer.of(first.label), Answer.of(constant_guess(first.label, first.fold))
    answers = [truth, constant, *(run.answer for run in runs)]
    measuring.complete(_wanted(first.ids, answers, TRIAL_QP), "encoding the clips")
    log_rate = encodes.log_rate(first.ids, TRIAL_QP)
    trial = Answer.of(trial_encode(first.label, first.fold, log_rate))
    measuring.complete(_wanted(first.ids, [trial], TRIAL_QP), "encoding for the trial encode")
    rows = Rows(first, encodes, truth, constant)
    return [
        rows.make(constant, kind="constant", name="constant guess"),
        rows.make(trial, kind="trial", name="one trial encode"),
        *(rows.of_run(run) for run in runs),
    ]


def _wanted(ids: Sequence[str], answers: Sequence[Answer], *more: int) -> dict[str, set[int]]:
    """By clip, the QPs at which it must be encoded."""
    table = np.concatenate([answer.qp for answer in answers], axis=1)
    return {
        clip: {*more, *whole(qps[np.isfinite(qps)]).tolist()} for clip, qps in zip(ids, table, strict=True)
    }


def _write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JNDError(
            f"{out}: the folder cannot be made ({error.strerror}); choose another place."
        ) from error
