"""What a check of an encode against its schedule found."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jndcore.media import Metrics, ReadBack
from jndcore.results.atomic import replacing
from jndcore.schedule.schedule import Predicted


@dataclass(frozen=True)
class OffPlan:
    """A frame that has another QP than planned.

    Attributes
    ----------
    frame : int
    type : str
        ``"I"``, ``"P"``, ``"B"`` (referenced), ``"b"``, or ``"?"``.
    planned : int or None
        QP of that type in its segment; None where the type is not known.
    lowest, highest : float
        QPs found in it.
    """

    frame: int
    type: str
    planned: int | None
    lowest: float
    highest: float


@dataclass(frozen=True)
class SegmentReport:
    """Planned, predicted and measured of one segment. None: not measured, or not known.

    Attributes
    ----------
    start, stop : int
        Frame numbers, `stop` exclusive.
    value : float
        Planned QP or CRF.
    predicted : Predicted
    qp : float or None
        Mean over its frames of the QP found, less what the frame's type adds: the scale of P frames.
    off_plan : int
        Frames.
    bytes : int
        Of its packets.
    kbps : float
        Thousand bits a second.
    psnr, ssim, xpsnr, vmaf : float or None
        Means over its frames, luma.
    worst_frame : int or None
        The frame with the lowest XPSNR.
    worst_xpsnr : float or None
        dB.
    """

    start: int
    stop: int
    value: float
    predicted: Predicted
    qp: float | None
    off_plan: int
    bytes: int
    kbps: float
    psnr: float | None = None
    ssim: float | None = None
    xpsnr: float | None = None
    vmaf: float | None = None
    worst_frame: int | None = None
    worst_xpsnr: float | None = None


@dataclass(frozen=True)
class Report:
    """The outcome of `jndcore.schedule.verify`.

    Attributes
    ----------
    encoded : str
        The file's name.
    mode : str
        ``"qp"`` or ``"crf"``.
    reasons : tuple of str
        Why it falls short; empty where it does not.
    remarks : tuple of str
        What was not checked, and what is odd.
    frames_off_plan : tuple of OffPlan
    segments : tuple of SegmentReport
        Empty where frames cannot be told to belong to segments.
    read_back : ReadBack
    metrics : Metrics or None
        Of each frame, where a source was given and all frames pair.
    """

    encoded: str
    mode: str
    reasons: tuple[str, ...]
    remarks: tuple[str, ...]
    frames_off_plan: tuple[OffPlan, ...]
    segments: tuple[SegmentReport, ...]
    read_back: ReadBack = field(repr=False)
    metrics: Metrics | None = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """It does not fall short."""
        return not self.reasons

    def document(self) -> dict[str, Any]:
        """All of it, with every frame, as JSON holds it."""
        found, scores = self.read_back, self.metrics
        frames: dict[str, Any] = {name: getattr(found, name) for name in _READ}
        if scores is not None:
            frames |= {name: getattr(scores, name) for name in _MEASURED if getattr(scores, name) is not None}
        return {
            "format": "jndscope-verification",
            "format_version": 1,
            "ok": self.ok,
            **{name: getattr(self, name) for name in ("encoded", "mode", "reasons", "remarks")},
            "frames_off_plan": [asdict(frame) for frame in self.frames_off_plan],
            "segments": [asdict(segment) for segment in self.segments],
            "codec": found.codec,
            "time_base": str(found.time_base),
            "frames": {name: _plain(values) for name, values in frames.items()},
        }

    def write(self, path: Path) -> None:
        """Write `document` to a JSON file.

        Raises
        ------
        JNDError
            Where it cannot be written.
        """
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(self.document(), allow_nan=False, indent=1) + "\n", "utf-8")


_READ = ("pts", "types", "key", "bytes", "qp", "qp_min", "qp_max")
_MEASURED = ("psnr", "ssim", "xpsnr", "vmaf")


def _plain(values: np.ndarray[Any, Any]) -> list[Any]:
    """A list with None for NaN."""
    if values.dtype.kind != "f":
        return list(values.tolist())
    return [value if np.isfinite(value) else None for value in values.tolist()]
