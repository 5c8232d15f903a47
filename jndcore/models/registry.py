"""Networks by name: ``create_model("scopenet.clips737")``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from jndcore.errors import JNDError
from jndcore.models.library import Stored, find_model

if TYPE_CHECKING:
    from jndcore.models.base import JNDModel

DEFAULT_MODEL = "scopenet.clips737"

NETWORK_MODULES = ("jndcore.models.scopenet", "jndcore.models.paper.systems")
"""Modules that register networks; imported, and torch with them, when the first network is built."""

_NETWORKS: dict[str, Callable[..., JNDModel]] = {}

Network = TypeVar("Network", bound="Callable[..., JNDModel]")


def register_model(name: str) -> Callable[[Network], Network]:
    """Make a class that builds an untrained network known by `name` (no dots).

    Its arguments, all optional, decide the network's shape; a card holds them as `ModelCard.build`.
    """

    def register(network: Network) -> Network:
        _NETWORKS[name] = network
        return network

    return register


def create_model(name: str = DEFAULT_MODEL, *, seed: int = 0, **build: Any) -> JNDModel:
    """A network in evaluation mode.

    Parameters
    ----------
    name : str
        ``network.tag`` for trained weights; ``network`` alone for fresh ones.
    seed : int
        Of fresh weights.
    **build
        Arguments of the network itself, for fresh weights: ``levels=(1, 2, 3)`` for the paper's systems
        that have a network for each level.

    Raises
    ------
    JNDError
        Where the name is unknown, or the card or weights file is missing or damaged.
    """
    if name in _networks():
        return _fresh(name, seed, build).eval()
    return load_model(find_model(name))


def load_model(stored: Stored) -> JNDModel:
    """The network of a card with the weights beside it, in evaluation mode.

    Raises
    ------
    JNDError
        Where the network is unknown or cannot be built as the card says, or the weights are missing, damaged
        or another network's.
    """
    card = stored.card
    if card.network not in _networks():
        raise JNDError(
            f"{card.name}: its network {card.network} is unknown to this version; update JNDScope."
        )
    from jndcore.models.weights import load_weights  # torch comes with it

    try:
        model = _fresh(card.network, 0, card.build)
    except (TypeError, ValueError, RuntimeError) as error:
        raise JNDError(
            f"{card.name}: its card builds no {card.network} ({error}); train or import it again."
        ) from error
    load_weights(model, card, stored.folder)
    return model.eval()


def _networks() -> Mapping[str, Callable[..., JNDModel]]:
    for module in NETWORK_MODULES:
        import_module(module)
    return _NETWORKS


def _fresh(network: str, seed: int, build: Mapping[str, Any]) -> JNDModel:
    """Untrained weights, without a trace in torch's own random state."""
    import torch

    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        return _NETWORKS[network](**build)
