"""A child process that is none: it answers at once, in this process, and can be told to wait."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from jndcore.media import Planes, open_video
from jndcore.predict import (
    Cancelled,
    DeviceInfo,
    Event,
    Failed,
    Finished,
    Loaded,
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


def predict(frames: np.ndarray) -> Prediction:
    """Levels that anybody can work out from the frame number: 20, 28 and 36 QP, rising 0.01 a frame."""
    qp = np.array([20.0, 28.0, 36.0]) + 0.01 * frames[:, None]
    return Prediction(qp, np.full_like(qp, 3.0), np.full_like(qp, 1.5))


@dataclass
class FakeChild:
    """Analyses in steps of 8 frames; while `hold` is set it stays at the first step.

    The rebuilt frame is the original, 40 darker.
    """

    device: str = "auto"
    hold: threading.Event = field(default_factory=threading.Event)
    closed: bool = False
    fail: str = ""
    rebuilds: int = 0

    def on(self, device: str) -> FakeChild:
        """Stand in for a process started on `device`."""
        self.device = device
        self._greet()
        return self

    def __post_init__(self) -> None:
        self.events: deque[Event] = deque()
        self.analysis: deque[Event] = deque()

    def _greet(self) -> None:
        self.closed = False
        self.events.append(Loaded("fake.model", "0" * 64, "CPU (2 threads)", DEVICES, 0.1))

    def analyse(self, path: Path, *, playhead: int = 0) -> None:
        if self.fail:
            self.events.append(Failed(self.fail, "details to copy"))
            return
        with open_video(path) as reader:
            info, index = reader.info, reader.index
        frames = np.roll(np.arange(len(index.time)), -playhead)
        half = len(frames) // 2
        every = predict(np.sort(frames))
        shots = tuple(Shot(a, b, every.take(slice(a, a + 1))) for a, b in ((0, half), (half, len(frames))))
        self.analysis = deque(
            Progress(part, predict(part), shots, int(part[-1]) + 1, len(frames), "all frames", 100.0, 1.5)
            for part in np.array_split(frames, max(len(frames) // STEP, 1))
        )
        self.analysis.append(
            Finished(
                Analysis(
                    info.identity,
                    "fake.model",
                    "0" * 64,
                    np.sort(frames),
                    index.pts,
                    index.time,
                    (np.sort(frames) >= half).astype(np.int64),
                    every,
                    shots,
                )
            )
        )
        self.events.append(self.analysis.popleft())

    def cancel(self) -> None:
        self.analysis.clear()
        self.events.append(Cancelled())

    def rebuild(self, frame: int, planes: Planes, level: int) -> None:
        self.rebuilds += 1
        darker = np.maximum(planes.y, 16 + DARKER) - DARKER
        self.events.append(Rebuilt(frame, level, 20.0 + 8 * (level - 1), Planes(darker, planes.u, planes.v)))

    def poll(self, timeout: float) -> Event | None:
        if self.events:
            return self.events.popleft()
        if self.analysis and not self.hold.is_set():
            return self.analysis.popleft()
        threading.Event().wait(timeout)
        return None

    def close(self) -> None:
        self.closed = True
