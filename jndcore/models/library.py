"""Which models there are: those that come with JNDScope, and those that the user imported or trained."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from platformdirs import user_data_path

from jndcore.errors import JNDError
from jndcore.models.card import ModelCard, read_card
from jndcore.results.atomic import replacing


class Stored(NamedTuple):
    """A card and the folder that holds it and its weights."""

    card: ModelCard
    folder: Traversable


def weights_folder() -> Traversable:
    """The folder of weights and cards that comes with JNDScope."""
    return files("resources") / "weights"


def user_weights_folder() -> Path:
    """The folder of the user's own weights and cards; need not exist."""
    return user_data_path("jndscope", appauthor=False) / "weights"


def stored_models(say: Callable[[str], None] = lambda text: None) -> list[Stored]:
    """All models that have weights here, by name. Does not import torch.

    Parameters
    ----------
    say : callable
        Told of each card of the user's own that is left out: damaged ones, for one bad file must not keep
        the others from being used, and those that take the name of a model that comes with JNDScope.

    Raises
    ------
    JNDError
        Where a card that came with JNDScope is damaged.
    """
    found = _built_in()
    taken = {stored.card.name for stored in found}
    own = user_weights_folder()
    for file in _cards(own) if own.is_dir() else ():
        try:
            card = read_card(file)
        except JNDError as error:
            say(str(error))
            continue
        if card.name in taken:
            say(f"{file}: left out, for {card.name} comes with JNDScope; give it another tag or delete it.")
        else:
            found.append(Stored(card, own))
    return sorted(found, key=lambda stored: stored.card.name)


def _built_in() -> list[Stored]:
    return [Stored(read_card(file), weights_folder()) for file in _cards(weights_folder())]


def _cards(folder: Traversable) -> Iterator[Traversable]:
    return (file for file in folder.iterdir() if file.name.endswith(".json"))


def list_models() -> list[ModelCard]:
    """Cards of all models that have weights here, by name. Does not import torch.

    Raises
    ------
    JNDError
        Where a card that came with JNDScope is damaged.
    """
    return [stored.card for stored in stored_models()]


def find_model(name: str) -> Stored:
    """The card of ``network.tag`` and where it lies.

    Raises
    ------
    JNDError
        Where there is no such model, or its card is damaged.
    """
    damaged: list[str] = []
    known = {stored.card.name: stored for stored in stored_models(damaged.append)}
    if name not in known:
        raise JNDError(
            next((text for text in damaged if f"{name}.json" in text), "")
            or f"{name}: no such model; choose one of {', '.join(known)}."
        )
    return known[name]


def load_card(name: str) -> ModelCard:
    """The card of ``network.tag``; see `find_model`."""
    return find_model(name).card


def adopt_model(path: Path, folder: Path | None = None) -> ModelCard:
    """Copy weights that were trained here to where `stored_models` finds them.

    They are loaded once before anything is written, and lie there under the model's own name.

    Parameters
    ----------
    path : Path
        The card, ``NETWORK.tag.json``, with its weights beside it.
    folder : Path, optional
        Where to keep them; the user's own folder.

    Raises
    ------
    JNDError
        Where card or weights are missing, do not belong together, make up no network, or take the name of a
        model that comes with JNDScope; then nothing is written.
    """
    card = read_card(path)
    if card.name in {stored.card.name for stored in _built_in()}:
        raise JNDError(
            f"{path}: {card.name} comes with JNDScope; give this one another tag, in its card or by naming "
            "the training configuration otherwise."
        )
    data = _described_weights(path, card)
    from jndcore.models.registry import load_model  # torch comes with it

    load_model(Stored(card, path.parent))
    kept = card.model_copy(update={"weights": f"{card.name}.safetensors"})  # never another model's file
    _keep(kept, data, folder or user_weights_folder())
    return kept


def _described_weights(path: Path, card: ModelCard) -> bytes:
    weights = path.with_name(card.weights)
    try:
        data = weights.read_bytes()
    except OSError as error:
        raise JNDError(
            f"{weights}: cannot be read ({error.strerror}); put the weights that {path.name} names beside it."
        ) from error
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise JNDError(f"{weights}: is not the file that {path.name} describes; train it again.")
    return data


def _keep(card: ModelCard, data: bytes, folder: Path) -> None:
    file = folder / f"{card.name}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)  # a model is there as long as its card is
    except OSError as error:
        raise JNDError(
            f"{folder}: cannot be written ({error.strerror}); free some space or its permissions."
        ) from error
    text = card.model_dump_json(indent=2) + "\n"
    for target, content in ((folder / card.weights, data), (file, text.encode())):
        with replacing(target) as temporary:
            temporary.write_bytes(content)
