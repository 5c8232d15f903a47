"""One decoded picture and its conversions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from jndcore.media.colour import matrix_for
from jndcore.media.picture import Picture
from jndcore.media.planes import Planes, from_av, samples, to_limited

_PLANAR = re.compile(r"(?P<kind>yuv|yuvj|yuva|gray)(?P<chroma>4\d\d)?p?(?P<bits>\d+)?(?:le)?$")
"""FFmpeg's names of formats whose luma is a plane of its own, in the order of this machine's bytes."""

_EXACT = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


class Frame:
    """One picture of a video, by its number in display order. Conversions are made when asked for.

    Arrays that it returns own their memory. A frame may be handed to another thread.

    Attributes
    ----------
    number : int
        From 0, in the index of the reader that made it.
    pts : int
        In steps of the stream's time base.
    time : float
        Seconds from the first displayed frame.
    key : bool
        A random access point.
    rotation : int
        Clockwise turn for display, 0, 90, 180 or 270 degrees.
    pict_type : str
        ``"I"``, ``"P"``, ``"B"`` or ``"?"``, as the decoder reports it.
    """

    __slots__ = ("_frame", "key", "number", "pict_type", "pts", "rotation", "time")

    def __init__(
        self, frame: av.VideoFrame, *, number: int, pts: int, time: float, key: bool, rotation: int = 0
    ) -> None:
        self._frame = frame
        self.number = number
        self.pts = pts
        self.time = time
        self.key = key
        self.rotation = rotation
        self.pict_type = {1: "I", 2: "P", 3: "B"}.get(int(frame.pict_type), "?")

    @property
    def nbytes(self) -> int:
        """Bytes of picture data that this frame keeps alive."""
        return sum(plane.buffer_size for plane in self._frame.planes)

    def decoded(self) -> av.VideoFrame:
        """The decoder's own picture: unturned, with all its bits, and shared."""
        return self._frame

    def luma(self) -> NDArray[np.uint8]:
        """Luma for the models: 8-bit, limited range, display orientation, shape (H, W).

        A bit-exact copy where the stream is 8-bit limited-range YCbCr. More bits are rounded to 8, full
        range is scaled to 16..235, RGB goes through the matrix that `rgb` uses. HDR keeps its PQ or HLG
        code values.
        """
        layout = _PLANAR.match(self._frame.format.name)
        return self._turn(
            self._plane(0, layout) if layout else samples(self._yuv420().planes[0], np.uint8).copy()
        )

    def planes(self) -> Planes:
        """The whole picture in 8-bit 4:2:0, limited range, display orientation; ``y`` equals `luma`."""
        layout = _PLANAR.match(self._frame.format.name)
        if layout and layout["kind"] == "gray":
            y = self._plane(0, layout)
            u = np.full(((y.shape[0] + 1) // 2, (y.shape[1] + 1) // 2), 128, dtype=np.uint8)
            v = u.copy()
        elif layout and layout["chroma"] == "420":
            y, u, v = (self._plane(i, layout) for i in range(3))
        else:
            converted = from_av(self._yuv420())
            y, u, v = (self._plane(0, layout) if layout else converted.y), converted.u, converted.v
        return Planes(self._turn(y), self._turn(u), self._turn(v))

    def rgb(self, planes: Planes | None = None) -> NDArray[np.uint8]:
        """The picture for an sRGB screen, shape (H, W, 3), full range, display orientation.

        Parameters
        ----------
        planes : Planes, optional
            Another version of this frame, from a model or an encoder. It takes the path that the frame's
            own `planes` take, so two results differ only where the planes differ.
        """
        return self._as_picture(self.planes() if planes is None else planes).rgb()

    def picture(self, beside: Iterable[Frame] = ()) -> Picture:
        """The whole picture with its colours, to be handed to another process.

        Parameters
        ----------
        beside : iterable of Frame
            Frames before and after that go with it, see `Picture.beside`.
        """
        return replace(self._as_picture(self.planes()), beside=tuple(other.planes() for other in beside))

    def small(self, width: int = 320) -> NDArray[np.uint8]:
        """A cheap small picture for shot detection: BGR, shape (h, width, 3), display orientation."""
        sideways = self.rotation in (90, 270)
        shown_width, shown_height = (
            (self._frame.height, self._frame.width) if sideways else (self._frame.width, self._frame.height)
        )
        height = max(1, round(shown_height * width / shown_width))
        converted = VideoReformatter().reformat(
            self._frame,
            *((height, width) if sideways else (width, height)),
            format="bgr24",
            src_colorspace=self._matrix,
            dst_colorspace=self._matrix,
            interpolation=Interpolation.FAST_BILINEAR,
            threads=1,
        )
        return self._turn(_packed(converted))

    def _as_picture(self, planes: Planes) -> Picture:
        return Picture(planes, self._matrix, int(self._frame.color_trc))

    @property
    def _matrix(self) -> Colorspace:
        return matrix_for(int(self._frame.colorspace), self._frame.height)

    def _plane(self, i: int, layout: re.Match[str]) -> NDArray[np.uint8]:
        bits = int(layout["bits"] or 8)
        plane = self._frame.planes[i]
        values = samples(plane, np.uint8) if bits == 8 else samples(plane, np.uint16)
        return to_limited(values, bits, full=self._full_range(layout), chroma=i > 0)

    def _full_range(self, layout: re.Match[str]) -> bool:
        """FFmpeg takes gray that says nothing for full range, YCbCr that says nothing for limited."""
        silent = layout["kind"] == "gray" and int(self._frame.color_range) == ColorRange.UNSPECIFIED
        return silent or layout["kind"] == "yuvj" or int(self._frame.color_range) == ColorRange.JPEG

    def _yuv420(self) -> av.VideoFrame:
        """What swscale makes of the frame."""
        return VideoReformatter().reformat(
            self._frame,
            format="yuv420p",
            src_colorspace=self._matrix,
            dst_colorspace=self._matrix,
            dst_color_range=ColorRange.MPEG,
            interpolation=_EXACT,
            threads=1,
        )

    def _turn(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self.rotation == 0:
            return picture
        return np.ascontiguousarray(np.rot90(picture, -(self.rotation // 90)))


def _packed(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """A copy of a frame of three bytes a pixel."""
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(frame.height, plane.line_size)
    return np.array(rows[:, : frame.width * 3]).reshape(frame.height, frame.width, 3)
