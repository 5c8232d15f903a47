#!/usr/bin/env python3
"""Make the sample clip: eight seconds of 1280x720 in four procedural shots, one cut every two seconds.

    python packaging/make_sample.py OUT.mp4

Woven texture under a pan; type over a gradient; fine detail that moves under grain; a dim scene with soft
light and credits. No picture of anybody else's is in it. Same seed, same pictures.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS, SHOT_FRAMES = 1280, 720, 30, 60

COLOUR = "colorprim=bt709:transfer=bt709:colormatrix=bt709"

Image = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)


def fractal(rng: np.random.Generator, height: int, width: int, finest: int = 2) -> Image:
    """Noise with as much contrast in every octave down to `finest` pixels, 0..1."""
    total = np.zeros((height, width), np.float32)
    cell = 256
    while cell >= finest:
        grid = rng.standard_normal((height // cell + 3, width // cell + 3)).astype(np.float32)
        octave = cv2.resize(
            grid, ((grid.shape[1]) * cell, grid.shape[0] * cell), interpolation=cv2.INTER_CUBIC
        )
        total += octave[:height, :width] * (cell / 256) ** 0.55
        cell //= 2
    low, high = np.percentile(total, (1, 99))
    return np.clip((total - low) / (high - low), 0, 1)


def tint(grey: Image, dark: tuple[int, int, int], light: tuple[int, int, int]) -> Image:
    """A BGR picture, 0..255, that runs from `dark` to `light` as `grey` runs from 0 to 1."""
    a, b = np.array(dark, np.float32), np.array(light, np.float32)
    return a + grey[..., None] * (b - a)


def pixels(image: Image) -> Pixels:
    """The picture in 8 bits, as OpenCV draws on it and an encoder takes it."""
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def texture_shot() -> Callable[[int], Pixels]:
    """Stone and cloth, sharp everywhere, under a steady pan."""
    rng = np.random.default_rng(1)
    wide = fractal(rng, HEIGHT, WIDTH + 4 * SHOT_FRAMES)
    x = np.arange(wide.shape[1], dtype=np.float32)
    weave = 0.12 * np.sin(x * 0.9) * np.sin(np.arange(HEIGHT, dtype=np.float32)[:, None] * 0.9)
    picture = pixels(tint(np.clip(wide + weave, 0, 1), (38, 52, 60), (190, 214, 226)))
    return lambda t: picture[:, 4 * t : 4 * t + WIDTH]


def type_shot() -> Callable[[int], Pixels]:
    """Type of several sizes and a turning figure over a smooth gradient: banding shows first."""
    ground = pixels(tint((X / WIDTH * 0.6 + Y / HEIGHT * 0.4), (92, 58, 30), (214, 168, 120)))

    def frame(t: int) -> Pixels:
        image = ground.copy()
        for line, (text, size) in enumerate(
            [
                ("JNDScope", 3.2),
                ("where an encode starts to show", 1.4),
                ("QP 18  22  26  30  34  38  42", 0.8),
            ]
        ):
            at = (90, 200 + 110 * line)
            cv2.putText(image, text, at, cv2.FONT_HERSHEY_DUPLEX, size, (245, 245, 245), 2, cv2.LINE_AA)
        angle = t * np.pi / 90
        corners = [
            (980 + 190 * np.cos(angle + k * np.pi / 3), 500 + 190 * np.sin(angle + k * np.pi / 3))
            for k in range(6)
        ]
        cv2.fillPoly(image, [np.rint(corners).astype(np.int32)], (60, 96, 210), cv2.LINE_AA)
        return image

    return frame


def grain_shot() -> Callable[[int], Pixels]:
    """Rings that grow finer outwards, drifting, under sensor grain: loss hides here."""
    rng = np.random.default_rng(3)

    def frame(t: int) -> Pixels:
        r2 = (X - 500 - 3 * t) ** 2 + (Y - 380 + t) ** 2
        rings = 0.5 + 0.4 * np.cos(r2 / 900)
        image = tint(rings.astype(np.float32), (52, 40, 36), (176, 196, 180))
        noise = rng.standard_normal((HEIGHT, WIDTH, 1)).astype(np.float32)
        return pixels(image + cv2.GaussianBlur(noise, (0, 0), 0.6)[..., None] * 12)

    return frame


def dim_shot() -> Callable[[int], Pixels]:
    """A dim wall with a soft moving light and rolling credits."""
    wall = fractal(np.random.default_rng(4), HEIGHT, WIDTH, finest=8) * 0.5 + 0.5
    names = ["Texture", "Type", "Grain", "Shade", "made by a script", "no picture was harmed"]

    def frame(t: int) -> Pixels:
        light = np.exp(-((X - 200 - 14 * t) ** 2 + (Y - 330) ** 2) / 2.2e5)
        image = pixels(tint(wall * (0.12 + 0.55 * light), (10, 8, 8), (120, 170, 220)))
        for k, name in enumerate(names):
            at = (780, 660 + 80 * k - 7 * t)
            cv2.putText(image, name, at, cv2.FONT_HERSHEY_SIMPLEX, 1.1, (150, 160, 165), 2, cv2.LINE_AA)
        return image

    return frame


def main() -> None:
    """Write the clip."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(out), "w", options={"movflags": "faststart"}) as container:
        options = {"crf": "20", "preset": "slow", "g": "48", "x264-params": COLOUR}
        stream = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for make in (texture_shot, type_shot, grain_shot, dim_shot):
            draw = make()
            for t in range(SHOT_FRAMES):
                frame = av.VideoFrame.from_ndarray(draw(t), format="bgr24")
                container.mux(stream.encode(frame.reformat(format="yuv420p", dst_colorspace="ITU709")))
        container.mux(stream.encode())
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
