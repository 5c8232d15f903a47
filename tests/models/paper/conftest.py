"""Files as Keras would have written them, made once for all tests of this folder."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from keras_files import FILES, write_keras


@pytest.fixture(scope="session")
def keras_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A file with numbers in it, by its name without ``.h5``: MJLAT, JND1Reconstruction."""
    folder = tmp_path_factory.mktemp("keras")
    system_of = {name: system for system, name in FILES.items()}

    @cache
    def made(name: str) -> Path:
        return write_keras(folder / f"{name}.h5", system_of.get(name, "autoencoder"), filled=name)

    return made
