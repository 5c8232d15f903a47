"""The command `jnd`: every job of JNDScope from a terminal.

Exit codes: 0 done, 1 checked and fell short, 2 bad input or usage, 130 interrupted, 143 or 129 ended by
SIGTERM or SIGHUP. Results go to stdout or the named file, progress and messages to stderr.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import progress as bars
from rich.console import Console

from jndcore import __version__
from jndcore.commands.ablate import ablate
from jndcore.commands.bench_models import bench_models
from jndcore.commands.bench_schedule import bench_schedule
from jndcore.commands.encode import encode
from jndcore.commands.ending import ends_in_order
from jndcore.commands.evaluate import evaluate
from jndcore.commands.label import label
from jndcore.commands.make_clips import make_clips
from jndcore.commands.savings import savings
from jndcore.commands.schedule import schedule
from jndcore.commands.train import train
from jndcore.commands.verify import verify
from jndcore.commands.weights import app as weights
from jndcore.errors import JNDError
from jndcore.media import VideoInfo, open_video
from jndcore.models import DEFAULT_MODEL
from jndcore.predict import Finished, analyse
from jndcore.results import Analysis, write_analysis
from jndcore.results.files import check_suffix

if TYPE_CHECKING:
    from jndcore.predict.predictor import Predictor

app = typer.Typer(
    name="jnd",
    help="JND levels of video: the QPs at which a viewer would just notice the next loss.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
INTERRUPTED = 130
Video = Annotated[Path, typer.Argument(metavar="VIDEO", help="A video file.", show_default=False)]
Model = Annotated[str, typer.Option(help="Model, name.tag.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]


def main() -> None:
    """Run `jnd` and exit with its code."""
    try:
        with ends_in_order():
            app()
    except JNDError as error:
        _say(str(error))
        sys.exit(2)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # as typer answers Ctrl+C
            _say("interrupted; no half-written file is left.")
        raise


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """JND levels of video: the QPs at which a viewer would just notice the next loss."""
    if show:
        print(f"JNDScope {__version__}")
        raise typer.Exit


@app.command()
def info(video: Video) -> None:
    """Print what the reader sees in VIDEO."""
    with open_video(video) as reader:
        facts, keys, warnings = reader.info, len(reader.key_frames), reader.warnings
    for name, value in _facts(facts, keys).items():
        print(f"{name:26}{value}")
    for text in warnings:
        _say(f"warning: {text}")


def _facts(facts: VideoInfo, keys: int) -> dict[str, str]:
    rate = f"{float(facts.fps):.3f} a second" if facts.fps else "unknown"
    colour = (facts.color_range, facts.color_matrix, facts.color_primaries, facts.color_transfer)
    return {
        "file": f"{facts.path}",
        "size": f"{facts.identity.size:,} bytes",
        "sha256 of its first MiB": facts.identity.head_sha256,
        "container": facts.container,
        "codec": f"{facts.codec} {facts.profile}".strip(),
        "picture": f"{facts.width}x{facts.height}, {facts.pix_fmt}, {facts.chroma}, {facts.bit_depth} bits",
        "rotation": f"{facts.rotation} degrees",
        "frames": f"{facts.frames:,}, {keys:,} of them key frames",
        "frame rate": rate + (", variable" if facts.variable_frame_rate else ""),
        "duration": f"{facts.duration:.3f} s, first frame at {facts.start_time:.3f} s",
        "time base": f"{facts.time_base} s",
        "colour": "range {}, matrix {}, primaries {}, transfer {}".format(*colour),
        "scan": "interlaced" if facts.interlaced else "progressive",
        "outside the labels": "; ".join(facts.extrapolated) or "no",
    }


@app.command()
def analyze(
    videos: Annotated[
        list[Path], typer.Argument(metavar="VIDEO...", help="Video files.", show_default=False)
    ],
    out: Annotated[
        list[Path],
        typer.Option(
            "--out",
            "-o",
            metavar="OUT",
            help="Where to write: .parquet, .csv or .json; may be given again for a second format; for "
            "several videos a folder, which gets a Parquet file for each.",
            show_default=False,
        ),
    ],
    model: Model = DEFAULT_MODEL,
    device: Device = "auto",
    every: Annotated[int, typer.Option(min=1, metavar="N", help="Analyse every Nth frame.")] = 1,
    start: Annotated[int, typer.Option(min=0, metavar="FRAME", help="First frame.")] = 0,
    stop: Annotated[
        int | None, typer.Option(min=1, metavar="FRAME", help="Frame to stop before.", show_default="the end")
    ] = None,
) -> None:
    """Predict the JND levels of every frame of VIDEO.

    Levels are QPs that 75 % of viewers accept, on the scale of x264 -qp. A frame's value is a local
    estimate of its clip's. jnd1..3 are the levels, sur_sd1..3 the spread between observers, err1..3
    the model's own standard error.
    """
    jobs = list(zip(videos, _targets(videos, out), strict=True))
    from jndcore.predict.predictor import Predictor  # torch: after the arguments are known to be good

    predictor = Predictor(model, device=device, say=_say)
    for video, targets in jobs:
        analysis = _analyse(video, predictor, every, start, stop)
        for target in targets:
            write_analysis(analysis, target)
            print(target)


def _targets(videos: list[Path], out: list[Path]) -> list[list[Path]]:
    """The files to write for each video; checked before any work is done."""
    for video in videos:
        open_video(video).close()
    if len(videos) == 1 and not out[0].is_dir():
        for path in out:
            check_suffix(path)
            if not path.resolve().parent.is_dir():
                raise JNDError(f"{path}: its folder does not exist; make it first or choose another.")
        return [out]
    if len(out) != 1 or not out[0].is_dir():
        raise JNDError(f"{out[0]}: for several videos name one folder that exists.")
    names = [f"{video.stem}.parquet" for video in videos]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise JNDError(
            f"{out[0] / twice}: two of the videos would write this file; analyse them one at a time."
        )
    return [[out[0] / name] for name in names]


def _analyse(video: Path, predictor: Predictor, every: int, start: int, stop: int | None) -> Analysis:
    bar = bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TextColumn("{task.fields[fps]:.1f} fps"),
        bars.TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,  # its thread would outlive the bar
    )
    with open_video(video) as reader, bar:
        task = bar.add_task(video.name, total=None, fps=0.0)
        for event in analyse(reader, predictor, every=every, start=start, stop=stop):
            if isinstance(event, Finished):
                analysis = event.analysis
            else:
                bar.update(task, completed=event.done, total=event.total, fps=event.fps, refresh=True)
    for text in (
        *analysis.warnings,
        *(f"{video}: extrapolated: {why}." for why in analysis.video.extrapolated),
    ):
        _say(f"warning: {text}")
    return analysis


@app.command()
def bench(
    video: Annotated[
        Path | None, typer.Argument(metavar="[VIDEO]", help="A video file.", show_default="the sample clip")
    ] = None,
    model: Model = DEFAULT_MODEL,
    device: Device = "auto",
    schedule: Annotated[
        bool, typer.Option("--schedule", help="CPU seconds of a prediction, a probe and a search instead.")
    ] = False,
    models: Annotated[
        bool, typer.Option("--models", help="Speed of the model beside the paper's systems instead.")
    ] = False,
) -> None:
    """Measure this machine: speed, window and memory, as ratios in one run (some minutes).

    What a schedule's prediction is worth, clip by clip, is told by bench-schedule.
    """
    if schedule:
        return bench_schedule(video, model)
    if models:
        return bench_models(model, device)
    from jndcore.bench import report, sample_clip
    from jndcore.predict.predictor import Predictor

    for line in report(video or sample_clip(), Predictor(model, device=device, say=_say)):
        print(line, flush=True)


app.command()(schedule)
app.command()(encode)
app.command()(verify)
app.command()(savings)
app.command("bench-schedule")(bench_schedule)
app.command()(label)
app.command()(ablate)
app.command("make-clips")(make_clips)
app.command()(train)
app.command()(evaluate)
app.add_typer(weights, name="weights")


def _say(text: str) -> None:
    print(f"jnd: {text}", file=sys.stderr)
