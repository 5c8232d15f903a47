"""Fitted models that come with JNDScope as JSON, in ``resources/schedule``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from jndcore.errors import JNDError
from jndcore.results.atomic import replacing

Fitted = TypeVar("Fitted", bound=BaseModel)


def read_shipped(kind: type[Fitted], name: str, what: str) -> Fitted:
    """The model of a file of this name; `what` it is for the user, should it be damaged (JNDError)."""
    path = resources.files("resources") / "schedule" / name
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise JNDError(f"{path}: no usable {what} ({error}); install JNDScope again.") from error


def write_fitted(fitted: BaseModel, path: Path) -> None:
    """Write a JSON file, whole or not at all; JNDError where that fails."""
    with replacing(path) as temporary:
        temporary.write_text(fitted.model_dump_json(indent=1) + "\n", encoding="utf-8")
