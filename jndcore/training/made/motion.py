"""A still in motion: camera moves, things that move by themselves, and what cameras do to pictures."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

HEIGHT, WIDTH, FRAMES = 352, 640, 24
"""A made clip; as small as the smallest labelled ones, so that many can be labelled."""

SHUTTER = (0.0, 0.25, 0.5)
"""Moments of an exposure, in frames: a shutter that is open half the time."""


@dataclass(frozen=True)
class Move:
    """How a camera looks at a still, and what its lens and sensor add.

    Attributes
    ----------
    scale : float
        Pixels of the still for one of the clip: above 1 the still is shrunk.
    place : tuple of float
        Where in the still, 0..1 across and down.
    velocity : tuple of float
        Pixels a frame, right and down.
    zoom : float
        Change of scale a frame.
    flow : ndarray of float32, shape (4, 6, 2)
        Velocities of a grid of points on the scene itself, pixels a frame.
    period : float
        Frames in which `flow` swings there and back.
    blurred : bool
        By motion while the shutter is open.
    softness : float
        Deviation of the lens' blur, pixels.
    grain : float
        Deviation of the sensor's noise, code values.
    gain : float
        Exposure.
    """

    scale: float
    place: tuple[float, float]
    velocity: tuple[float, float]
    zoom: float
    flow: Floats
    period: float
    blurred: bool
    softness: float
    grain: float
    gain: float


def draw_move(draw: np.random.Generator) -> Move:
    """A move: one in four static, the others panning, zooming, swaying, or all of it."""
    kind = draw.choice(["static", "slow", "fast", "zoom", "swaying", "swaying"])
    speed = {"slow": (0.2, 1.5), "fast": (1.5, 12.0), "swaying": (0.05, 3.0)}.get(str(kind), (0.0, 0.0))
    pace, angle = draw.uniform(*speed), draw.uniform(0, 2 * np.pi)
    flow = draw.normal(0, 1, (4, 6, 2)).astype(np.float32)
    return Move(
        scale=float(np.exp(draw.uniform(np.log(0.7), np.log(2.0)))),
        place=(draw.random(), draw.random()),
        velocity=(pace * np.cos(angle), pace * np.sin(angle)),
        zoom=draw.uniform(-0.004, 0.004) if kind == "zoom" else 0.0,
        flow=flow * (np.float32(np.exp(draw.uniform(np.log(0.2), np.log(4)))) if kind == "swaying" else 0),
        period=draw.uniform(20, 90),
        blurred=bool(draw.random() < 0.5),
        softness=draw.uniform(0.3, 1.3) if draw.random() < 0.5 else 0.0,
        grain=draw.uniform(0.5, 4.5) if draw.random() < 0.35 else 0.0,
        gain=draw.uniform(0.45, 0.8) if draw.random() < 0.2 else 1.0,
    )


def move_still(still: Bytes, move: Move, draw: np.random.Generator) -> list[Bytes]:
    """24 frames, B'G'R', shape (352, 640, 3), of a still under a move."""
    shrink = max(1.0, move.scale)
    size = (round(still.shape[1] / shrink), round(still.shape[0] / shrink))
    small = np.asarray(cv2.resize(still, size, interpolation=cv2.INTER_AREA), np.uint8)
    moments = SHUTTER if move.blurred and (any(move.velocity) or move.flow.any() or move.zoom) else (0.0,)
    clip = []
    for number in range(FRAMES):
        light = np.mean([_looked_at(small, move, shrink, number + at) for at in moments], axis=0)
        if move.softness:
            light = cv2.GaussianBlur(light, (0, 0), move.softness)
        light = light * move.gain
        if move.grain:
            noise = draw.standard_normal((HEIGHT, WIDTH)).astype(np.float32)
            light = light + cv2.GaussianBlur(noise, (0, 0), 0.6)[..., None] * move.grain * 1.7
        clip.append(np.clip(np.rint(light), 0, 255).astype(np.uint8))
    return clip


def _looked_at(still: Bytes, move: Move, shrink: float, time: float) -> Floats:
    """What the camera sees at a moment, before its lens."""
    scale = move.scale / shrink * (1 - move.zoom * time)
    room = (still.shape[1] - WIDTH * scale, still.shape[0] - HEIGHT * scale)
    x = move.place[0] * room[0] + move.velocity[0] * time
    y = move.place[1] * room[1] + move.velocity[1] * time
    across, down = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    swing = np.float32(np.sin(2 * np.pi * time / move.period) * move.period / (2 * np.pi))
    pushed = cv2.resize(move.flow, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC) * swing
    seen = cv2.remap(
        still,
        (across * scale + np.float32(x) + pushed[..., 0]).astype(np.float32),
        (down * scale + np.float32(y) + pushed[..., 1]).astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT,
    )
    return seen.astype(np.float32)
