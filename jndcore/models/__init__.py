"""Networks, their weights and cards. torch is imported when a network is built, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jndcore.models.card import Evaluation, Interval, ModelCard
from jndcore.models.library import list_models, load_card
from jndcore.models.registry import DEFAULT_MODEL, create_model, register_model

if TYPE_CHECKING:
    from jndcore.models.paper.keras_import import import_keras

__all__ = [
    "DEFAULT_MODEL",
    "Evaluation",
    "Interval",
    "ModelCard",
    "create_model",
    "import_keras",
    "list_models",
    "load_card",
    "register_model",
]


def __getattr__(name: str) -> Any:
    """`import_keras` brings torch with it, so it is fetched when it is asked for."""
    if name == "import_keras":
        from jndcore.models.paper.keras_import import import_keras

        return import_keras
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
