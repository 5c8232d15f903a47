"""A model on a device: batches of prepared pictures in, predictions and rebuilt frames out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from jndcore.media import Planes
from jndcore.models import DEFAULT_MODEL, create_model
from jndcore.models.base import JNDModel
from jndcore.predict.devices import choose_device
from jndcore.predict.tiles import tiles
from jndcore.results import LEVELS, OBSERVER_SD, Prediction

Precision = Literal["auto", "fp32", "bf16"]


class Predictor:
    """Runs one model; when a GPU runs out of memory the batch shrinks, then the CPU takes over.

    Parameters
    ----------
    model : str or JNDModel
        ``name.tag`` of a registered model, or a network.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    precision : {"auto", "fp32", "bf16"}
        For the levels; frames are rebuilt in fp32. ``auto`` is bf16 where the device computes it natively,
        fp32 elsewhere (measured on four clips: QPs 0.04 apart in the mean, 0.11 at most).
    batch : int, optional
        Pictures for each pass through the network; by default 2 on a CPU, whose caches they fill, and
        32 on a GPU.
    say : callable, optional
        Is told, in a sentence, when the batch or the device had to change.

    Attributes
    ----------
    model : JNDModel
    device : DeviceInfo
    precision : str
        ``fp32`` or ``bf16``.
    batch : int
        As it is now.
    lanes : int
        How many batches may be given to `predict` at once, from `threads`. On a CPU one for each core:
        cores that each do a batch of their own wait for nobody, while cores that share one wait for the
        slowest, which is decoding just then (measured: 2.5 against 3.0 times the time of decoding alone).
    """

    def __init__(
        self,
        model: str | JNDModel = DEFAULT_MODEL,
        *,
        device: str = "auto",
        precision: Precision = "auto",
        batch: int | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.model = create_model(model) if isinstance(model, str) else model
        self._say = say
        self._precision = precision
        self._asked = batch
        self._cores = torch.get_num_threads()
        self._move(device)

    def threads(self) -> ThreadPoolExecutor:
        """As many threads as there are lanes, for `predict`; each of them computes on its own."""
        if self.lanes == 1:
            return ThreadPoolExecutor(1, "inference")
        return ThreadPoolExecutor(self.lanes, "inference", torch.set_num_threads, (1,))

    def predict(self, pictures: NDArray[np.uint8]) -> Prediction:
        """JND levels of N pictures, each as `model.prepare` made it: uint8, shape (N, C, h, w)."""
        parts, begin = [], 0
        while begin < len(pictures):
            part = pictures[begin : begin + self.batch]
            try:
                parts.append(self._levels(part))
                begin += len(part)
            except RuntimeError as error:
                _check_memory(error)
                self._make_room(len(part))
        return Prediction.stack(parts)

    def rebuild(self, planes: Planes, level: int) -> tuple[Planes, float]:
        """The frame as the network shows it at JND `level` (1..3), and the QP predicted for that level.

        Large frames go through in tiles that overlap by the network's receptive field, so that no seam
        can appear.
        """
        qp = float(self.predict(self.model.prepare(planes.y)[None]).qp[0, LEVELS.index(level)])
        while True:
            try:
                return self._rebuild_tiles(planes, qp), qp
            except RuntimeError as error:
                _check_memory(error)
                self._make_room(1)

    def _move(self, device: str) -> None:
        self.device = choose_device(device)
        fastest = "bf16" if _computes_bf16(self.device.name) else "fp32"
        self.precision = fastest if self._precision == "auto" else self._precision
        self.model = self.model.to(self.device.name).eval()
        self.batch = self._asked or (2 if self.device.name == "cpu" else 32)
        self.lanes = self._cores if self.device.name == "cpu" else 1

    def _make_room(self, failed: int) -> None:
        """Halve the batch after `failed` pictures did not fit, or leave the device when one did not."""
        if failed > 1:
            self.batch = failed // 2
            self._say(f"{self.device.label} ran out of memory: going on with batches of {self.batch}.")
        elif self.device.name != "cpu":
            label = self.device.label
            self._move("cpu")
            self._say(f"{label} ran out of memory even for one frame: the CPU takes over.")
        else:
            raise MemoryError("the network does not fit into memory for a single frame")

    def _levels(self, pictures: NDArray[np.uint8]) -> Prediction:
        half = self.precision == "bf16"
        with (
            torch.inference_mode(),
            torch.autocast(self.device.name, torch.bfloat16) if half else nullcontext(),
        ):
            qp, err = self.model(torch.from_numpy(pictures).to(self.device.name))
        spread = np.broadcast_to(np.array(OBSERVER_SD), (len(pictures), len(LEVELS))).copy()
        return Prediction(qp.double().cpu().numpy(), spread, err.double().cpu().numpy())

    def _rebuild_tiles(self, planes: Planes, qp: float) -> Planes:
        out = Planes(*(np.empty_like(plane) for plane in (planes.y, planes.u, planes.v)))
        height, width = planes.y.shape
        for tile in tiles(height, width, margin=self.model.rebuild_margin, step=self.model.rebuild_step):
            y, u, v = (self._tensor(tile.source(plane)) for plane in (planes.y, planes.u, planes.v))
            with torch.inference_mode():  # in fp32: the residual is added to whole code values
                rebuilt = self.model.rebuild(y, u, v, torch.tensor([qp], device=self.device.name))
            for target, plane in zip((out.y, out.u, out.v), rebuilt, strict=True):
                tile.paste(plane[0, 0].cpu().numpy(), target)
        return out

    def _tensor(self, plane: NDArray[np.uint8]) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(plane))[None, None].to(self.device.name)


def _computes_bf16(device: str) -> bool:
    """Whether bf16 is native, and so faster, on a device by its torch name."""
    if device != "cpu":
        return device == "cuda"
    # not in every torch of the range that pyproject.toml gives
    has: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))


def _check_memory(error: RuntimeError) -> None:
    """Raise `error` again unless it says that a device ran out of memory; Apple's says so in words only."""
    if not isinstance(error, torch.OutOfMemoryError) and "out of memory" not in str(error):
        raise error
