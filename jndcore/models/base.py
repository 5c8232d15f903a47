"""What every JND network offers, whatever is inside."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from jndcore.models.card import ModelCard
from jndcore.models.pictures import fit_luma
from jndcore.results import Prediction


class JNDModel(nn.Module):
    """A network that tells, from one picture, the QPs of its first three JNDs.

    Attributes
    ----------
    card : ModelCard or None
        Where the weights come from and what they are worth; None for untrained weights.
    rebuild_margin : int
        How far, in luma pixels, a rebuilt sample depends on the source around it. A tile cut out with
        this margin and rebuilt alone equals the same place of the whole frame, to rounding.
    rebuild_step : int
        Tile origins must be multiples of this many luma pixels.
    """

    card: ModelCard | None = None
    rebuild_margin: int
    rebuild_step: int

    def prepare(self, luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A frame's luma as this network takes it; numpy only, so it runs in the decoding thread.

        Parameters
        ----------
        luma : ndarray of uint8, shape (H, W)
            8-bit, limited range.

        Returns
        -------
        ndarray of uint8, shape (1, h, w)
            The same size for all frames of one size.
        """
        return fit_luma(luma)[None]

    @abstractmethod
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """JND levels of a batch of prepared pictures, from the latent alone.

        Parameters
        ----------
        x : Tensor of uint8, shape (N, 1, h, w)

        Returns
        -------
        qp : Tensor of float32, shape (N, 3)
            QP at 75 % SUR, x264 P-frame scale; JND1 <= JND2 <= JND3.
        err : Tensor of float32, shape (N, 3)
            Standard error of `qp`, above 0.
        """

    @abstractmethod
    def rebuild(self, y: Tensor, u: Tensor, v: Tensor, qp: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Frames as x264 would leave them at a QP: the source plus a predicted residual.

        Parameters
        ----------
        y : Tensor of uint8, shape (N, 1, H, W)
        u, v : Tensor of uint8, shape (N, 1, ceil(H / 2), ceil(W / 2))
            8-bit 4:2:0, limited range.
        qp : Tensor of float32, shape (N,)
            x264 P-frame scale, 0..51.

        Returns
        -------
        y, u, v : Tensor of uint8
            Shapes as given.
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
        known = prediction.take(np.flatnonzero(np.isfinite(prediction.qp).all(axis=1)))
        if not len(known):
            return Prediction.unknown(1)
        return Prediction(
            known.qp.mean(0, keepdims=True),
            known.sur_sd.mean(0, keepdims=True),
            np.sqrt(np.square(known.err).mean(0, keepdims=True)),
        )
