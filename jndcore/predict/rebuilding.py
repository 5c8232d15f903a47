"""A frame as a model shows it at JND quality."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from jndcore.media import Picture, Planes
from jndcore.models.base import FrameModel, PlaneModel
from jndcore.predict.tiles import tiles


def rebuild_planes(model: PlaneModel, planes: Planes, qp: float, device: str) -> Planes:
    """The planes as `model`, on `device`, rebuilds them at `qp`.

    Large frames go through in tiles that overlap by the network's receptive field, so that no seam can
    appear. In fp32: the residual is added to whole code values.
    """

    def tensor(plane: NDArray[np.uint8]) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(plane))[None, None].to(device)

    out = Planes(*(np.empty_like(plane) for plane in (planes.y, planes.u, planes.v)))
    height, width = planes.y.shape
    for tile in tiles(height, width, margin=model.rebuild_margin, step=model.rebuild_step):
        y, u, v = (tensor(tile.source(plane)) for plane in (planes.y, planes.u, planes.v))
        with torch.inference_mode():
            rebuilt = model.rebuild(y, u, v, torch.tensor([qp], device=device))
        for target, plane in zip((out.y, out.u, out.v), rebuilt, strict=True):
            tile.paste(plane[0, 0].cpu().numpy(), target)
    return out


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
