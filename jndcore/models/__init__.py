"""Networks, their weights and cards. torch is imported when a network is built, not before."""

from jndcore.models.card import Evaluation, Interval, ModelCard, list_models, load_card
from jndcore.models.registry import DEFAULT_MODEL, create_model, register_model

__all__ = [
    "DEFAULT_MODEL",
    "Evaluation",
    "Interval",
    "ModelCard",
    "create_model",
    "list_models",
    "load_card",
    "register_model",
]
