"""Analyses and schedules of videos that nobody ever saw."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.results import OBSERVER_SD, Analysis, Prediction, Shot, VideoIdentity
from jndcore.schedule import Predicted, Schedule, Segment
from jndcore.schedule.shares import at_qp

STEP = 512  # of 1/12800 s: 25 frames a second


def identity(frames: int, fps: float = 25.0, extrapolated: tuple[str, ...] = ()) -> VideoIdentity:
    return VideoIdentity(
        "clip.mp4", 4321, frames / (fps or 25), "ab" * 32, 640, 360, fps, frames, "1/12800", extrapolated
    )


def prediction(level1: NDArray[np.float64], sd: Sequence[float] = OBSERVER_SD) -> Prediction:
    qp = np.column_stack([level1, level1 + 4.5, level1 + 7.25])
    return Prediction(qp, np.tile(np.array(sd), (len(qp), 1)), np.full_like(qp, 1.5))


def analysis(
    shots: Sequence[int],
    level1: Sequence[float] | NDArray[np.float64],
    *,
    sd: Sequence[float] = OBSERVER_SD,
    every: int = 1,
    fps: float = 25.0,
    frames: int | None = None,
    first: int = 0,
    pts: NDArray[np.int64] | None = None,
    extrapolated: tuple[str, ...] = (),
) -> Analysis:
    """Shots of these lengths from frame `first` on; `level1` for each shot, or for each frame of them all."""
    total = sum(shots)
    told = np.asarray(level1, dtype=np.float64)
    by_frame = told if len(told) == total and len(told) != len(shots) else np.repeat(told, shots)
    number = np.arange(0, total, every)
    edges = list(pairwise(accumulate(shots, initial=0)))
    rows = prediction(by_frame[number], sd)
    pooled = []
    for a, b in edges:
        inside = rows.take(slice(*np.searchsorted(number, [a, b])))
        if len(inside):
            inside = Prediction(*(values.mean(0, keepdims=True) for values in vars(inside).values()))
        pooled.append(Shot(first + a, first + b, inside if len(inside) else Prediction.unknown(1)))
    number = number + first
    return Analysis(
        video=identity(frames or total, fps, extrapolated),
        model="scopenet.test",
        model_sha256="cd" * 32,
        frame=number,
        pts=number * STEP if pts is None else pts,
        time=number / 25,
        shot=np.searchsorted([first + a for a, _ in edges], number, side="right") - 1,
        prediction=rows,
        shots=tuple(pooled),
        every=every,
    )


def schedule(
    lengths: Sequence[int],
    values: Sequence[float],
    *,
    encoder: str = "libx264",
    mode: str = "qp",
    **fields: object,
) -> Schedule:
    """Segments of these lengths and values, of which a QP has its shares of viewers."""
    told = Predicted(28.0, 4.68, 1.5, 28.0, 4.68, 80.0, 80.0)
    edges = pairwise(accumulate(lengths, initial=0))
    segments = tuple(
        Segment(a, b, value, at_qp(told, int(value)) if mode == "qp" else told)
        for (a, b), value in zip(edges, values, strict=True)
    )
    known = {
        "video": identity(sum(lengths)),
        "variable_frame_rate": False,
        "mode": mode,
        "level": 1,
        "share": 75.0,
        "model": "scopenet.test",
        "model_sha256": "cd" * 32,
        "encoder": encoder,
        "preset": "veryfast",
        "segments": segments,
    }
    return Schedule(**known | fields)  # type: ignore[arg-type]


def y4m(path: Path, lengths: Sequence[int], size: tuple[int, int] = (96, 64)) -> Path:
    """A reel with a cut at each length: moving blocks under noise."""
    width, height = size
    rng = np.random.default_rng(7)
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F25:1 Ip A1:1 C420jpeg\n" % size)
        for length in lengths:
            small = rng.integers(30, 220, (height // 8, width // 8))
            blocks, move = small.repeat(8, 0).repeat(8, 1), rng.integers(-3, 4, 2)
            for i in range(length):
                luma = np.roll(blocks, move * i, (0, 1)) + rng.integers(-6, 7, (height, width))
                file.write(b"FRAME\n" + luma.clip(0, 255).astype(np.uint8).tobytes())
                file.write(bytes([118]) * (width * height // 2))
    return path
