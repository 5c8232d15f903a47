"""Grouped cross-validation: every clip is judged by a network that never saw its source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from jndcore.models.base import PlaneModel
from jndcore.predict.rebuilding import rebuild_planes
from jndcore.results import LEVELS, OBSERVER_SD, Prediction
from jndcore.training.frames import ClipFrames

Array = NDArray[np.float64]

LEAST_MSE = 0.01
"""A picture that x264 keeps all but exactly counts as 68 dB, not as infinite."""


@dataclass(frozen=True)
class HeldOut:
    """What the networks of all folds say about the clips that they did not see.

    Attributes
    ----------
    fold : ndarray of int64, shape (C,)
    qp, err : ndarray, shape (C, 3)
        Pooled over a clip's frames; `err` as the network gives it, not yet calibrated.
    constant : ndarray, shape (C, 3)
        Median label of the clips trained on, the constant with least absolute error.
    source_psnr, rebuilt_psnr : ndarray, shape (C, 3)
        Luma PSNR, dB, of the source and of the rebuilt frames against x264 at the label's QP.
    """

    fold: NDArray[np.int64]
    qp: Array
    err: Array
    constant: Array
    source_psnr: Array
    rebuilt_psnr: Array


def cross_validate(
    fold: NDArray[np.int64],
    label: Array,
    frames: list[ClipFrames],
    fit: Callable[[NDArray[np.int64], int], PlaneModel],
    device: torch.device,
) -> HeldOut:
    """Fit once for each fold and judge the clips left out.

    Parameters
    ----------
    fold : ndarray of int64, shape (C,)
    label : ndarray, shape (C, 3)
    fit : callable
        From the indices of the clips to learn from, and the fold's number, to a fitted network.
    """
    shape = label.shape
    held = HeldOut(fold, *(np.full(shape, np.nan) for _ in range(5)))
    for number in range(int(fold.max()) + 1):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        model = fit(inside, number)
        held.constant[outside] = np.median(label[inside], axis=0)
        for clip in outside:
            pooled = predict_clip(model, frames[clip], device)
            held.qp[clip], held.err[clip] = pooled.qp[0], pooled.err[0]
            held.source_psnr[clip], held.rebuilt_psnr[clip] = rebuild_psnr(
                model, frames[clip], pooled.qp[0], device
            )
    return held


@torch.inference_mode()
def predict_clip(model: PlaneModel, clip: ClipFrames, device: torch.device) -> Prediction:
    """A clip's value, one row: whole frames, pooled as the model pools a shot."""
    pictures = torch.from_numpy(np.array(clip.pictures[:, : 1 + model.motion])).to(device)
    qp, err = (out.double().cpu().numpy() for out in model.predict(pictures))
    return model.pool(Prediction(qp, np.tile(OBSERVER_SD, (len(qp), 1)), err))


@torch.inference_mode()
def rebuild_psnr(model: PlaneModel, clip: ClipFrames, qp: Array, device: torch.device) -> tuple[Array, Array]:
    """Luma PSNR against x264 at the label's QP: of the source, and of rebuilding at the *predicted* QP.

    Parameters
    ----------
    qp : ndarray, shape (3,)
        Predicted; frames are made from it as the window makes them (`rebuild_planes`).

    Returns
    -------
    source, rebuilt : ndarray, shape (3,)
        dB, from the mean squared error over the clip's frames.
    """
    source = np.asarray(clip.y[0], np.float64)
    frames = range(len(source))
    figures = np.empty((2, len(LEVELS)))
    for k in range(len(LEVELS)):
        rebuilt = np.stack(
            [
                rebuild_planes(model, clip.version(0, t), clip.beside(t), float(qp[k]), device.type).y
                for t in frames
            ]
        ).astype(np.float64)
        coded = np.asarray(clip.y[1 + k], np.float64)
        for row, picture in enumerate((source, rebuilt)):
            figures[row, k] = np.square(picture - coded).mean()
    psnr = 10 * np.log10(255**2 / np.maximum(figures, LEAST_MSE))
    return psnr[0], psnr[1]
