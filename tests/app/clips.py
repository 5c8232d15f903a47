"""Clips whose frames show their own number, so that a picture of the window proves which frame it shows."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from PySide6.QtGui import QImage, QPixmap

WIDTH, HEIGHT, FRAMES, FPS = 160, 96, 48, 24
BITS = 8


def picture_of(number: int) -> np.ndarray:
    """A picture that shows its number: eight upright bars, dark or bright, the highest bit at the left."""
    bits = [(number >> bit) & 1 for bit in reversed(range(BITS))]
    bars = np.repeat(np.array(bits, dtype=np.uint8) * 150 + 60, WIDTH // BITS)
    return np.broadcast_to(bars[None, :, None], (HEIGHT, WIDTH, 3)).copy()


def number_in(rgb: np.ndarray) -> int:
    """The number that a picture of `picture_of` shows, at any size and somewhat darker too."""
    middle = rgb[rgb.shape[0] // 2].mean(axis=1)
    step = len(middle) / BITS
    bars = middle[((np.arange(BITS) + 0.5) * step).astype(int)]
    return int("".join("1" if bar > 110 else "0" for bar in bars), 2)


def write_clip(path: Path, *, frames: int = FRAMES, first: int = 0) -> Path:
    """H.264 with B-frames, a key frame every 12; each frame shows its number, counted from `first`."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"g": "12", "sc_threshold": "0", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(first, first + frames):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture_of(number), format="rgb24")))
        out.mux(stream.encode())
    return path


def pixels(grabbed: QPixmap) -> np.ndarray:
    """What was grabbed, as RGB in device pixels."""
    image = grabbed.toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()
