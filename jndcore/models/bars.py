"""Black bars around a picture: they hide nothing, so nothing is told from them."""

from __future__ import annotations

from torch import Tensor

BLACK = 20
"""Luma of a bar at most: 16 is black in limited range, compression leaves a little more."""

NARROWEST = 16
"""Narrower edges stay, in pixels: cropping them would change nothing that matters."""

LEAST_SIDE = 64
"""A picture is never cut below this: what is all but black is judged as a whole."""


def without_bars(x: Tensor) -> list[Tensor]:
    """The pictures of a batch without rows and columns at their edges that are black from end to end.

    Parameters
    ----------
    x : Tensor of uint8, shape (N, C, h, w)
        Luma first.

    Returns
    -------
    list of Tensor
        Together the N pictures in their order; pictures that follow each other with the same bars stay
        together.
    """
    light = x[:, 0].amax(2) > BLACK, x[:, 0].amax(1) > BLACK
    windows = [(_inside(rows), _inside(columns)) for rows, columns in zip(*light, strict=True)]
    parts, begin = [], 0
    for end in range(1, len(x) + 1):
        if end == len(x) or windows[end] != windows[begin]:
            (top, bottom), (left, right) = windows[begin]
            parts.append(x[begin:end, :, top:bottom, left:right])
            begin = end
    return parts


def _inside(light: Tensor) -> tuple[int, int]:
    """Start and stop of what lies between the bars along one side."""
    size = len(light)
    places = light.nonzero()
    if not len(places):
        return 0, size
    start, stop = int(places[0]), int(places[-1]) + 1
    start, stop = (start if start >= NARROWEST else 0), (stop if size - stop >= NARROWEST else size)
    return (start, stop) if stop - start >= LEAST_SIDE else (0, size)
