"""What the paper's systems share: their input, their output, and what JNDScope asks of a model."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from jndcore.models.base import FrameModel, Pixels
from jndcore.models.paper.autoencoder import HEIGHT, WIDTH, Autoencoder
from jndcore.results import LEVELS


def as_picture(bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A frame, shape (H, W, 3), blue first, as the systems take it: (3, 352, 640), bilinear, by OpenCV."""
    small = cv2.resize(np.ascontiguousarray(bgr), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(small.transpose(2, 0, 1).astype(np.uint8, copy=False))


class SystemOutput(NamedTuple):
    """What a system says about N frames.

    Attributes
    ----------
    levels : tuple of int
        JND level of each column, K of them.
    qp : Tensor of float32, shape (N, K)
        QP as the network gives it, at least 0, in whatever order: nothing makes JND1 <= JND2 <= JND3 here.
    frames : Tensor of float32, shape (N, K, 3, 352, 640), or None
        Frames at JND quality, BGR, about 0..255 and not clipped; None where the system rebuilds none.
    """

    levels: tuple[int, ...]
    qp: Tensor
    frames: Tensor | None


class PaperSystem(FrameModel):
    """One of the paper's systems.

    It has neither a spread between observers nor an error of its own: both are NaN.

    Parameters
    ----------
    levels : sequence of int
        Rising; 0 stands for the frame itself.
    reconstruction : sequence of int
        Levels for which there is an autoencoder beside the system, to rebuild the frames; all of `levels`
        or none.

    Raises
    ------
    ValueError
        Where there are no such levels.

    Attributes
    ----------
    levels : tuple of int
        JND levels that it tells or shows.
    rebuilds : bool
        It rebuilds frames without further autoencoders.
    reconstruction : ModuleList
        The autoencoders beside it.
    """

    sur_sd = (math.nan,) * len(LEVELS)
    rebuilds: ClassVar[bool] = True

    def __init__(self, levels: Sequence[int], reconstruction: Sequence[int] = ()) -> None:
        super().__init__()
        self.levels = tuple(levels)
        if not self.levels or list(self.levels) != sorted({0, *LEVELS} & set(self.levels)):
            raise ValueError(f"levels are some of {(0, *LEVELS)}, rising, not {self.levels}")
        if reconstruction and tuple(reconstruction) != self.levels:
            raise ValueError(f"frames are rebuilt at all levels {self.levels} or none, not {reconstruction}")
        self.reconstruction = nn.ModuleList(Autoencoder() for _ in reconstruction)
        self.shown = self.levels if reconstruction or self.rebuilds else ()

    def settle(self) -> None:
        """Lay the weights out as CPUs like them, once all modules are there."""
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def prepare(self, picture: Pixels) -> NDArray[np.uint8]:
        """What ``cv2.imread`` and ``cv2.resize`` give of the frame, as the authors read theirs.

        Returns
        -------
        ndarray of uint8, shape (3, 352, 640)
            Blue, green, red; scaled to this size whatever the frame's shape, bilinear, no antialiasing.
        """
        return as_picture(picture.rgb()[..., ::-1])

    def forward(self, x: Tensor) -> SystemOutput:
        """QPs and, where the system rebuilds them, frames.

        Parameters
        ----------
        x : Tensor, shape (N, 3, 352, 640)
            BGR 0..255, float32 or uint8.
        """
        x = self._picture(x)
        qp, frames = self.own(x)
        if self.reconstruction:
            frames = [autoencoder(x) for autoencoder in self.reconstruction]
        return SystemOutput(self.levels, qp, None if frames is None else torch.stack(frames, dim=1))

    def predict(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See `JNDModel.predict`: QPs alone, NaN for levels that this system does not tell."""
        told = self.qp(self._picture(x)).float()
        qp = told.new_full((len(told), len(LEVELS)), torch.nan)
        known = [(column, level) for column, level in enumerate(self.levels) if level in LEVELS]
        for column, level in known:
            qp[:, LEVELS.index(level)] = told[:, column]
        return qp, torch.full_like(qp, torch.nan)

    def show(self, x: Tensor, level: int) -> Tensor:
        """See `FrameModel.show`; shape (N, 3, 352, 640)."""
        output: SystemOutput = self(x)
        assert output.frames is not None, f"this system shows {self.shown}"
        return output.frames[:, self.levels.index(level)].round().clamp(0, 255).to(torch.uint8)

    @abstractmethod
    def qp(self, x: Tensor) -> Tensor:
        """The QPs of `levels`, shape (N, K), of frames of floating point; nothing is rebuilt needlessly."""

    @abstractmethod
    def own(self, x: Tensor) -> tuple[Tensor, list[Tensor] | None]:
        """QPs, and the frames of `levels` where the system itself rebuilds them."""

    def _picture(self, x: Tensor) -> Tensor:
        if tuple(x.shape[1:]) != (3, HEIGHT, WIDTH):
            raise ValueError(f"the paper's systems take (N, 3, {HEIGHT}, {WIDTH}), not {tuple(x.shape)}")
        return x.float().contiguous(memory_format=torch.channels_last)
