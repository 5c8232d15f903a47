"""Training samples: pieces of pictures for autoencoders, features for heads, whole pictures for both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

Index = NDArray[np.int64]


class Samples(Dataset[tuple[Any, ...]]):
    """Samples whose random part depends on seed, epoch and number alone, so a resumed run repeats nothing.

    Attributes
    ----------
    epoch : int
        Set by whoever fits.
    """

    epoch = 0

    def __init__(self, rows: Index, seed: int) -> None:
        self.rows, self._seed = rows, seed

    def __len__(self) -> int:
        return len(self.rows)

    def draw(self, number: int) -> np.random.Generator:
        """A source of chance for one sample of this epoch."""
        return np.random.default_rng((self._seed, self.epoch, number))


class Pieces(Samples):
    """Squares of a picture and of its version at JND quality.

    Parameters
    ----------
    source, target : ndarray of uint8, shape (P, 3, H, W)
    rows : ndarray
        The pictures to learn from.
    crop : int
        Side of the pieces; 0 for whole pictures.
    fixed : bool
        Always the middle, as a validation needs it; else anywhere, and mirrored half the time.
    """

    def __init__(
        self,
        source: NDArray[np.uint8],
        target: NDArray[np.uint8],
        rows: Index,
        crop: int,
        seed: int,
        *,
        fixed: bool = False,
    ) -> None:
        super().__init__(rows, seed)
        self._source, self._target, self._crop, self._fixed = source, target, crop, fixed

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        """Source and target, float32, shape (3, crop, crop), BGR 0..255."""
        row, draw = self.rows[number], self.draw(number)
        height, width = self._source.shape[2:]
        rows, columns = (self._window(length, draw) for length in (height, width))
        pair = [np.asarray(pictures[row, :, rows, columns]) for pictures in (self._source, self._target)]
        if not self._fixed and draw.random() < 0.5:
            pair = [piece[..., ::-1] for piece in pair]
        source, target = (torch.from_numpy(piece.astype(np.float32)) for piece in pair)
        return source, target

    def _window(self, length: int, draw: np.random.Generator) -> slice:
        size = self._crop or length
        start = (length - size) // 2 if self._fixed else int(draw.integers(0, length - size + 1))
        return slice(start, start + size)


class Features(Samples):
    """What frozen backbones make of the pictures, and the pictures' labels.

    Parameters
    ----------
    features : sequence of ndarray of float32
        One array for each backbone, shape (P or 2 P, ...); the second P are those of mirrored pictures.
    label : ndarray, shape (P, K)
    flip : bool
        Take a mirrored one half the time.
    """

    def __init__(
        self,
        features: Sequence[NDArray[np.float32]],
        label: NDArray[np.float64],
        rows: Index,
        seed: int,
        *,
        flip: bool = False,
    ) -> None:
        super().__init__(rows, seed)
        self._features, self._flip = features, flip
        self._label = label.astype(np.float32)

    def __getitem__(self, number: int) -> tuple[list[Tensor], Tensor]:
        """Features of each backbone, and QPs, shape (K,)."""
        row = self.rows[number]
        mirrored = len(self._label) if self._flip and self.draw(number).random() < 0.5 else 0
        features = [torch.from_numpy(np.array(array[row + mirrored])) for array in self._features]
        return features, torch.from_numpy(self._label[row])


class LabelledPictures(Samples):
    """Pictures, their versions at JND quality, and their labels, for systems trained end to end."""

    def __init__(
        self,
        source: NDArray[np.uint8],
        target: NDArray[np.uint8],
        label: NDArray[np.float64],
        rows: Index,
        seed: int,
        *,
        flip: bool = False,
    ) -> None:
        super().__init__(rows, seed)
        self._source, self._target, self._flip = source, target, flip
        self._label = label.astype(np.float32)

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor, Tensor]:
        """Source and target, float32, shape (3, 352, 640), BGR 0..255; QP, shape (1,)."""
        row = self.rows[number]
        pair = [self._source[row], self._target[row]]
        if self._flip and self.draw(number).random() < 0.5:
            pair = [picture[..., ::-1] for picture in pair]
        source, target = (torch.from_numpy(np.array(picture, dtype=np.float32)) for picture in pair)
        return source, target, torch.from_numpy(self._label[row])
