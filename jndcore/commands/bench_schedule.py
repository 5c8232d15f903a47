"""The command `jnd bench-schedule`: what a prediction, a probe and a search cost, and how near they come."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from jndcore.errors import JNDError
from jndcore.media import open_video
from jndcore.models import DEFAULT_MODEL, load_card
from jndcore.schedule.correction import Difference
from jndcore.schedule.costs import cost_lines, measure_costs
from jndcore.schedule.curves import Curves, read_curves
from jndcore.schedule.probe import PROBE_FRAMES, Probe, probe, probe_qp
from jndcore.schedule.probe_table import Key, complete
from jndcore.schedule.refinement import Fitted, fit_refinement
from jndcore.schedule.shipped import write_fitted
from jndcore.schedule.worth import worth

if TYPE_CHECKING:
    from jndcore.training.evaluation.runs import Run


def bench_schedule(
    video: Annotated[
        Path | None,
        typer.Argument(metavar="[VIDEO]", help="Some seconds of video.", show_default="the sample clip"),
    ] = None,
    model: Annotated[str, typer.Option(help="Model, name.tag.")] = DEFAULT_MODEL,
    predictions: Annotated[
        Path | None,
        typer.Option(metavar="OOF", help="Held-out predictions, NAME.oof.csv.", show_default=False),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Label tables of these clips.", show_default=False)
    ] = None,
    rendered: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the clips, ID.mkv: XPSNR too.", show_default=False),
    ] = None,
    probes: Annotated[Path, typer.Option(metavar="FILE", help="Keeps the clips' probes, a CSV file.")] = Path(
        "probes.csv"
    ),
    level: Annotated[int, typer.Option(min=1, max=3, help="JND level of the distances.")] = 1,
    fit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Fit --refine of jnd schedule anew, to FILE.", show_default=False),
    ] = None,
    costs: Annotated[bool, typer.Option(help="Measure CPU seconds.")] = True,
) -> None:
    """Measure the CPU seconds of a prediction, a probe encode and a VMAF search for a shot of 5 s.

    With --predictions and --data also how far from the labels each comes, on clips that nothing was fitted
    on. The labels contain VMAF, so a search by VMAF has seen part of the answer.
    """
    from jndcore.bench import sample_clip
    from jndcore.predict.predictor import Predictor  # torch: not before it is needed

    if (predictions is None) != (data is None):
        raise JNDError("--predictions and --data belong together; name both or none.")
    if fit is not None and (data is None or rendered is None):
        raise JNDError("--fit needs clips: name --predictions, --data and --rendered.")
    if costs:
        for line in cost_lines(measure_costs(video or sample_clip(), Predictor(model, device="cpu"))):
            print(line, flush=True)
    if predictions is not None and data is not None:
        for line in worth_lines(predictions, data, rendered, probes, level, fit):
            print(line, flush=True)


def worth_lines(
    predictions: Path, data: Path, rendered: Path | None, table: Path, level: int, fit: Path | None = None
) -> Iterator[str]:
    """How near to the labels each way comes, as lines of text; with `rendered` probes are made for XPSNR.

    With `fit` what corrects the three levels by such probes is fitted to all clips and written there.
    """
    from jndcore.training.evaluation.reading import read_run

    run, k = read_run(predictions), level - 1
    predicted, first = run.answer.qp[:, k], run.answer.qp[:, 0]
    curves = read_curves(data, run.ids)
    found = None
    if rendered is not None:
        wanted = [(clip, probe_qp(jnd)) for clip, jnd in zip(run.ids, first.tolist(), strict=True)]
        found = complete(table, wanted, lambda key: _probe_clip(rendered, key))
        if fit is not None:
            _fit(run, curves, found, data, fit)
    yield ""
    yield f"distance in QP, level {level}, {len(run.ids)} clips held out, 95 % intervals over their groups;"
    yield "on the right to the teacher's part of the label, which contains no VMAF, all fitted to it anew"
    yield f"{'':42}{'to label':>8}  {'against prediction alone':25}{'teacher':>8}"
    rows = worth(
        predicted,
        run.label[:, k],
        run.constant[:, k],
        run.groups,
        curves,
        found,
        first=None if level == 1 else first,
    )
    for row in rows:
        teacher = "" if row.teacher_mae is None else f"{row.teacher_mae:8.2f}  {_gain(row.teacher_gain)}"
        yield f"{row.name:42}{row.mae:8.2f}  {_gain(row.gain):25}{teacher}".rstrip()


def _fit(run: Run, curves: Curves, probes: list[Probe], data: Path, target: Path) -> None:
    name = run.name
    xpsnr = np.array([one.xpsnr for one in probes])
    rate = np.log2([one.bytes for one in probes] * curves.scale)
    known = Fitted(run.answer.qp, run.label, run.constant, run.groups)
    about = f"{len(run.ids)} clips of {data.name}: labels by a teacher network and VMAF, not by observers"
    model = name, load_card(name).sha256
    write_fitted(fit_refinement(known, xpsnr, rate, model, about), target)


def _gain(gain: Difference | None) -> str:
    return "" if gain is None else f"{gain.value:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}]"


def _probe_clip(folder: Path, key: Key) -> Probe:
    clip, qp = key
    with open_video(folder / f"{clip}.mkv", cache_bytes=0) as reader:
        fps = Fraction(reader.info.fps or 25)
        return probe([frame.planes() for frame in islice(reader.frames(), PROBE_FRAMES)], qp, fps)
