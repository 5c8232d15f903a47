"""Pictures out of nothing, with statistics like nature's: occluding discs, noise of a falling spectrum."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from jndcore.training.made.motion import Bytes

HEIGHT, WIDTH = 810, 1440


def draw_scene(draw: np.random.Generator) -> Bytes:
    """A picture, B'G'R', shape (810, 1440, 3): dead leaves, or clouds of noise."""
    return _dead_leaves(draw) if draw.random() < 0.6 else _clouds(draw)


def _dead_leaves(draw: np.random.Generator) -> Bytes:
    """Discs that hide one another, of radii with density r^-3, as objects in nature have.

    Lee, Mumford and Huang, "Occlusion models for natural images", IJCV 2001.
    """
    least, most = 4.0, 400.0
    even = draw.random(2500)
    radius = 1 / np.sqrt(least**-2 + even * (most**-2 - least**-2))
    picture = np.full((HEIGHT, WIDTH, 3), draw.integers(0, 256, 3), np.uint8)
    palette = _palette(draw)
    for r in radius:
        centre = (int(draw.integers(-50, WIDTH + 50)), int(draw.integers(-50, HEIGHT + 50)))
        colour = np.clip(palette[draw.integers(len(palette))] + draw.normal(0, 14, 3), 0, 255)
        cv2.circle(picture, centre, max(1, round(float(r))), colour.tolist(), -1, cv2.LINE_AA)
    texture = _spectrum(draw, draw.uniform(0.6, 1.6)) * draw.uniform(0, 22)
    return np.clip(np.rint(picture + texture[..., None]), 0, 255).astype(np.uint8)


def _clouds(draw: np.random.Generator) -> Bytes:
    light = _spectrum(draw, draw.uniform(0.8, 2.0)) * draw.uniform(10, 55) + draw.uniform(70, 170)
    tint = _spectrum(draw, 2.0)[..., None] * draw.normal(0, 14, 3)
    return np.clip(np.rint(light[..., None] + tint), 0, 255).astype(np.uint8)


def _palette(draw: np.random.Generator) -> NDArray[np.float64]:
    return draw.normal(draw.uniform(70, 170), draw.uniform(20, 60), (12, 1)) + draw.normal(0, 18, (12, 3))


def _spectrum(draw: np.random.Generator, fall: float) -> NDArray[np.float64]:
    """Noise whose amplitude falls with frequency to the power `fall`; mean 0, deviation 1."""
    down, across = np.fft.fftfreq(HEIGHT)[:, None], np.fft.rfftfreq(WIDTH)[None]
    frequency = np.hypot(down, across)
    frequency[0, 0] = 1.0
    noise = np.fft.rfft2(draw.standard_normal((HEIGHT, WIDTH))) / frequency**fall
    noise[0, 0] = 0.0
    field = np.fft.irfft2(noise, (HEIGHT, WIDTH))
    return np.asarray(field / field.std())
