"""Zoom and pan, shared by both sides: plain geometry in device pixels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor

LADDER = (1 / 16, 1 / 12, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Steps of the zoom; above 1:1 whole numbers alone, so that every picture pixel is the same square."""

Size = tuple[int, int]
Point = tuple[float, float]


@dataclass
class Viewport:
    """What part of the picture is seen, and how large.

    Attributes
    ----------
    zoom : float or None
        Device pixels for each picture pixel; None fits the whole picture in.
    centre : tuple of float
        The point of the picture in the middle of the view: x, y as shares (0..1) of its size.
    """

    zoom: float | None = None
    centre: Point = (0.5, 0.5)
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    def scale(self, picture: Size, view: Size) -> float:
        """Device pixels for each picture pixel, for a picture and a view of (width, height)."""
        if self.zoom is not None:
            return self.zoom
        return min(view[0] / picture[0], view[1] / picture[1])

    def origin(self, picture: Size, view: Size) -> tuple[int, int]:
        """Where the picture's top left corner lies in the view, whole device pixels."""
        scale = self.scale(picture, view)
        x, y = (_origin(p * scale, v, c) for p, v, c in zip(picture, view, self._centre(), strict=True))
        return x, y

    def fit(self) -> None:
        """Show the whole picture."""
        self.zoom, self.centre = None, (0.5, 0.5)

    def actual(self) -> None:
        """One picture pixel for each device pixel, about the centre."""
        self.zoom = 1.0

    def zoom_at(self, steps: int, at: Point, picture: Size, view: Size) -> None:
        """Go `steps` along the ladder; the picture's point under `at` (device pixels) stays there."""
        scale, origin = self.scale(picture, view), self.origin(picture, view)
        new = step_zoom(scale, steps)
        self.centre = _clamp(
            ((a - o) / scale + (v / 2 - a) / new) / p
            for a, o, v, p in zip(at, origin, view, picture, strict=True)
        )
        self.zoom = new

    def pan(self, dx: float, dy: float, picture: Size, view: Size) -> None:
        """Move the picture by device pixels."""
        scale = self.scale(picture, view)
        self.centre = _clamp(
            c - d / (scale * p) for c, d, p in zip(self.centre, (dx, dy), picture, strict=True)
        )

    def _centre(self) -> Point:
        return (0.5, 0.5) if self.zoom is None else self.centre


def step_zoom(scale: float, steps: int) -> float:
    """The step of the ladder that lies `steps` above (or below) `scale`."""
    if steps > 0:
        above = [z for z in LADDER if z > scale * 1.001]
        return above[min(steps, len(above)) - 1] if above else LADDER[-1]
    below = [z for z in LADDER if z < scale * 0.999]
    return below[max(len(below) + steps, 0)] if below else LADDER[0]


def _origin(size: float, view: int, centre: float) -> int:
    """A picture smaller than the view is centred; a larger one never leaves a gap at an edge."""
    if size <= view:
        return round((view - size) / 2)
    return round(min(max(view / 2 - centre * size, view - size), 0))


def _clamp(shares: Iterable[float]) -> Point:
    x, y = (min(max(share, 0.0), 1.0) for share in shares)
    return x, y
