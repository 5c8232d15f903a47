"""Schedule files: JSON, read strictly and written whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from jndcore.errors import JNDError
from jndcore.results.analysis import VideoIdentity
from jndcore.results.atomic import replacing
from jndcore.schedule.schedule import Encoder, Level, Mode, Predicted, Schedule, Segment
from jndcore.schedule.shares import at_qp

ROUNDING = 0.05
"""Percent of viewers by which a share may differ from its QP's."""

FORMAT: Literal["jndscope-schedule"] = "jndscope-schedule"


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class _Segment(_Record):
    start: int
    stop: int
    value: int | float
    predicted: _Predicted


class _Predicted(_Record):
    jnd: float | None
    sur_sd: float | None
    err: float | None
    first_jnd: float | None
    first_sur_sd: float | None
    share_no_further_loss: float | None
    share_no_loss: float | None


class _File(_Record):
    """A schedule as stored; `format_version` rises when a reader must change."""

    format: Literal["jndscope-schedule"] = FORMAT
    format_version: Literal[1] = 1
    video: VideoIdentity
    variable_frame_rate: bool
    mode: Mode
    level: Level
    share: float
    model: str
    model_sha256: str
    encoder: Encoder
    preset: str
    warnings: tuple[str, ...]
    segments: tuple[_Segment, ...]

    @classmethod
    def of(cls, schedule: Schedule) -> _File:
        fields = {name: getattr(schedule, name) for name in cls.model_fields if hasattr(schedule, name)}
        segments = tuple(
            _Segment(
                start=segment.start,
                stop=segment.stop,
                value=segment.value,
                predicted=_Predicted(**vars(segment.predicted)),
            )
            for segment in schedule.segments
        )
        return cls(**fields | {"segments": segments})

    def schedule(self) -> Schedule:
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        del fields["format"], fields["format_version"]
        segments = (
            Segment(s.start, s.stop, s.value, Predicted(**s.predicted.model_dump())) for s in self.segments
        )
        read = Schedule(**fields | {"segments": tuple(segments)})
        return replace(read, segments=tuple(map(_true, read.segments))) if self.mode == "qp" else read


def schedule_json(schedule: Schedule) -> str:
    """The text of a schedule file."""
    return _File.of(schedule).model_dump_json(indent=1) + "\n"


def write_schedule(schedule: Schedule, path: Path) -> None:
    """Write `schedule` to `path`, a .json file.

    Raises
    ------
    JNDError
        For another ending, or where the file cannot be written; nothing is left behind then.
    """
    check_schedule_name(path)
    text = schedule_json(schedule)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def check_schedule_name(path: Path) -> None:
    """JNDError unless `path` ends in .json."""
    if path.suffix.lower() != ".json":
        raise JNDError(f"{path}: a schedule is a JSON file; name it .json.")


def read_schedule(path: Path) -> Schedule:
    """Read what `write_schedule` wrote.

    Raises
    ------
    JNDError
        Where the file is missing, is no schedule, does not fit together, or was written by a newer version.
    """
    try:
        return _File.model_validate_json(Path(path).read_bytes()).schedule()
    except FileNotFoundError as error:
        raise JNDError(f"{path}: no such file; plan a schedule first (jnd schedule).") from error
    except (OSError, ValueError) as error:
        raise JNDError(
            f"{path}: not a schedule that this version reads ({_reason(error)}); correct it or plan again "
            "(jnd schedule)."
        ) from error


def _true(segment: Segment) -> Segment:
    """With the shares that its QP gives: whoever edits a QP in the file leaves them as they were."""
    told, true = segment.predicted, at_qp(segment.predicted, int(segment.value))
    pairs = (
        (told.share_no_further_loss, true.share_no_further_loss),
        (told.share_no_loss, true.share_no_loss),
    )
    same = all(a == b if a is None or b is None else abs(a - b) <= ROUNDING for a, b in pairs)
    return segment if same else replace(segment, predicted=true)


def is_schedule(path: Path) -> bool:
    """Whether a file says of itself that it is a schedule, well-formed or not."""
    if path.suffix.lower() != ".json":
        return False
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and document.get("format") == FORMAT


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{place}: {first['msg']}" if place else first["msg"]
    return str(error).splitlines()[0]
