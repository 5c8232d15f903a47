"""Weight files: safetensors beside a JSON card that holds their hash."""

from __future__ import annotations

import hashlib
from importlib.resources.abc import Traversable
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError

from jndcore.errors import JNDError
from jndcore.models.base import JNDModel
from jndcore.models.card import ModelCard
from jndcore.results.atomic import replacing


def load_weights(model: JNDModel, card: ModelCard, folder: Traversable) -> None:
    """Put the weights that `card` names, found in `folder`, into `model`.

    Raises
    ------
    JNDError
        Where the file is missing, is not the one that the card describes, or fits another network.
    """
    file = folder / card.weights
    try:
        data = file.read_bytes()
    except OSError as error:
        raise JNDError(f"{file}: the weights cannot be read ({error.strerror}); {_again(card)}.") from error
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise JNDError(f"{file}: damaged, its hash is not the one on its card; {_again(card)}.")
    try:
        model.load_state_dict(safetensors.torch.load(data))
    except (SafetensorError, RuntimeError) as error:
        raise JNDError(
            f"{file}: holds no weights that fit the network {card.network}; train or import it again."
        ) from error
    model.card = card


def _again(card: ModelCard) -> str:
    return "import it again" if card.source else "reinstall JNDScope, or copy it here again"


def save_weights(model: JNDModel, path: Path) -> str:
    """Write the model's weights and buffers; give the file's SHA-256, hexadecimal.

    Raises
    ------
    JNDError
        Where `path` cannot be written.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    data = safetensors.torch.save(tensors)
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    return hashlib.sha256(data).hexdigest()
