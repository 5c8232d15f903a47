"""Which matrix and range a picture's samples follow, and how HDR is brought to the screen.

Codes are those of ITU-T H.273, which FFmpeg, H.264, HEVC and AV1 share.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

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

PQ, HLG = 16, 18
"""Transfer characteristics of HDR: SMPTE ST 2084 and ARIB STD-B67."""

_SWSCALE = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}

REFERENCE_WHITE = 203.0
"""Luminance of graphics white in HDR, cd/m2 (ITU-R BT.2408)."""

PEAK = 1000.0
"""Luminance that the screen's white stands for after tone mapping, cd/m2."""

BT2020_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)
"""Linear light, ITU-R BT.2087."""


def matrix_for(code: int, height: int) -> Colorspace:
    """The matrix between RGB and YCbCr in swscale's terms.

    What a file leaves open, or what swscale does not know, is BT.709 from 720 lines on and BT.601 below:
    the convention of players, since that is how SD and HD were produced.
    """
    return _SWSCALE.get(code, Colorspace.ITU709 if height >= 720 else Colorspace.ITU601)


def hdr_name(transfer: int) -> str | None:
    """``"PQ"``, ``"HLG"`` or None."""
    return {PQ: "PQ", HLG: "HLG"}.get(transfer)


def tone_map(rgb: NDArray[np.uint8], transfer: int) -> NDArray[np.uint8]:
    """Bring BT.2020 PQ or HLG code values to an sRGB screen: a plain preview, not a grade.

    Each channel goes to linear light, 203 cd/m2 being 1; the primaries become BT.709's; what is negative
    is cut; Reinhard's extended curve folds 1000 cd/m2 down to white; sRGB's transfer encodes the result.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        Full-range R'G'B' as the file's matrix gives it.
    transfer : int
        `PQ` or `HLG`.
    """
    linear = cv2.LUT(rgb, _to_linear(transfer))
    screen = cv2.transform(linear, BT2020_TO_BT709)
    codes = np.clip(screen * (_STEPS * REFERENCE_WHITE / PEAK), 0, _STEPS).astype(np.uint16)
    mapped: NDArray[np.uint8] = _to_screen()[codes]
    return mapped


_STEPS = 65535


@cache
def _to_linear(transfer: int) -> NDArray[np.float32]:
    """Linear light of the 256 code values; 1 is the reference white."""
    code = np.arange(256) / 255
    light = _pq_to_light(code) if transfer == PQ else _hlg_to_light(code)
    return (light / REFERENCE_WHITE).astype(np.float32)


def _pq_to_light(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """SMPTE ST 2084's EOTF, cd/m2."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = code ** (1 / m2)
    return 10000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)


def _hlg_to_light(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """HLG on a 1000 cd/m2 screen (ITU-R BT.2100), its system gamma 1.2 taken channel by channel."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    return 1000 * scene**1.2


@cache
def _to_screen() -> NDArray[np.uint8]:
    """The sRGB code of linear light 0 .. `PEAK` in `_STEPS` steps, after the tone curve."""
    light = np.arange(_STEPS + 1) / _STEPS * PEAK / REFERENCE_WHITE
    white = PEAK / REFERENCE_WHITE
    mapped = light * (1 + light / white**2) / (1 + light)
    encoded = np.where(mapped <= 0.0031308, 12.92 * mapped, 1.055 * mapped ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(np.clip(encoded, 0, 1) * 255), dtype=np.uint8)
