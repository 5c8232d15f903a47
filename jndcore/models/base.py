"""What every JND network offers, whatever is inside."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from jndcore.models.card import ModelCard
from jndcore.results import LEVELS, OBSERVER_SD, Prediction

Triple = tuple[Tensor, Tensor, Tensor]
"""Y, U and V of N pictures in 4:2:0: shapes (N, 1, H, W) and twice (N, 1, ceil(H / 2), ceil(W / 2))."""


class Pixels(Protocol):
    """A picture as models look at it: a frame of a reader, or planes with their colours."""

    def luma(self) -> NDArray[np.uint8]:
        """8-bit limited-range luma, shape (H, W)."""

    def rgb(self) -> NDArray[np.uint8]:
        """Full-range R'G'B', shape (H, W, 3)."""


class JNDModel(nn.Module):
    """A network that tells, from one picture and maybe its neighbours, the QPs of its first three JNDs.

    Attributes
    ----------
    card : ModelCard or None
        Where the weights come from and what they are worth; None for untrained weights.
    sur_sd : tuple of float
        Spread between observers, QP, for each level; NaN where the model says nothing of it.
    shown : tuple of int
        Levels at which the model can show a frame.
    motion : bool
        Whether it looks at the frames beside a frame too, see `beside`.
    """

    card: ModelCard | None = None
    sur_sd: tuple[float, ...] = OBSERVER_SD
    shown: tuple[int, ...] = LEVELS
    motion: bool = False

    @abstractmethod
    def prepare(self, picture: Pixels) -> NDArray[np.uint8]:
        """A picture as this network takes it; numpy only, so it runs in the decoding thread.

        Returns
        -------
        ndarray of uint8, shape (C, h, w)
            The same size for all pictures of one size.
        """

    def beside(
        self, prepared: NDArray[np.uint8], neighbours: Sequence[NDArray[np.uint8]]
    ) -> NDArray[np.uint8]:
        """A prepared picture with what the frames next to it tell of motion, as `predict` takes it.

        Parameters
        ----------
        prepared : ndarray of uint8, shape (C, h, w)
            As `prepare` made it.
        neighbours : sequence of ndarray
            The frames just before and after it, prepared too, as far as there are any; without one the
            picture counts as still.

        Returns
        -------
        ndarray of uint8, shape (D, h, w)
            By default, and where `motion` is False, the picture alone.
        """
        return prepared

    def alone(self, picture: Pixels) -> NDArray[np.uint8]:
        """A picture as `predict` takes it, without its neighbours: as if it stood still; shape (D, h, w)."""
        return self.beside(self.prepare(picture), [])

    @abstractmethod
    def predict(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """JND levels of a batch of prepared pictures, by the quickest way.

        Parameters
        ----------
        x : Tensor of uint8, shape (N, D, h, w)
            Of `beside`.

        Returns
        -------
        qp : Tensor of float32, shape (N, 3)
            QP at 75 % SUR, x264 P-frame scale; NaN for a level that the model does not tell. Models that
            order their levels say JND1 <= JND2 <= JND3.
        err : Tensor of float32, shape (N, 3)
            Standard error of `qp`, above 0; NaN where the model has none.
        """

    def pool(self, prediction: Prediction) -> Prediction:
        """A shot's or clip's value from its frames': the mean.

        Frames of a shot share their errors, so the standard error is not divided by their number; it is
        calibrated for clips pooled in just this way.

        Parameters
        ----------
        prediction : Prediction
            N rows; rows with a NaN count for nothing.

        Returns
        -------
        Prediction
            One row, NaN where no row is known.
        """
        known = prediction.take(prediction.known)
        if not len(known):
            return Prediction.unknown(1)
        return Prediction(
            known.qp.mean(0, keepdims=True),
            known.sur_sd.mean(0, keepdims=True),
            np.sqrt(np.square(known.err).mean(0, keepdims=True)),
        )


class PlaneModel(JNDModel):
    """A model that rebuilds a frame plane by plane at its own size, tile by tile where it is large.

    Attributes
    ----------
    rebuild_margin : int
        How far, in luma pixels, a rebuilt sample depends on the source around it. A tile cut out with
        this margin and rebuilt alone equals the same place of the whole frame, to rounding.
    rebuild_step : int
        Tile origins must be multiples of this many luma pixels.
    """

    rebuild_margin: int
    rebuild_step: int

    @abstractmethod
    def rebuild(self, source: Triple, rehearsed: Triple, qp: Tensor) -> Triple:
        """Frames as x264 would leave them at a QP: the best guess of the encode that is to come.

        Parameters
        ----------
        source : tuple of three Tensors of uint8
            8-bit 4:2:0, limited range.
        rehearsed : tuple of three Tensors of float32
            Of the same shapes: what x264 made of the frames around that QP, on the average
            (`jndcore.media.rehearse`).
        qp : Tensor of float32, shape (N,)
            x264 P-frame scale, 0..51.

        Returns
        -------
        tuple of three Tensors of uint8
            Shapes as given.
        """


class FrameModel(JNDModel):
    """A model that rebuilds the prepared picture as a whole, at the size and in the colours it takes."""

    @abstractmethod
    def show(self, x: Tensor, level: int) -> Tensor:
        """The picture at JND quality.

        Parameters
        ----------
        x : Tensor of uint8, shape (N, 3, h, w)
            As `prepare` made it.
        level : int
            One of `shown`.

        Returns
        -------
        Tensor of uint8, shape (N, 3, h, w)
            Blue, green, red, 0..255.
        """
