"""A frame as a model shows it at JND quality."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import torch

from jndcore.media import Picture, Planes, rehearse
from jndcore.models.base import FrameModel, PlaneModel, Triple
from jndcore.predict.tiles import Plane, tiles

LEAN = 1.0
"""A predicted QP is taken for one so much lower: a guess too high takes more away than one too low leaves.
On 33 labelled clips at held-out QPs, with the decoder of record, that gained 0.05 dB at the first JND and
0.07 dB at the third."""


def rebuild_planes(
    model: PlaneModel,
    planes: Planes,
    beside: Sequence[Planes],
    qp: float,
    device: str,
    *,
    between: Callable[[], None] = lambda: None,
) -> Planes:
    """The planes as `model`, on `device`, rebuilds them at a predicted `qp`, rehearsed among neighbours.

    Large frames go through in tiles that overlap by the network's receptive field, so that no seam can
    appear. In fp32: what is added to whole code values is a fraction of one.

    Parameters
    ----------
    planes : Planes
    beside : sequence of Planes
        The frames before and after, as far as they are known, see `rehearse`.
    qp : float
        As predicted, x264 P-frame scale; the frame is made at `LEAN` below it.
    between : callable
        Called between steps of the work; what it raises ends it.

    Raises
    ------
    MediaError
        Where the frame is too large for x264.
    """
    told = max(qp - LEAN, 0.0)
    rehearsed = rehearse(planes, beside, told, between=between)
    source, coded = (planes.y, planes.u, planes.v), (rehearsed.y, rehearsed.u, rehearsed.v)
    out = Planes(*(np.empty_like(plane) for plane in (planes.y, planes.u, planes.v)))
    height, width = planes.y.shape
    for tile in tiles(height, width, margin=model.rebuild_margin, step=model.rebuild_step):
        between()
        here, there = (_tensors([tile.source(plane) for plane in three], device) for three in (source, coded))
        with torch.inference_mode():
            rebuilt = model.rebuild(here, there, torch.tensor([told], device=device))
        for target, plane in zip((out.y, out.u, out.v), rebuilt, strict=True):
            tile.paste(plane[0, 0].cpu().numpy(), target)
    return out


def _tensors(planes: Sequence[Plane], device: str) -> Triple:
    y, u, v = (torch.from_numpy(np.array(plane))[None, None].to(device) for plane in planes)
    return y, u, v


def show_picture(model: FrameModel, picture: Picture, level: int, device: str) -> Picture:
    """`picture` as `model`, on `device`, rebuilds it whole at JND `level`.

    The network works at a size of its own, such as 640x352: what it gives is scaled to the frame's size
    (bicubic) and holds no finer detail than that.
    """
    prepared = model.prepare(picture)
    with torch.inference_mode():
        shown = model.show(torch.from_numpy(prepared)[None].to(device), level)[0].cpu().numpy()
    rgb = np.ascontiguousarray(shown[::-1].transpose(1, 2, 0))  # the network speaks blue, green, red
    size = picture.planes.y.shape[::-1]
    return picture.showing(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False))
