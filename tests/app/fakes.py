"""A child process that is none, which answers at once and can be told to wait; and work that never ends."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

import numpy as np

from jndcore.media import Picture, Planes, open_video
from jndcore.models import DEFAULT_MODEL
from jndcore.predict import (
    Cancelled,
    DeviceInfo,
    Event,
    Failed,
    Finished,
    Loaded,
    NotRebuilt,
    Progress,
    Rebuilt,
)
from jndcore.results import Analysis, Prediction, Shot

DEVICES = (
    DeviceInfo("cpu", "CPU (2 threads)", True),
    DeviceInfo("cuda", "NVIDIA or AMD GPU", False, "no such GPU or no driver for it"),
    DeviceInfo("mps", "Apple GPU", False, "not on Linux x86_64"),
)
STEP = 8
DARKER = 40


@dataclass(frozen=True)
class FakeModel:
    """Levels that anybody can work out from the frame number: `qp`, rising 0.01 a frame; NaN is not told.

    With `doubts` it has an error and a spread too.
    """

    qp: tuple[float, float, float] = (20.0, 28.0, 36.0)
    doubts: bool = True
    shown: tuple[int, ...] = (1, 2, 3)
    detail: tuple[int, int] | None = None

    @property
    def levels(self) -> tuple[int, ...]:
        return tuple(level for level, qp in enumerate(self.qp, start=1) if qp == qp)

    def predict(self, frames: np.ndarray) -> Prediction:
        qp = np.array(self.qp) + 0.01 * frames[:, None]
        nothing = np.full_like(qp, np.nan)
        doubts = (np.full_like(qp, 3.0), np.full_like(qp, 1.5)) if self.doubts else (nothing, nothing)
        return Prediction(qp, *doubts)


OTHER, CROSSING, SECOND = "scopenet.other", "MJ-LAT.fake", "E2E-LAT.fake2"
MODELS = {
    DEFAULT_MODEL: FakeModel(),
    OTHER: FakeModel((22.0, 27.0, 33.0)),
    CROSSING: FakeModel((31.0, 30.0, 38.0), doubts=False, shown=()),
    SECOND: FakeModel((np.nan, 26.0, np.nan), doubts=False, shown=(2,), detail=(640, 352)),
}
"""Of the last two the first rebuilds no frames, and the second tells level 2 alone."""


def predict(frames: np.ndarray) -> Prediction:
    """What the default model says."""
    return MODELS[DEFAULT_MODEL].predict(frames)


@dataclass
class FakeChild:
    """Analyses in steps of 8 frames; while `hold` is set it stays at the first step.

    The rebuilt frame is the original, 40 darker; of frames of `refuses` there is none. The model `broken`
    does not load. While `silent` it answers no request to rebuild.
    """

    model: str = DEFAULT_MODEL
    device: str = "auto"
    hold: threading.Event = field(default_factory=threading.Event)
    closed: bool = False
    fail: str = ""
    broken: str = ""
    sha256: str = "0" * 64
    shown: tuple[int, ...] | None = None
    analyses: int = 0
    rebuilds: int = 0
    refuses: tuple[int, ...] = ()
    asked: Picture | None = None
    asked_qps: list[float | None] = field(default_factory=list)
    silent: bool = False

    def on(self, model: str, device: str) -> FakeChild:
        """Stand in for a process started with `model` on `device`."""
        self.model, self.device = model or DEFAULT_MODEL, device
        self.analysis.clear()
        self._greet()
        return self

    def __post_init__(self) -> None:
        self.events: deque[Event] = deque()
        self.analysis: deque[Event] = deque()

    def _greet(self) -> None:
        self.closed = False
        if self.model == self.broken:
            self.events.append(Failed(f"{self.model}: damaged.", "details to copy"))
            return
        fake = MODELS[self.model]
        shown = fake.shown if self.shown is None else self.shown
        loaded = (self.model, self.sha256, fake.levels, shown, fake.detail)
        self.events.append(Loaded(*loaded, "CPU (2 threads)", DEVICES, 0.1))

    def analyse(self, path: Path, *, playhead: int = 0) -> None:
        self.analyses += 1
        if self.model == self.broken:
            return
        if self.fail:
            self.events.append(Failed(self.fail, "details to copy"))
            return
        with open_video(path) as reader:
            info, index = reader.info, reader.index
        frames = np.roll(np.arange(len(index.time)), -playhead)
        half = len(frames) // 2
        predict, crossed = MODELS[self.model].predict, ()
        every = predict(np.sort(frames))
        if every.crossed.any():
            crossed = (f"levels cross at {every.crossed.sum()} of {len(frames)} frames.",)
        shots = tuple(Shot(a, b, every.take(slice(a, a + 1))) for a, b in ((0, half), (half, len(frames))))
        self.analysis = deque(
            Progress(part, predict(part), shots, int(part[-1]) + 1, len(frames), "all frames", 100.0, 1.5)
            for part in np.array_split(frames, max(len(frames) // STEP, 1))
        )
        self.analysis.append(
            Finished(
                Analysis(
                    info.identity,
                    self.model,
                    self.sha256,
                    np.sort(frames),
                    index.pts,
                    index.time,
                    (np.sort(frames) >= half).astype(np.int64),
                    every,
                    shots,
                    warnings=crossed,
                )
            )
        )
        self.events.append(self.analysis.popleft())

    def cancel(self) -> None:
        self.analysis.clear()
        self.events.append(Cancelled())

    def rebuild(self, frame: int, picture: Picture, level: int, qp: float | None = None) -> None:
        self.rebuilds += 1
        self.asked = picture
        self.asked_qps.append(qp)
        if self.silent:
            return
        if frame in self.refuses:
            self.events.append(NotRebuilt(frame, level, f"Frame {frame} is too large.", ""))
            return
        planes = picture.planes
        darker = Planes(np.maximum(planes.y, 16 + DARKER) - DARKER, planes.u, planes.v)
        qp = MODELS[self.model].qp[level - 1] if qp is None else qp
        self.events.append(Rebuilt(frame, level, qp, replace(picture, planes=darker)))

    def poll(self, timeout: float) -> Event | None:
        if self.events:
            return self.events.popleft()
        if self.analysis and not self.hold.is_set():
            return self.analysis.popleft()
        threading.Event().wait(timeout)
        return None

    def close(self) -> None:
        self.closed = True


def never_end(heard: list[str], progress: Callable[[float], None]) -> NoReturn:
    """Work that only its progress can end, by raising; `heard` is told how it began and ended."""
    heard.append("begun")
    try:
        while True:
            time.sleep(0.005)
            progress(0.4)
    finally:
        heard.append("ended")
