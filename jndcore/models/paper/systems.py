"""LAT, E2E-LAT, REC, E2E-REC, MJ-LAT, MJ-REC and the autoencoder, as `create_model` builds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from jndcore.models.paper.autoencoder import Autoencoder, Encoder
from jndcore.models.paper.blocks import keras_start
from jndcore.models.paper.heads import LATHead, MJLATHead, MJRECHead, RECHead
from jndcore.models.paper.system import PaperSystem
from jndcore.models.registry import register_model
from jndcore.results import LEVELS


class LATNet(nn.Module):
    """One level: the encoder of its JND autoencoder, and a head on the latent."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.head = LATHead()

    def qp(self, frame: Tensor) -> Tensor:
        """QP, shape (N, 1)."""
        qp: Tensor = self.head(self.encoder(frame))
        return qp


class E2ELATNet(nn.Module):
    """One level: encoder and decoder trained together with the head on the latent."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Autoencoder()
        self.head = LATHead()

    def qp(self, frame: Tensor) -> Tensor:
        """QP, shape (N, 1); the decoder rests."""
        qp: Tensor = self.head(self.backbone.encoder(frame))
        return qp

    def both(self, frame: Tensor) -> tuple[Tensor, Tensor]:
        """QP and the frame at JND quality, from one latent."""
        latent = self.backbone.encoder(frame)
        return self.head(latent), self.backbone.decoder(latent)


class RECNet(nn.Module):
    """One level: an autoencoder and a head on the frame that it rebuilds; end to end or not, alike."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Autoencoder()
        self.head = RECHead()

    def qp(self, frame: Tensor) -> Tensor:
        """QP, shape (N, 1)."""
        return self.both(frame)[0]

    def both(self, frame: Tensor) -> tuple[Tensor, Tensor]:
        """QP and the frame at JND quality that it is read off."""
        rebuilt = self.backbone(frame)
        return self.head(rebuilt), rebuilt


class SingleLevel(PaperSystem):
    """One network for each level, which know nothing of each other.

    Parameters
    ----------
    levels : sequence of int
        JND levels that there are networks for.
    reconstruction : sequence of int
        Levels with an autoencoder of their own beside the networks, which rebuilds the frames; for LAT,
        whose networks rebuild none.
    """

    net: ClassVar[type[LATNet | E2ELATNet | RECNet]]

    def __init__(self, levels: Sequence[int] = (1,), reconstruction: Sequence[int] = ()) -> None:
        super().__init__(levels, reconstruction)
        self.nets = nn.ModuleList(self.net() for _ in self.levels)
        keras_start(self)
        self.settle()

    def qp(self, x: Tensor) -> Tensor:
        """See `PaperSystem.qp`."""
        return torch.cat([net.qp(x) for net in self.nets], dim=1)  # type: ignore[operator]

    def own(self, x: Tensor) -> tuple[Tensor, list[Tensor] | None]:
        """See `PaperSystem.own`."""
        if not self.rebuilds:
            return self.qp(x), None
        pairs = [net.both(x) for net in self.nets]  # type: ignore[operator]
        return torch.cat([qp for qp, _ in pairs], dim=1), [frame for _, frame in pairs]


@register_model("LAT")
class LAT(SingleLevel):
    """QP from the latent of a frozen JND autoencoder."""

    net = LATNet
    rebuilds = False


@register_model("E2E-LAT")
class E2ELAT(SingleLevel):
    """QP from the latent and a JND frame from the decoder, all trained together."""

    net = E2ELATNet


@register_model("REC")
class REC(SingleLevel):
    """QP from the frame that a frozen JND autoencoder rebuilds."""

    net = RECNet


@register_model("E2E-REC")
class E2EREC(SingleLevel):
    """QP from the rebuilt frame, all trained together."""

    net = RECNet


@register_model("MJ-LAT")
class MJLAT(PaperSystem):
    """Three levels at once from the latents of three frozen JND autoencoders."""

    rebuilds = False

    def __init__(self, reconstruction: Sequence[int] = ()) -> None:
        super().__init__(LEVELS, reconstruction)
        self.encoders = nn.ModuleList(Encoder() for _ in LEVELS)
        self.head = MJLATHead()
        keras_start(self)
        self.settle()

    def qp(self, x: Tensor) -> Tensor:
        """See `PaperSystem.qp`."""
        qp: Tensor = self.head([encoder(x) for encoder in self.encoders])
        return qp

    def own(self, x: Tensor) -> tuple[Tensor, list[Tensor] | None]:
        """See `PaperSystem.own`."""
        return self.qp(x), None


@register_model("MJ-REC")
class MJREC(PaperSystem):
    """Three levels at once from the frames that three frozen JND autoencoders rebuild."""

    def __init__(self, reconstruction: Sequence[int] = ()) -> None:
        super().__init__(LEVELS, reconstruction)
        self.backbones = nn.ModuleList(Autoencoder() for _ in LEVELS)
        self.head = MJRECHead()
        keras_start(self)
        self.settle()

    def qp(self, x: Tensor) -> Tensor:
        """See `PaperSystem.qp`."""
        return self.own(x)[0]

    def own(self, x: Tensor) -> tuple[Tensor, list[Tensor] | None]:
        """See `PaperSystem.own`."""
        frames = [backbone(x) for backbone in self.backbones]
        return self.head(frames), frames


@register_model("autoencoder")
class JNDAutoencoder(PaperSystem):
    """A backbone alone: it rebuilds frames and tells no QP.

    Parameters
    ----------
    levels : sequence of int
        The JND level of the frames that it rebuilds; 0 for one that rebuilds the frame itself.
    """

    def __init__(self, levels: Sequence[int] = (0,)) -> None:
        super().__init__(levels)
        self.backbones = nn.ModuleList(Autoencoder() for _ in self.levels)
        keras_start(self)
        self.settle()

    def qp(self, x: Tensor) -> Tensor:
        """See `PaperSystem.qp`; NaN."""
        return x.new_full((len(x), len(self.levels)), torch.nan)

    def own(self, x: Tensor) -> tuple[Tensor, list[Tensor] | None]:
        """See `PaperSystem.own`."""
        return self.qp(x), [backbone(x) for backbone in self.backbones]
