"""Which colours a stream states, and the way from YCbCr to the screen's RGB.

Codes are those of ITU-T H.273, which FFmpeg, H.264, HEVC and AV1 share.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

from jndcore.media.planes import Planes

MATRICES = {
    0: "gbr",
    1: "bt709",
    2: "unspecified",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020nc",
    10: "bt2020c",
    14: "ictcp",
}
PRIMARIES = {
    1: "bt709",
    2: "unspecified",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    11: "smpte431",
    12: "smpte432",
}
TRANSFERS = {
    1: "bt709",
    2: "unspecified",
    4: "gamma22",
    5: "gamma28",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    18: "arib-std-b67",
}
RANGES = {0: "unspecified", 1: "limited", 2: "full"}

_SWSCALE = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}

RED_BLUE = {
    Colorspace.ITU709: (0.2126, 0.0722),
    Colorspace.FCC: (0.30, 0.11),
    Colorspace.ITU601: (0.299, 0.114),
    Colorspace.SMPTE240M: (0.212, 0.087),
    Colorspace.BT2020: (0.2627, 0.0593),
}
"""Shares of red and blue in luma (ITU-T H.273, table 4)."""


def matrix_for(code: int, height: int) -> Colorspace:
    """The matrix between RGB and YCbCr in swscale's terms.

    What a file leaves open, or what swscale does not know, is BT.709 from 720 lines on and BT.601 below:
    the convention of players, since that is how SD and HD were produced.
    """
    return _SWSCALE.get(code, Colorspace.ITU709 if height >= 720 else Colorspace.ITU601)


def to_rgb(planes: Planes, matrix: Colorspace) -> NDArray[np.uint8]:
    """Full-range R'G'B' of limited-range YCbCr, shape (H, W, 3); chroma is interpolated linearly.

    OpenCV, since swscale is 1.2 codes too dark on its fast path and several times slower on its exact one.
    """
    size = planes.y.shape[::-1]
    u, v = (cv2.resize(chroma, size, interpolation=cv2.INTER_LINEAR) for chroma in (planes.u, planes.v))
    rgb = cv2.transform(cv2.merge((planes.y, u, v)), _from_limited(matrix))
    return rgb.astype(np.uint8, copy=False)


def from_rgb(rgb: NDArray[np.uint8], matrix: Colorspace) -> Planes:
    """Limited-range YCbCr 4:2:0 of full-range R'G'B': the inverse of `to_rgb`.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)

    Returns
    -------
    Planes
        Chroma is averaged over the area that a sample of it stands for, which is where `to_rgb` puts it.
    """
    height, width = rgb.shape[:2]
    rows = _from_limited(matrix).astype(np.float64)
    back = np.linalg.inv(rows[:, :3])
    samples = cv2.transform(np.ascontiguousarray(rgb), np.column_stack([back, -back @ rows[:, 3]]))
    y, u, v = (np.ascontiguousarray(samples[..., k]).astype(np.uint8, copy=False) for k in range(3))
    half = ((width + 1) // 2, (height + 1) // 2)
    u, v = (
        cv2.resize(chroma, half, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        for chroma in (u, v)
    )
    return Planes(y, u, v)


@cache
def _from_limited(matrix: Colorspace) -> NDArray[np.float32]:
    """Rows give R, G, B of Y, Cb, Cr and 1, in 8-bit codes."""
    red, blue = RED_BLUE[matrix]
    green = 1 - red - blue
    chroma = np.array(
        [
            [0, 2 * (1 - red)],
            [-2 * (1 - blue) * blue / green, -2 * (1 - red) * red / green],
            [2 * (1 - blue), 0],
        ]
    )
    rows = np.column_stack([np.full(3, 255 / 219), chroma * (255 / 224)])
    return np.column_stack([rows, -rows @ (16, 128, 128)]).astype(np.float32)
