"""Pieces of real videos, cut and shrunk to the size of made clips."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from jndcore.errors import JNDError
from jndcore.media import Planes, open_video
from jndcore.training.made.motion import FRAMES, HEIGHT, WIDTH, Bytes

LEAST_SHRINK = 1.3
"""Videos were compressed before; shrunk a little, what that left behind goes."""


def cut_video(path: Path, draw: np.random.Generator) -> tuple[list[Planes], Fraction]:
    """24 frames of a random place and time, and their frame rate.

    Raises
    ------
    JNDError
        Where the video is too short or too small, or cannot be read.
    """
    with open_video(path) as reader:
        rate = Fraction(reader.info.fps or 25)
        step = 2 if rate > 40 and draw.random() < 0.7 else 1
        last = len(reader) - FRAMES * step
        if last < 0:
            raise JNDError(f"{path}: has {len(reader)} frames; {FRAMES * step} are needed, choose another.")
        start = int(draw.integers(last + 1))
        taken = islice(reader.frames(start, start + FRAMES * step), 0, None, step)
        planes = [frame.planes() for frame in taken]
    most = min(planes[0].y.shape[0] / HEIGHT, planes[0].y.shape[1] / WIDTH)
    if most < 1:
        raise JNDError(f"{path}: is smaller than {WIDTH}x{HEIGHT}; choose another video.")
    shrink = float(np.exp(draw.uniform(np.log(min(LEAST_SHRINK, most)), np.log(most))))
    place = draw.random(2)
    return [_cut(frame, shrink, place[0], place[1]) for frame in planes], rate / step


def _cut(frame: Planes, shrink: float, across: float, down: float) -> Planes:
    rows, columns = frame.y.shape
    high, wide = round(HEIGHT * shrink / 2) * 2, round(WIDTH * shrink / 2) * 2
    top = int(max(0, rows - high) * down) // 2 * 2
    left = int(max(0, columns - wide) * across) // 2 * 2

    def shrunk(plane: Bytes, part: int) -> Bytes:
        window = plane[top // part : (top + high) // part, left // part : (left + wide) // part]
        size = (WIDTH // part, HEIGHT // part)
        return np.asarray(cv2.resize(window, size, interpolation=cv2.INTER_AREA), np.uint8)

    return Planes(shrunk(frame.y, 1), shrunk(frame.u, 2), shrunk(frame.v, 2))
