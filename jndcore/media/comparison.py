"""FFmpeg's filters that compare two videos, fed pairs of pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np
from av.error import BlockingIOError, EOFError
from av.filter import Graph

from jndcore.media.planes import samples, to_limited

_SCORES = {"psnr": "lavfi.psnr.psnr.y", "ssim": "lavfi.ssim.Y", "xpsnr": "lavfi.xpsnr.xpsnr.y"}
"""Where each filter puts its score of a frame's luma."""

_TOO_SMALL = 2025
"""Samples of a picture below which XPSNR has no blocks to weigh, and is PSNR; its filter divides by zero."""


class Scores(NamedTuple):
    """Of one frame's luma; PSNR and XPSNR in dB, infinite where nothing differs."""

    psnr: float
    ssim: float
    xpsnr: float


class Comparison:
    """Compares pairs of pictures of one format.

    They are paired by the order in which they come, not by their time stamps.

    Parameters
    ----------
    first : av.VideoFrame
        What all pictures are like.
    fps : Fraction or None
        XPSNR looks at differences between frames; above 32 a second, over three of them.
    """

    def __init__(self, first: av.VideoFrame, fps: Fraction | None) -> None:
        rate = fps or Fraction(25)
        self._bits = first.format.components[0].bits
        self._small = first.width * first.height < _TOO_SMALL
        self._xpsnr: _Filters | None = None
        names = ["psnr", "ssim"]
        if self._bits > 8 and not self._small:
            # of more than 8 bits the filter misreads the lines of pictures that are padded in memory
            self._xpsnr = _Filters(_eight_bits(first, self._bits), rate, ["xpsnr"])
        elif not self._small:
            names.append("xpsnr")
        self._filters = _Filters(first, rate, names)

    def push(self, source: av.VideoFrame, encoded: av.VideoFrame) -> Iterator[Scores]:
        """Compare the next pair; yields the scores that are ready, in order. Stamps the pictures anew."""
        if self._xpsnr:
            self._xpsnr.push(*(_eight_bits(picture, self._bits) for picture in (source, encoded)))
        self._filters.push(source, encoded)
        yield from self._ready()

    def finish(self) -> Iterator[Scores]:
        """The scores that are left."""
        for filters in (self._filters, self._xpsnr):
            if filters:
                filters.push(None, None)
        yield from self._ready()

    def _ready(self) -> Iterator[Scores]:
        while self._filters.ready and (self._xpsnr is None or self._xpsnr.ready):
            found = self._filters.ready.popleft()
            if self._xpsnr:
                found |= self._xpsnr.ready.popleft()
            yield Scores(found["psnr"], found["ssim"], found["psnr" if self._small else "xpsnr"])


class _Filters:
    """One graph: the source goes through all filters, and each sees the encode beside it.

    Attributes
    ----------
    ready : deque of dict of str to float
        Scores by filter, a dict for each pair.
    """

    def __init__(self, first: av.VideoFrame, rate: Fraction, names: Sequence[str]) -> None:
        self.ready: deque[dict[str, float]] = deque()
        self._names = names
        self._number = 0
        self._graph = graph = Graph()
        args = (
            f"video_size={first.width}x{first.height}:pix_fmt={first.format.name}:time_base=1/1:"
            f"frame_rate={rate.numerator}/{rate.denominator}"
        )
        last, encoded = graph.add("buffer", args), graph.add("buffer", args)
        self._inputs = last, encoded  # XPSNR takes the first one for the original; the others do not care
        copies = graph.add("split", str(len(names)))
        encoded.link_to(copies)
        for k, name in enumerate(names):
            metric = graph.add(name)
            last.link_to(metric, 0, 0)
            copies.link_to(metric, k, 1)
            last = metric
        self._sink = graph.add("buffersink")
        last.link_to(self._sink)
        graph.configure()

    def push(self, *pictures: av.VideoFrame | None) -> None:
        """Compare two pictures; with None, compare what is left."""
        for picture, buffer in zip(pictures, self._inputs, strict=True):
            if picture is not None:
                picture.pts, picture.time_base = self._number, Fraction(1)
            buffer.push(picture)
        self._number += 1
        while True:
            try:
                scored = self._sink.pull()
            except (BlockingIOError, EOFError):
                return
            self.ready.append({name: float(scored.metadata[_SCORES[name]]) for name in self._names})


def _eight_bits(picture: av.VideoFrame, bits: int) -> av.VideoFrame:
    """The luma, rounded."""
    luma = to_limited(samples(picture.planes[0], np.uint16), bits, full=False, chroma=False)
    return av.VideoFrame.from_ndarray(luma, "gray")
