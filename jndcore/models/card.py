"""A model card: where weights come from, what they are worth, and what they must not be used for."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jndcore.errors import JNDError
from jndcore.results import LABEL_CONVENTION, LEVELS

CARD_VERSION = 1

PlainName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")]
"""Part of a file's name: it leads to no other folder, and is not hidden."""

Triple = Annotated[tuple[float, ...], Field(min_length=len(LEVELS), max_length=len(LEVELS))]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(_Record):
    """A figure with its 95 % interval (bootstrap over clips)."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


class LevelFigures(_Record):
    """How one level's QPs fared on clips that the network had not seen, in QP.

    `constant_mae` is the error of always answering the training clips' median; `difference` is `mae`
    less `constant_mae`, clip by clip: below zero, the network knows more than the constant.
    """

    level: int
    mae: Interval
    constant_mae: Interval
    difference: Interval
    ratio: Interval
    bias: Interval
    coverage80: float = Field(description="share of labels inside the interval that should hold 80 %")


class RebuildFigures(_Record):
    """Luma PSNR against x264's frame, dB: of the source itself, and what rebuilding adds to it."""

    level: int
    source_psnr: float
    gain: Interval


class Evaluation(_Record):
    """Grouped cross-validation over all clips."""

    clips: int
    groups: int
    folds: int
    levels: tuple[LevelFigures, ...]
    real_motion: tuple[LevelFigures, ...] = ()
    rebuild: tuple[RebuildFigures, ...] = ()


class Attribution(_Record):
    """One source of the training data and its licence."""

    source: str
    licence: str


class ModelCard(_Record):
    """Everything that is known of one weights file.

    Attributes
    ----------
    network, tag : str
        The model's name is ``network.tag``.
    weights : str
        Name of the safetensors file beside the card; `sha256` is its hash.
    parameters, rebuild_parameters : int
        Numbers that were learned: of what tells the levels, and of autoencoders beside it that only rebuild
        frames.
    build : dict
        Arguments of the network's builder: what decides its shape beside its name.
    levels : tuple of int
        JND levels that it tells.
    gflops, rebuild_gflops : float
        Multiplications and additions, 1e9, of one picture at the network's own size (`input`): QPs, and a
        rebuilt frame, without encodes that it needs; 0 where it rebuilds none.
    source, record, source_sha256 : str
        For imported weights: the files they were read from, where these are published, and their hashes.
    attribution_file : str
        CSV beside the card that names each still, its source and licence; empty where there are none.
    err_scale : tuple of float
        Factor, for each level, that makes the predicted errors fit held-out clips.
    evaluation : Evaluation or None
        None: never evaluated, do not use.
    """

    version: int = CARD_VERSION
    network: PlainName
    tag: PlainName
    build: dict[str, Any] = {}
    levels: tuple[int, ...] = LEVELS
    title: str
    licence: str
    weights: PlainName
    sha256: str
    parameters: int
    rebuild_parameters: int = 0
    gflops: float
    rebuild_gflops: float
    input: str
    labels: str = LABEL_CONVENTION
    data: str
    source: str = ""
    record: str = ""
    source_sha256: tuple[str, ...] = ()
    attribution: tuple[Attribution, ...] = ()
    attribution_file: str = ""
    notice: str = ""
    not_for: tuple[str, ...]
    training: str
    err_scale: Triple = (1.0, 1.0, 1.0)
    evaluation: Evaluation | None = None

    @property
    def name(self) -> str:
        """``network.tag``, what `create_model` takes."""
        return f"{self.network}.{self.tag}"


def read_card(file: Traversable) -> ModelCard:
    """The card in a JSON file.

    Raises
    ------
    JNDError
        Where the file is missing, damaged or from a later version.
    """
    try:
        return ModelCard.model_validate_json(file.read_bytes())
    except OSError as error:
        raise JNDError(
            f"{file}: the model card cannot be read ({error.strerror}); import the model again."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        if first["type"] == "string_pattern_mismatch":
            where += f": {first['input']!r} is no plain name"
        raise JNDError(
            f"{file}: not a model card of this version of JNDScope (at {where}); import the model again."
        ) from error
