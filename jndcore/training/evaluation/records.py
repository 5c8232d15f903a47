"""What ``evaluation.json`` holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from jndcore.errors import JNDError
from jndcore.models.card import Interval
from jndcore.results import LABEL_CONVENTION
from jndcore.training.evaluation.runs import X264

REPORT_VERSION = 1

Kind = Literal["constant", "trial", "network", "untrained"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LevelScores(_Record):
    """How one level fares; intervals are 95 %, bootstrap over groups of clips.

    `mae`, `bias`, `difference` (`mae` less `constant_mae`, clip by clip) and `crps` are on the labels'
    scale, `ratio` is `mae` over `constant_mae`. `psnr_error` is the distance in dB between the luma PSNRs of
    the encodes at the predicted and the label's QP. `coverage80` is the share of labels inside the model's
    80 % interval, `coverage80_range` where it should lie. `gain`, dB, is what rebuilding adds to the
    source's PSNR. None: the model gives no such figure, or the notes say why it is left out.
    """

    level: int
    mae: Interval
    bias: Interval
    constant_mae: Interval
    difference: Interval
    ratio: Interval
    psnr_error: Interval | None = None
    constant_psnr_error: Interval | None = None
    coverage80: float | None = None
    coverage80_range: tuple[float, float] | None = None
    crps: Interval | None = None
    gain: Interval | None = None


class SurScores(_Record):
    """Mean absolute error of the first-JND SUR curve over QP 18..45, 0..1, and that of the constant's."""

    error: Interval
    constant_error: Interval
    ratio: Interval


class Scores(_Record):
    """The levels that are answered, and the SUR curve where the first is, in QP of x264."""

    clips: int
    groups: int
    levels: tuple[LevelScores, ...]
    sur: SurScores | None = None


class Cost(_Record):
    """Of one picture at the network's own input: `gflops` are multiplications and additions, 1e9."""

    parameters: int
    gflops: float
    input: str


class Speed(_Record):
    """Pictures a second, float32, in batches of `batch`, on `machine`."""

    frames_a_second: float
    batch: int
    machine: str


class Row(_Record):
    """One network or baseline. `settings`, `seconds` (of training) and `device` are as the run tells them.

    `build` are arguments of the network's builder, `own_spread` says that the run gives a spread between
    observers rather than taking VideoSet's. `command` fills in an untrained row, which has no scores.
    """

    kind: Kind
    name: str
    network: str = ""
    build: dict[str, Any] = {}
    title: str = ""
    settings: Any = None
    seconds: Any = None
    device: str = ""
    own_spread: bool = False
    scores: Scores | None = None
    real_motion: Scores | None = None
    cost: Cost | None = None
    speed: Speed | None = None
    command: str = ""


class Report(_Record):
    """An evaluation: all rows are about the same clips, labels and folds.

    `kind` is that of the data set, one of `jndcore.training.datasets.KINDS`, `data` its name as far as known,
    `scale` that of its labels. `folds` is 0 where the set's own part for tests was judged.
    """

    version: int = REPORT_VERSION
    kind: str = "clips"
    data: str = ""
    scale: str = X264
    labels: str = LABEL_CONVENTION
    clips: int
    groups: int
    folds: int
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def read_report(path: Path) -> Report:
    """Read ``evaluation.json``; JNDError where it is damaged or from another version."""
    try:
        return Report.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise JNDError(f"{path}: not an evaluation that this version reads; move it away.") from error
