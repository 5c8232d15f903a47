"""High dynamic range on an ordinary screen."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

PQ, HLG = 16, 18
"""Transfer characteristics of HDR: SMPTE ST 2084 and ARIB STD-B67 (ITU-T H.273, table 3)."""

REFERENCE_WHITE = 203.0
"""Luminance of graphics white in HDR, cd/m2 (ITU-R BT.2408)."""

PEAK = 1000.0
"""Luminance that the screen's white stands for after tone mapping, cd/m2."""

BT2020_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)
"""Linear light, ITU-R BT.2087."""

_STEPS = 65535
"""Of linear light between black and `PEAK`; fine enough for sRGB's darkest codes."""


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
