"""What a training configuration says: a TOML file, checked before any work is done."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jndcore.errors import JNDError
from jndcore.results import LEVELS

Network = Literal["scopenet", "autoencoder", "LAT", "E2E-LAT", "REC", "E2E-REC", "MJ-LAT", "MJ-REC"]
Precision = Literal["fp32", "bf16"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataConfig(_Table):
    """Which labels, and how they are divided.

    Attributes
    ----------
    kind : str
        One of `jndcore.training.datasets.KINDS`.
    resolution, codec : str
        Of sets that hold several.
    frames : int
        Frames of each clip, evenly spread.
    folds : int
        Folds of a grouped cross-validation, which gives predictions; 0 trains once, which gives weights.
    held : float
        Share of the groups to learn from that is held back to choose the best epoch by. A set that names a
        part ``valid`` of its own does that with it when it is trained on once.
    """

    kind: str = "clips"
    resolution: str = "1280x720"
    codec: str = "jpeg"
    frames: int = Field(default=1, ge=1)
    folds: int = Field(default=5, ge=0)
    held: float = Field(default=0.125, gt=0, le=0.5)


class Stage(_Table):
    """One fit. The defaults are the paper's.

    Attributes
    ----------
    epochs, batch : int
    rate : float
        Of Adam.
    bias_rate : float
        How many times as quickly biases learn. With pictures of 0 to 255, 255 is what Adam would do with
        pictures of 0 to 1: its steps do not grow with a layer's values, and 0.001 is nothing here.
    """

    epochs: int = Field(default=300, ge=1)
    batch: int = Field(default=8, ge=1)
    rate: float = Field(default=1e-5, gt=0)
    bias_rate: float = Field(default=1.0, gt=0)


class BackboneStage(Stage):
    """The autoencoders.

    Attributes
    ----------
    crop : int
        Side of the square pieces to learn from, a multiple of 16; 0 for whole frames.
    start : str
        ``keras``, as the paper; ``he``: weights that keep a picture's variance from layer to layer (He et
        al., ICCV 2015). Keras' lose half of it or more in each layer: learning starts late.
    from_image : bool
        The JND autoencoders start from the one of frame to frame, not from fresh weights.
    image : Stage
        How that one is trained.
    model : str
        Name of an autoencoder with weights, to use instead of training any.
    """

    crop: int = Field(default=0, ge=0, le=352, multiple_of=16)
    start: Literal["keras", "he"] = "keras"
    from_image: bool = False
    image: Stage = Stage()
    model: str = ""


class HeadStage(Stage):
    """The heads, or a whole system end to end.

    Attributes
    ----------
    centre : bool
        The last layer starts at the labels' mean. From Keras' start, a last ReLU that happens to answer 0
        to everything never learns.
    flip : bool
        Pictures are mirrored left to right half the time.
    """

    centre: bool = False
    flip: bool = False


class TrainConfig(_Table):
    """Everything that decides what a training run gives, beside the data themselves.

    Attributes
    ----------
    network : str
        ``scopenet`` (which has a recipe of its own), ``autoencoder``, or one of the paper's systems.
    title : str
        How tables call the run.
    levels : tuple of int
        For systems with a network for each level; 0 (frame to frame) is for ``autoencoder`` alone.
    seed : int
    precision : str
        ``bf16`` (mixed) or ``fp32``.
    """

    network: Network
    title: str = ""
    levels: tuple[int, ...] = LEVELS
    seed: int = Field(default=0, ge=0)
    precision: Precision = "fp32"
    data: DataConfig = DataConfig()
    backbone: BackboneStage = BackboneStage()
    head: HeadStage = HeadStage()

    def check(self) -> str:
        """What is wrong in the whole, a few words; empty where nothing is."""
        name, folds = self.network, self.data.folds
        allowed = (0, *LEVELS) if name == "autoencoder" else LEVELS
        rising = bool(self.levels) and list(self.levels) == sorted(set(self.levels) & set(allowed))
        idle = {"epochs", "batch", "rate", "bias_rate", "from_image"} & self.backbone.model_fields_set
        plain = TrainConfig(network=name, title=self.title, seed=self.seed, data=DataConfig(folds=folds))
        rules = (
            (not rising, f"levels must be some of {list(allowed)}, rising"),
            (name.startswith("MJ") and self.levels != LEVELS, f"{name} has all three levels"),
            (folds == 1, "one fold leaves nothing to learn from; set folds in [data] to 0, or 2 or more"),
            (
                name == "autoencoder" and folds > 0,
                "an autoencoder tells no QP to cross-validate; set folds = 0",
            ),
            (name == "scopenet" and folds == 0, "scopenet is always cross-validated; set folds to 2 or more"),
            (
                name == "scopenet" and self != plain,
                "scopenet has a recipe of its own; only title, seed and folds in [data] can be set",
            ),
            (
                name.startswith("E2E") and bool(idle),
                f"{name} trains no JND autoencoder; of [backbone] it takes image, crop, start and model",
            ),
        )
        return next((text for broken, text in rules if broken), "")


def read_config(path: Path) -> TrainConfig:
    """The configuration in a TOML file.

    Raises
    ------
    JNDError
        Where it cannot be read, or something in it is unknown or out of range.
    """
    try:
        config = TrainConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise JNDError(f"{path}: cannot be read ({error}); name a training configuration.") from error
    except tomllib.TOMLDecodeError as error:
        raise JNDError(f"{path}: no TOML ({error}); correct the file.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise JNDError(f"{path}: {where}: {first['msg']}; correct the file.") from error
    if wrong := config.check():
        raise JNDError(f"{path}: {wrong}; correct the file.")
    return config
