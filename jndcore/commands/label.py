"""The command `jnd label`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jndcore.commands.stages import shown_stages
from jndcore.errors import JNDError
from jndcore.media.vmaf import vmaf_program

if TYPE_CHECKING:
    from jndcore.training.labelling.agreement import Agreement


def label(
    clips: Annotated[
        Path,
        typer.Argument(metavar="CLIPS", help="Folder of clips of 24 frames or more.", show_default=False),
    ],
    teacher: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="Weights of the teacher, dvqa_videoset_v3.pt (docs/labelling.md).",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="OUT.csv", help="Where the labels go.", show_default=False),
    ],
    table: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Label only the clips whose id it names, ID.mkv; its other columns are kept.",
            show_default="CLIPS/made.csv, else all clips",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="QPs 18 to 36 only; the teacher in bf16 where that is native.")
    ] = False,
    compare: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv", help="Print how far its labels of the same clips agree.", show_default=False
        ),
    ] = None,
) -> None:
    """Label clips without observers: encode each at ten QPs and ask a teacher network and VMAF.

    OUT.csv gets the QPs of the first three JNDs, and what they were made of. Called clips.csv, it is what
    jnd train reads. Where a run was stopped, the next one goes on. These labels are a teacher's opinion, not
    observers'.
    """
    if not out.resolve().parent.is_dir():
        raise JNDError(f"{out}: its folder does not exist; make it first or choose another.")
    vmaf_program()
    from jndcore.predict.devices import computes_bf16  # torch: not before it is needed
    from jndcore.training.labelling.agreement import compare_tables
    from jndcore.training.labelling.run import label_clips, list_clips
    from jndcore.training.labelling.sweep import ALL_QPS, QUICK_QPS
    from jndcore.training.labelling.teacher import load_teacher

    judge = load_teacher(teacher, half=quick and computes_bf16("cpu"))
    rows = list_clips(clips, table)
    with shown_stages() as progress:
        label_clips(
            clips, rows, judge, QUICK_QPS if quick else ALL_QPS, out, lambda done: progress("labelling", done)
        )
    print(out)
    for line in agreement_lines(compare_tables(out, compare)) if compare else ():
        print(line)


def agreement_lines(agreed: list[Agreement]) -> list[str]:
    """A heading, and a line for each column compared."""
    heading = f"{'column':15}{'clips':>6}{'rank correlation':>18}{'mean |difference|':>19}{'largest':>9}"
    return [
        heading,
        *(f"{a.column:15}{a.clips:6}{a.rank:18.3f}{a.mean:19.2f}{a.largest:9.2f}" for a in agreed),
    ]
