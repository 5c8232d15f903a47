"""The autoencoders: frame to frame, and frame to the frame at each JND level; each trained once and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from jndcore.errors import JNDError
from jndcore.models import create_model
from jndcore.models.paper.autoencoder import Autoencoder
from jndcore.models.paper.blocks import he_start
from jndcore.models.paper.systems import JNDAutoencoder
from jndcore.training.systems.config import Stage, TrainConfig
from jndcore.training.systems.fitting import Fit, run_fit
from jndcore.training.systems.part import Part
from jndcore.training.systems.pictures import Pictures
from jndcore.training.systems.samples import Pieces

Index = NDArray[np.int64]
Progress = Callable[[str, float], None]


class Backbones:
    """The autoencoders of one part of a data set, by level.

    Runs that share data, seed and backbone settings share them: a file is named by all that decides it.

    Parameters
    ----------
    part : Part
        The pictures to learn from and to choose the best epoch by, and where the autoencoders are kept.
    """

    def __init__(
        self,
        config: TrainConfig,
        pictures: Pictures,
        part: Part,
        fabric: Fabric,
        progress: Progress,
    ) -> None:
        self._config, self._pictures = config, pictures
        self._part, self._fabric, self._progress = part, fabric, progress

    def take(self, level: int) -> Autoencoder:
        """The autoencoder for `level` (0: frame to frame), trained now where it is not there yet."""
        stage = self._config.backbone
        if stage.model:
            return stored_autoencoders(stage.model, [level])[level]
        start = self.take(0) if level and stage.from_image else self._fresh()
        return self._trained(start, level, stage if level else stage.image)

    def _fresh(self) -> Autoencoder:
        """Untrained weights."""
        model = create_model("autoencoder", seed=self._config.seed)
        assert isinstance(model, JNDAutoencoder)
        backbone: Autoencoder = model.backbones[0]  # type: ignore[assignment]
        if self._config.backbone.start == "he":
            he_start(backbone, self._config.seed)
        return backbone

    def _trained(self, model: Autoencoder, level: int, stage: Stage) -> Autoencoder:
        fit = Fit(
            name=f"{self._part.name}-autoencoder{level}",
            model=model,
            training=self._pieces(level, self._part.learn, fixed=False),
            validation=self._pieces(level, self._part.held, fixed=True),
            loss=_squared_error,
            stage=stage,
            seed=self._config.seed,
            path=self._part.file(f"autoencoder{level}", self._facts(level), of_run=False),
        )
        what = f"autoencoder, JND{level} frames" if level else "autoencoder, source frames"
        run_fit(fit, self._fabric, lambda share: self._progress(what, share))
        return model.eval()

    def _pieces(self, level: int, rows: Index, *, fixed: bool) -> Pieces:
        versions, crop = self._pictures.versions, self._config.backbone.crop
        return Pieces(versions[0], versions[level], rows, crop, self._config.seed, fixed=fixed)

    def _facts(self, level: int) -> list[Any]:
        """All that decides the autoencoder of `level`, beside the pictures to learn from."""
        stage: dict[str, Any] = self._config.backbone.model_dump()
        if level == 0:  # nothing but these decides it
            stage = {name: stage[name] for name in ("image", "crop", "start")}
        names = [self._pictures.names[which] for which in sorted({0, level})]
        return [level, stage, names, self._config.seed, self._config.precision]


def _squared_error(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    source, target = batch
    rebuilt: Tensor = model(source.contiguous(memory_format=torch.channels_last))
    return (rebuilt.float() - target).square().mean()


def stored_autoencoders(name: str, levels: Sequence[int]) -> dict[int, Autoencoder]:
    """The backbones of a stored autoencoder, by level.

    Raises
    ------
    JNDError
        Where there is no such model, it is no autoencoder, or it lacks a level.
    """
    model = create_model(name)
    if not isinstance(model, JNDAutoencoder) or not set(levels) <= set(model.levels):
        told = f"has levels {list(model.levels)}" if isinstance(model, JNDAutoencoder) else "is none"
        raise JNDError(f"{name}: an autoencoder for levels {list(levels)} is needed, this {told}.")
    found: list[Autoencoder] = list(model.backbones)  # type: ignore[arg-type]
    return {level: found[model.levels.index(level)].eval() for level in levels}
