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
        Told of each damaged card among the user's own, which is left out: one bad file must not keep the
        others from being used.

    Raises
    ------
    JNDError
        Where a card that came with JNDScope is damaged.
    """
    found = [Stored(read_card(file), weights_folder()) for file in _cards(weights_folder())]
    own = user_weights_folder()
    for file in _cards(own) if own.is_dir() else ():
        try:
            found.append(Stored(read_card(file), own))
        except JNDError as error:
            say(str(error))
    return sorted(found, key=lambda stored: stored.card.name)


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

    Parameters
    ----------
    path : Path
        The card, ``NETWORK.tag.json``, with its weights beside it.
    folder : Path, optional
        Where to keep them; the user's own folder.

    Raises
    ------
    JNDError
        Where card or weights are missing or do not belong together; then nothing is written.
    """
    card = read_card(path)
    weights = path.with_name(card.weights)
    folder = folder or user_weights_folder()
    try:
        data = weights.read_bytes()
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JNDError(
            f"{error.filename}: {error.strerror}; weights lie beside their card and are copied to {folder}."
        ) from error
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise JNDError(f"{weights}: is not the file that {path.name} describes; train it again.")
    (folder / f"{card.name}.json").unlink(missing_ok=True)  # a model is there as long as its card is
    for name, content in ((card.weights, data), (f"{card.name}.json", path.read_bytes())):
        with replacing(folder / name) as temporary:
            temporary.write_bytes(content)
    return card
