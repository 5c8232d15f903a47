"""A picture by itself: its samples, and what they mean on a screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

from jndcore.media.colour import from_rgb, to_rgb
from jndcore.media.hdr import hdr_name, tone_map
from jndcore.media.planes import Planes

SDR = 2
"""Transfer characteristics "unspecified" (ITU-T H.273): what needs no tone mapping."""


@dataclass(frozen=True)
class Picture:
    """Planes with their colours, free of the file and the decoder that they came from.

    It can be pickled: this is how frames travel between processes.

    Attributes
    ----------
    planes : Planes
        8-bit 4:2:0, limited range, display orientation.
    matrix : Colorspace
        Between RGB and these planes, in swscale's terms.
    transfer : int
        Transfer characteristics, a code of ITU-T H.273.
    beside : tuple of Planes
        The frames before and after, those of them that are known; a picture without any counts as still.
    """

    planes: Planes
    matrix: Colorspace
    transfer: int = SDR
    beside: tuple[Planes, ...] = ()

    def luma(self) -> NDArray[np.uint8]:
        """8-bit limited-range luma, shape (H, W)."""
        return self.planes.y

    def rgb(self, planes: Planes | None = None) -> NDArray[np.uint8]:
        """The picture for an sRGB screen, shape (H, W, 3), full range; HDR is tone mapped.

        Parameters
        ----------
        planes : Planes, optional
            Another version of this picture, from a model or an encoder, in the same colours: two results
            differ only where the planes differ.
        """
        rgb = to_rgb(self.planes if planes is None else planes, self.matrix)
        return tone_map(rgb, self.transfer) if hdr_name(self.transfer) else rgb

    def showing(self, rgb: NDArray[np.uint8]) -> Picture:
        """A picture of this one's size that a screen shows as `rgb`, shape (H, W, 3), full range.

        Its planes are by this picture's matrix. What is made for the screen is tone mapped already, so the
        new picture is SDR, whatever this one is.
        """
        return Picture(from_rgb(rgb, self.matrix), self.matrix)
