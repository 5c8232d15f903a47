"""A model on a device: batches of prepared pictures in, predictions and rebuilt frames out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from jndcore.errors import JNDError
from jndcore.media import Picture, Planes
from jndcore.media.colour import matrix_for
from jndcore.models import DEFAULT_MODEL, create_model
from jndcore.models.base import FrameModel, JNDModel, PlaneModel
from jndcore.predict.devices import choose_device, computes_bf16
from jndcore.predict.rebuilding import rebuild_planes, show_picture
from jndcore.results import LEVELS, Prediction

Precision = Literal["auto", "fp32", "bf16"]

HEAVY_LANES = 4
"""Models of whole frames take up to 1.5 GB of memory for each batch of one that is under way."""


class Predictor:
    """Runs one model; when a GPU runs out of memory the batch shrinks, then the CPU takes over.

    Parameters
    ----------
    model : str or JNDModel
        ``name.tag`` of a registered model with weights, or a network.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    precision : {"auto", "fp32", "bf16"}
        For the levels; frames are rebuilt in fp32. ``auto`` is bf16 where the device computes it natively,
        fp32 elsewhere (measured on four clips: QPs 0.04 apart in the mean, 0.11 at most). Models of whole
        frames (`FrameModel`) were published in fp32 and stay in it.
    batch : int, optional
        Pictures for each pass through the network; by default 4 on a CPU (measured on two cores: analyses
        of 1, 2, 3, 4 and 6 at a time ran at 203, 212, 225, 225 and 229 frames a second) and 32 on a GPU.
        Models of whole frames cost 18 to 260 GFLOP a picture: 1 and 4.
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
        Of models of whole frames `HEAVY_LANES` at most, whatever the number of cores.

    Raises
    ------
    JNDError
        Where there is no such model, it has no weights, or it tells no level; for an unknown device.
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
        self.model = _trained(model) if isinstance(model, str) else model
        self._say = say
        self._precision = precision
        self._asked = batch
        self._cores = torch.get_num_threads()
        self._move(device)

    def threads(self) -> ThreadPoolExecutor:
        """As many threads as there are lanes, for `predict`; the cores are shared out among them."""
        if self.lanes == 1:
            return ThreadPoolExecutor(1, "inference")
        cores = self._cores // self.lanes
        return ThreadPoolExecutor(self.lanes, "inference", torch.set_num_threads, (cores,))

    def predict(self, pictures: NDArray[np.uint8]) -> Prediction:
        """JND levels of N pictures, each as `model.beside` made it: uint8, shape (N, D, h, w)."""
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

    def rebuild(
        self,
        picture: Picture,
        level: int,
        qp: float | None = None,
        *,
        between: Callable[[], None] = lambda: None,
    ) -> tuple[Picture, float]:
        """The frame as the network shows it at JND `level`, and the QP of that level.

        Models of whole frames (`FrameModel`) show it at the detail of their own size, see `detail`.

        Parameters
        ----------
        picture : Picture
        level : int
        qp : float, optional
            What an analysis says of this frame at this level; by default it is predicted, as for a frame
            of a still shot. Models of planes make the frame a little below it (`rebuilding.LEAN`), by short
            encodes among ``picture.beside`` that the network corrects.
        between : callable
            Called between steps of the work, in any thread; what it raises ends it. Models of whole frames
            have one step.

        Raises
        ------
        JNDError
            Where the model shows no frames, or none at this level.
        """
        self._check_shown(level)
        if qp is None:
            qp = float(self.predict(self.model.alone(picture)[None]).qp[0, LEVELS.index(level)])
        while True:
            try:
                return self._show(picture, level, qp, between), qp
            except RuntimeError as error:
                _check_memory(error)
                self._make_room(1)

    @property
    def name(self) -> str:
        """What the model is called: ``network.tag``, or its class where it has no card."""
        return self.model.card.name if self.model.card else type(self.model).__name__

    @property
    def levels(self) -> tuple[int, ...]:
        """JND levels that the model tells."""
        told = self.model.card.levels if self.model.card else LEVELS
        return tuple(level for level in LEVELS if level in told)

    @property
    def detail(self) -> tuple[int, int] | None:
        """Width and height at which a model of whole frames shows them; None where it is the frame's own."""
        if not isinstance(self.model, FrameModel):
            return None
        height, width = self.model.prepare(_blank()).shape[-2:]
        return width, height

    def _show(self, picture: Picture, level: int, qp: float, between: Callable[[], None]) -> Picture:
        if isinstance(self.model, FrameModel):
            return show_picture(self.model, picture, level, self.device.name)
        assert isinstance(self.model, PlaneModel)
        planes = rebuild_planes(
            self.model, picture.planes, picture.beside, qp, self.device.name, between=between
        )
        return replace(picture, planes=planes, beside=())

    def _check_shown(self, level: int) -> None:
        if level not in self.model.shown:
            at = f" at JND{level}" if self.model.shown else ""
            raise JNDError(
                f"{self.name} rebuilds no frames{at}; import the reconstruction files together with its own, "
                "with jnd weights import."
            )

    def _move(self, device: str) -> None:
        self.device = choose_device(device)
        heavy, cpu = isinstance(self.model, FrameModel), self.device.name == "cpu"
        fastest = "bf16" if computes_bf16(self.device.name) and not heavy else "fp32"
        self.precision = fastest if self._precision == "auto" else self._precision
        if heavy and self.device.name == "cuda":
            torch.backends.cudnn.allow_tf32 = False  # it rounds to 10 bits: 1e-3 away from Keras' answers
        self.model = self.model.to(self.device.name).eval()
        self.batch = self._asked or ((1 if heavy else 4) if cpu else (4 if heavy else 32))
        self.lanes = (min(self._cores, HEAVY_LANES) if heavy else self._cores) if cpu else 1

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
            qp, err = self.model.predict(torch.from_numpy(pictures).to(self.device.name))
        spread = np.tile(np.array(self.model.sur_sd, dtype=np.float64), (len(pictures), 1))
        return Prediction(qp.double().cpu().numpy(), spread, err.double().cpu().numpy())


def _trained(name: str) -> JNDModel:
    """The model of that name, refused where it has no weights or tells no level."""
    model = create_model(name)
    if model.card is None:
        raise JNDError(
            f"{name}: no weights are here for it; import the published ones with jnd weights import, "
            "or train."
        )
    if not set(model.card.levels) & set(LEVELS):
        raise JNDError(f"{name}: it rebuilds frames and tells no JND level; choose a model that tells one.")
    return model


def _blank() -> Picture:
    half = np.full((8, 8), 128, np.uint8)
    return Picture(Planes(np.full((16, 16), 16, np.uint8), half, half), matrix_for(0, 16))


def _check_memory(error: RuntimeError) -> None:
    """Raise `error` again unless it says that a device ran out of memory; Apple's says so in words only."""
    if not isinstance(error, torch.OutOfMemoryError) and "out of memory" not in str(error):
        raise error
