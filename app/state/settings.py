"""What the window remembers from one run to the next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar, Literal

from platformdirs import user_config_path
from psygnal import SignalGroupDescriptor
from pydantic import Field, PrivateAttr
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    JsonConfigSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from jndcore.errors import JNDError

RECENT_LIMIT = 10

Theme = Literal["system", "light", "dark"]


class Settings(BaseSettings):
    """Preferences; `JNDSCOPE_THEME=dark` and the like in the environment go before the file.

    Attributes
    ----------
    theme : str
        Colours of the window.
    model : str
        ``name.tag`` of the chosen model; empty for the default one.
    device : str
        Where the model runs: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    level : int
        JND level shown at the right, 1..3.
    big_step : int
        Frames of a step with Shift.
    recent : tuple of Path
        Videos opened last, newest first.
    geometry : str
        Place and size of the window, in Qt's own format, base 64.
    """

    model_config = SettingsConfigDict(env_prefix="JNDSCOPE_", extra="ignore", validate_assignment=True)
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    theme: Theme = "system"
    model: str = ""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    level: int = Field(default=1, ge=1, le=3)
    big_step: int = Field(default=10, ge=2, le=1000)
    recent: tuple[Path, ...] = ()
    geometry: str = ""
    _imposed: dict[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes before the file, and nothing else is asked."""
        return init_settings, env_settings, JsonConfigSettingsSource(settings_cls, settings_file())

    def remember(self, path: Path) -> None:
        """Put `path` at the top of the recent videos."""
        self.recent = (path, *(other for other in self.recent if other != path))[:RECENT_LIMIT]

    def note_environment(self) -> None:
        """Keep in mind what the environment has just imposed on these settings."""
        self._imposed = {name: getattr(self, name) for name in EnvSettingsSource(type(self))()}

    def imposed(self) -> set[str]:
        """Names of the settings that are still as the environment has them: no choice of the user."""
        return {name for name, value in self._imposed.items() if getattr(self, name) == value}


def settings_file() -> Path:
    """Where the settings of this user lie."""
    return user_config_path("jndscope", appauthor=False) / "settings.json"


def load_settings() -> tuple[Settings, str]:
    """The settings, and a sentence on what is wrong with their file, or an empty one.

    A damaged file, or one that may not be read, must not keep the window shut: the defaults serve then,
    and the next change writes the file anew.
    """
    try:
        settings = Settings()
        settings.note_environment()
        return settings, ""
    except OSError as error:
        reason = error.strerror or str(error)
    except ValueError as error:  # pydantic's ValidationError and json's JSONDecodeError are ValueErrors
        reason = str(error).splitlines()[0]
    return (
        Settings.model_construct(),
        f"{settings_file()}: not readable as settings ({reason}); defaults are used.",
    )


def save_settings(settings: Settings) -> None:
    """Write the settings; what the environment imposes on this run stays in the file as it was.

    Raises
    ------
    JNDError
        Where they cannot be written.
    """
    from jndcore.results.atomic import replacing  # pulls in the results room, too slow before the first paint

    file, imposed = settings_file(), settings.imposed()
    values = settings.model_dump(mode="json", exclude=imposed)
    if imposed:
        values |= {name: value for name, value in _written().items() if name in imposed}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JNDError(
            f"{file}: settings cannot be saved ({error.strerror}); make its folder writable to keep them."
        ) from error
    with replacing(file) as temporary:
        temporary.write_text(json.dumps(values, indent=1), encoding="utf-8")


def _written() -> dict[str, Any]:
    """What the file holds; nothing where there is no file, or none that can be read."""
    try:
        values = json.loads(settings_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
