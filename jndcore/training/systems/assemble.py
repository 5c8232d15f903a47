"""One system from start to end: backbones, features, heads, and the whole put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from lightning_fabric import Fabric
from numpy.typing import NDArray

from jndcore.models import create_model, load_card
from jndcore.models.paper.autoencoder import Autoencoder
from jndcore.models.paper.system import PaperSystem
from jndcore.models.paper.systems import E2ELAT, E2EREC, LAT, MJLAT, MJREC, REC, JNDAutoencoder
from jndcore.training.systems.backbones import Backbones
from jndcore.training.systems.config import TrainConfig
from jndcore.training.systems.end_to_end import fit_end_to_end, predict_end_to_end, start_from
from jndcore.training.systems.heads import fit_head, keep_features, predict_head
from jndcore.training.systems.part import Part
from jndcore.training.systems.pictures import Pictures

Array = NDArray[np.float64]
Progress = Callable[[str, float], None]


def shape(config: TrainConfig) -> dict[str, Any]:
    """Arguments of the network's builder; autoencoders for its frames where it rebuilds none itself."""
    found: dict[str, Any] = {} if config.network.startswith("MJ") else {"levels": config.levels}
    if config.network in ("LAT", "MJ-LAT"):
        found["reconstruction"] = config.levels
    return found


def fit_system(
    config: TrainConfig, pictures: Pictures, part: Part, fabric: Fabric, progress: Progress
) -> tuple[PaperSystem, Array]:
    """Train everything that `config` asks for on one part of the pictures.

    Returns
    -------
    system : PaperSystem
        In evaluation mode.
    qp : ndarray, shape (P, K)
        Its QPs for all pictures, also those that it learned from; NaN of an autoencoder.
    """
    backbones = Backbones(config, pictures, part, fabric, progress)
    system = create_model(config.network, seed=config.seed, **shape(config))
    assert isinstance(system, PaperSystem)
    work = _Work(config, pictures, part, fabric, progress)
    match system:
        case JNDAutoencoder():
            for place, level in enumerate(system.levels):
                system.backbones[place].load_state_dict(backbones.take(level).state_dict())
            qp = np.full((len(pictures.item), len(system.levels)), np.nan)
        case MJLAT() | MJREC():
            qp = work.joint(system, [backbones.take(level) for level in system.levels])
        case LAT() | REC():
            qp = work.frozen(system, [backbones.take(level) for level in system.levels])
        case E2ELAT() | E2EREC():
            qp = work.end_to_end(system, backbones.take(0))
        case _:
            raise TypeError(f"no training is known for {type(system).__name__}")
    return system.to(fabric.device).eval(), qp


@dataclass(frozen=True)
class _Work:
    config: TrainConfig
    pictures: Pictures
    part: Part
    fabric: Fabric
    progress: Progress

    @property
    def facts(self) -> list[Any]:
        """All that decides what is fitted, beside the pictures to learn from."""
        told = self.config.model_dump(exclude={"title", "data"})
        stored = load_card(self.config.backbone.model).sha256 if self.config.backbone.model else ""
        return [told, self.pictures.names, stored]

    def frozen(self, system: LAT | REC, backbones: list[Autoencoder]) -> Array:
        """A head on each level's own backbone."""
        found = []
        for place, (level, backbone) in enumerate(zip(system.levels, backbones, strict=True)):
            net: Any = system.nets[place]
            features = [self.features(backbone, level, latent=isinstance(system, LAT))]
            found.append(self.head(net.head, features, [level]))
            _put(backbone, net, system, place)
        return np.concatenate(found, axis=1)

    def joint(self, system: MJLAT | MJREC, backbones: list[Autoencoder]) -> Array:
        """One head on the backbones of all levels."""
        latent = isinstance(system, MJLAT)
        features = [
            self.features(backbone, level, latent=latent)
            for level, backbone in zip(system.levels, backbones, strict=True)
        ]
        qp = self.head(system.head, features, list(system.levels))
        for place, backbone in enumerate(backbones):
            if isinstance(system, MJLAT):
                system.encoders[place].load_state_dict(backbone.encoder.state_dict())
                system.reconstruction[place].load_state_dict(backbone.state_dict())
            else:
                system.backbones[place].load_state_dict(backbone.state_dict())
        return qp

    def end_to_end(self, system: E2ELAT | E2EREC, image: Autoencoder) -> Array:
        """Each level's network from the image autoencoder on."""
        found = []
        for place, level in enumerate(system.levels):
            net: Any = system.nets[place]
            start_from(net, image, self.config.seed)
            stage = f"JND{level}, end to end"
            fit_end_to_end(
                net,
                self.pictures,
                level,
                self.part,
                self.facts,
                self.config,
                self.fabric,
                lambda share, stage=stage: self.progress(stage, share),  # type: ignore[misc]
            )
            found.append(predict_end_to_end(net, self.pictures, np.arange(len(self.pictures.item))))
        return np.concatenate(found, axis=1)

    def features(self, backbone: Autoencoder, level: int, *, latent: bool) -> NDArray[np.float32]:
        """See `keep_features`."""
        what = "latents" if latent else "rebuilt frames"
        path = self.part.work / f"{self.part.name}-features{level}.npy"
        if self.fabric.is_global_zero:
            keep_features(
                backbone,
                self.pictures,
                path,
                self.fabric,
                latent=latent,
                flip=self.config.head.flip,
                progress=lambda share: self.progress(f"{what}, JND{level}", share),
            )
        self.fabric.barrier()
        features: NDArray[np.float32] = np.load(path, mmap_mode="r")
        return features

    def head(self, head: Any, features: list[NDArray[np.float32]], levels: list[int]) -> Array:
        """Fit a head, tell all QPs, and drop the features."""
        label = self.pictures.label[:, [level - 1 for level in levels]]
        stage = f"head, JND{', '.join(map(str, levels))}"
        fit_head(
            head,
            features,
            label,
            self.part,
            f"head{''.join(map(str, levels))}",
            self.facts,
            self.config,
            self.fabric,
            lambda share: self.progress(stage, share),
        )
        qp = predict_head(head, features, np.arange(len(label)))
        features.clear()  # Windows deletes no file that is mapped
        self.fabric.barrier()
        for level in levels:
            (self.part.work / f"{self.part.name}-features{level}.npy").unlink(missing_ok=True)
        return qp


def _put(backbone: Autoencoder, net: Any, system: LAT | REC, place: int) -> None:
    """A level's backbone into its network."""
    if isinstance(system, LAT):
        net.encoder.load_state_dict(backbone.encoder.state_dict())
        system.reconstruction[place].load_state_dict(backbone.state_dict())
    else:
        net.backbone.load_state_dict(backbone.state_dict())
