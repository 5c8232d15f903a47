"""Export of a model's way to its QPs as an ONNX file, for runtimes that know nothing of torch."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from jndcore import __version__
from jndcore.errors import JNDError
from jndcore.models.base import JNDModel
from jndcore.models.card import ModelCard
from jndcore.models.check_pictures import check_pictures
from jndcore.models.pictures import LEAST_SIDE
from jndcore.models.qp_path import QPPath, qp_path
from jndcore.models.registry import create_model
from jndcore.results import LEVELS
from jndcore.results.atomic import replacing

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 18
"""Of ONNX 1.13 (2022): the first that has what is needed here, so old runtimes read the file too."""

TOLERANCE = 1e-3
"""QP by which the exported file may differ from torch."""

EXTRA = ("onnx", "onnxscript", "onnxruntime")


def export_onnx(name: str, target: Path) -> float:
    """Write a model's QPs and errors as ONNX, once they were found equal to torch's.

    The file takes `picture`, uint8, shape (batch, D, height, width) as `JNDModel.beside` makes it, and gives
    `qp` and `err`, float32, shape (batch, 3), as `JNDModel.predict` does. Its metadata hold the card's facts.

    Parameters
    ----------
    name : str
        Trained weights, ``network.tag``.
    target : Path

    Returns
    -------
    float
        The largest difference from torch on the pictures of `check_pictures`, QP.

    Raises
    ------
    JNDError
        Where there are no such weights or they tell no level, the extra ``export`` is not installed, the file
        differs from torch by more than `TOLERANCE`, or it cannot be written; then nothing is.
    """
    model = create_model(name)
    card = model.card
    if card is None:
        raise JNDError(f"{name}: no weights are here for it; import them with jnd weights import, or train.")
    if not set(card.levels) & set(LEVELS):
        raise JNDError(f"{name}: it tells no JND level; choose a model that tells one.")
    for module in EXTRA:
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            raise JNDError(
                f"{error.name}: the export to ONNX needs it; pip install 'jndscope[export]'."
            ) from error
    pictures = check_pictures(model)
    path = qp_path(model, name)
    data = _described(_traced(path, name, pictures[0]), card, path).SerializeToString()
    worst = max(difference(model, data, batch) for batch in pictures)
    if not worst <= TOLERANCE:
        raise JNDError(
            f"{target}: not written, for it would differ from torch by {worst:.2g} QP; "
            f"try the versions of constraints.txt, or report it with the name {name}."
        )
    with replacing(target) as temporary:
        temporary.write_bytes(data)
    return worst


def difference(model: JNDModel, data: bytes, batch: NDArray[np.uint8]) -> float:
    """How far QPs and errors of an ONNX file lie from torch's at most; infinite where only one answers."""
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    told = session.run(["qp", "err"], {"picture": batch})
    with torch.inference_mode():
        wanted = [answer.numpy() for answer in model.predict(torch.from_numpy(batch))]
    return max(_distance(a, b) for a, b in zip(told, wanted, strict=True))


def _distance(told: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    apart = np.abs(told - wanted)
    apart[np.isnan(told) & np.isnan(wanted)] = 0
    return float(np.nan_to_num(apart, nan=np.inf).max())


def _traced(path: QPPath, name: str, batch: NDArray[np.uint8]) -> ModelProto:
    any_size = () if path.size else ((2, "height"), (3, "width"))
    axes = {0: torch.export.Dim("batch", min=1)}
    axes |= {axis: torch.export.Dim(side, min=LEAST_SIDE) for axis, side in any_size}
    try:
        with _quiet(), torch.no_grad():
            program = torch.onnx.export(
                path,
                (torch.from_numpy(batch),),
                dynamo=True,
                input_names=["picture"],
                output_names=["qp", "err"],
                dynamic_shapes=(axes,),
                opset_version=OPSET,
                verbose=False,
            )
    except torch.onnx.OnnxExporterError as error:
        reason = str(error).strip().split("\n")[0]
        raise JNDError(
            f"{name}: torch {torch.__version__} cannot write it as ONNX ({reason}); "
            "use the versions of constraints.txt."
        ) from error
    assert program is not None
    proto: ModelProto = program.model_proto
    return proto


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep from stderr what torch tells of its own old habits and of packages that are not needed here."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        log.setLevel(level)


def _described(proto: ModelProto, card: ModelCard, path: QPPath) -> ModelProto:
    """The same graph with the card's facts, and without notes on the files and calls it was traced from."""
    from onnx import helper

    graph = proto.graph
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        part.ClearField("metadata_props")
    proto.producer_name, proto.producer_version = "JNDScope", __version__
    proto.doc_string = f"{card.name}: {card.title}. {_use(path)}"
    helper.set_model_props(proto, _facts(card))
    return proto


def _use(path: QPPath) -> str:
    """How to use the file, for who finds it without its documentation."""
    if path.size:
        sizes = "{1} wide and {0} high".format(*path.size)
    else:
        sizes = f"{LEAST_SIDE}x{LEAST_SIDE} or more, black bars cropped"
    return (
        f"picture: uint8, prepared as the metadata's input says, {sizes}. qp: QP at 75 % SUR of JND1, JND2, "
        "JND3; err: its standard error; NaN where the model tells none."
    )


def _facts(card: ModelCard) -> dict[str, str]:
    return {
        "model": card.name,
        "sha256": card.sha256,
        "labels": card.labels,
        "levels": ",".join(map(str, card.levels)),
        "input": card.input,
        "licence": card.licence,
        "not_for": "; ".join(card.not_for),
    }
