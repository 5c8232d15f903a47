"""Figures of the machine it runs on, measured in one run so that their ratios mean something."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jndcore.errors import JNDError
from jndcore.media import loop_video, open_video
from jndcore.predict import analyse

if TYPE_CHECKING:
    from jndcore.predict.predictor import Predictor

REPEATS = 3
MINUTES = (1, 10)


@dataclass(frozen=True)
class Speeds:
    """Frames a second of decoding with downscaling, of the network alone and of the whole analysis.

    `rebuild` is the seconds that one rebuilt frame takes. One value for each turn; none of `rebuild` where
    the model rebuilds no frames.
    """

    decode: list[float]
    network: list[float]
    analyze: list[float]
    rebuild: list[float]


def sample_clip() -> Path:
    """The clip that comes with JNDScope."""
    return Path(str(resources.files("resources") / "sample" / "sample.mp4"))


def report(video: Path, predictor: Predictor) -> Iterator[str]:
    """All figures as lines of text, each as soon as it is measured."""
    yield f"{video.name} on {predictor.device.label}; best of {REPEATS} turns, the worst in brackets"
    speeds = measure_speeds(video, predictor)
    ratio = max(speeds.decode) / max(speeds.analyze)
    yield _line("decoding + downscaling", _spread(speeds.decode), "frames a second")
    yield _line("network alone", _spread(speeds.network), f"frames a second, batches of {predictor.batch}")
    yield _line("analyze, every frame", _spread(speeds.analyze), "frames a second")
    yield _line("analyze / decoding", f"{ratio:.2f}", "x the time; goal: at most 2.5")
    if speeds.rebuild:
        seconds = f"{min(speeds.rebuild):.2f} ({max(speeds.rebuild):.2f})"
        yield _line("JND frame rebuilt in", seconds, "s; goal: 0.5 at 720p")
    window = measure_window(video, predictor)
    yield _line("first window paint", f"{window['first_paint_s']:.2f}", "s after the start; goal: below 1")
    stalls = f"{window['longest_stall_ms']:.0f} ({window['longest_stall_loading_ms']:.0f})"
    yield _line("longest stall of the UI", stalls, "ms in an analysis (before it); goal: 50")
    yield _line(
        "stall by importing torch", f"{measure_import_stall():.0f}", "ms in a thread; so a child does it"
    )
    peaks = measure_memory(video, predictor)
    for minutes, peak in peaks.items():
        yield _line(f"peak memory, {minutes} min", f"{peak:.0f}", "MB")
    yield _line("growth", f"{max(peaks.values()) - min(peaks.values()):.0f}", "MB; goal: at most 50")


def _line(name: str, figure: str, unit: str) -> str:
    return f"{name:26}{figure:>12}  {unit}"


def measure_speeds(video: Path, predictor: Predictor) -> Speeds:
    """Run the three over every frame of `video`, in turn, so that all meet the same machine."""
    speeds = Speeds([], [], [], [])
    with open_video(video) as reader:
        first = list(islice(reader.frames(), predictor.batch))
        model = predictor.model
        batch = np.stack([model.alone(frame) for frame in first])
        middle = len(reader) // 2
        beside = [reader.read(n) for n in (middle - 1, middle + 1) if 0 <= n < len(reader)]
        picture = reader.read(middle).picture(beside)
        shown = model.shown[:1]  # none, where the model rebuilds no frames
        predictor.predict(batch)  # the first pass builds the kernels
        for level in shown:
            predictor.rebuild(picture, level)
        frames, rounds = len(reader), max(len(reader) // len(batch), 1)
        for _ in range(REPEATS):
            pictures = ((model.prepare(f), f.small()) for f in reader.frames())
            speeds.decode.append(frames / _seconds(pictures))
            predictions = (predictor.predict(batch) for _ in range(rounds))
            speeds.network.append(rounds * len(batch) / _seconds(predictions))
            speeds.analyze.append(frames / _seconds(analyse(reader, predictor)))
            if shown:
                speeds.rebuild.append(_seconds(predictor.rebuild(picture, level) for level in shown))
    return speeds


def measure_window(video: Path, predictor: Predictor) -> dict[str, float]:
    """Open the real window on `video` off screen and return the figures that it notes of itself.

    Raises
    ------
    JNDError
        Where the window cannot be started.
    """
    with tempfile.TemporaryDirectory() as folder:
        timings = Path(folder) / "timings.json"
        command = [
            sys.executable,
            "-m",
            "app.main",
            str(video),
            "--screenshot",
            str(Path(folder) / "window.png"),
        ]
        chosen = {"JNDSCOPE_MODEL": predictor.name, "JNDSCOPE_DEVICE": predictor.device.name}
        environment = os.environ | chosen | {"QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(
            [*command, "--timings", str(timings)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise JNDError(
                f"{video}: the window could not be measured ({done.stderr.strip() or done.returncode})."
            )
        figures: dict[str, float] = json.loads(timings.read_text())
        return figures


def measure_import_stall() -> float:
    """Longest time in ms that importing torch in a thread keeps other threads from running."""
    code = (
        "import threading, time\n"
        "worker = threading.Thread(target=__import__, args=('torch',))\n"
        "longest, last = 0.0, time.perf_counter()\n"
        "worker.start()\n"
        "while worker.is_alive():\n"
        "    time.sleep(0.001)\n"
        "    now = time.perf_counter()\n"
        "    longest, last = max(longest, now - last), now\n"
        "print(longest * 1000)\n"
    )
    return float(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    )


def measure_memory(video: Path, predictor: Predictor) -> dict[int, float]:
    """Peak memory in MB of `jnd analyze` on 1 and on 10 minutes of `video`, played in a loop."""
    peaks = {}
    with tempfile.TemporaryDirectory() as folder:
        with open_video(video) as reader:
            seconds = max(reader.info.duration, 0.1)
        for minutes in MINUTES:
            long = Path(folder) / f"{minutes}.mkv"
            loop_video(video, long, times=max(round(60 * minutes / seconds), 1))
            analyze = [sys.executable, "-m", "jndcore", "analyze", str(long), "-o", f"{long}.parquet"]
            peaks[minutes] = _peak([*analyze, "--model", predictor.name, "--device", predictor.device.name])
            long.unlink()
    return peaks


def _peak(command: list[str]) -> float:
    """Peak memory of a command in MB.

    A small process starts it: on Linux the figure of a process begins at the peak of the one it was
    forked from, and this one has held a model.
    """
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise JNDError(f"{command[4]}: its analysis ended with an error; run it by hand to see why.")
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage counts bytes there, KiB elsewhere
    return int(done.stdout) * unit / 1e6


def _spread(rates: list[float]) -> str:
    digits = 0 if max(rates) >= 10 else 2
    return f"{max(rates):.{digits}f} ({min(rates):.{digits}f})"


def _seconds(work: Iterable[object]) -> float:
    """Wall-clock time that it takes to exhaust `work`."""
    began = time.perf_counter()
    for _ in work:
        pass
    return time.perf_counter() - began
