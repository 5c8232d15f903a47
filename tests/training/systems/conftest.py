"""A made-up data set in the authors' layout: the coarser a picture's blocks, the higher its labels."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from jndcore.training.datasets import Dataset, open_dataset
from jndcore.training.systems.config import TrainConfig

SIZE = (352, 640, 3)


def picture(number: int) -> tuple[np.ndarray, float]:
    """A picture of blocks and its JND1."""
    draw = np.random.default_rng(number)
    block = (2, 8, 32)[number % 3]
    small = draw.integers(0, 256, (SIZE[0] // block, SIZE[1] // block, 3), np.uint8)
    return cv2.resize(small, SIZE[1::-1], interpolation=cv2.INTER_NEAREST), (18.0, 24.0, 30.0)[number % 3]


@pytest.fixture(scope="session")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures to learn from, three to choose by, three to test."""
    root, number = tmp_path_factory.mktemp("layout"), 0
    for split, count in (("train", 6), ("valid", 3), ("test", 3)):
        folder = root / split
        folder.mkdir()
        labels = []
        for i in range(count):
            image, jnd1 = picture(number)
            cv2.imwrite(str(folder / f"{split}{i}.png"), image)
            for level in (1, 2, 3) if split != "test" else ():  # the authors' layout has none for test
                (root / f"jnd{level}{split}").mkdir(exist_ok=True)
                blurred = cv2.GaussianBlur(image, (0, 0), 0.5 * level)
                cv2.imwrite(str(root / f"jnd{level}{split}" / f"{split}{i}.png"), blurred)
            labels.append(f"{jnd1} {jnd1 + 5} {jnd1 + 8}\n")
            number += 1
        (folder / "JND-Levels.txt").write_text("".join(labels))
    return root


@pytest.fixture
def dataset(layout: Path) -> Dataset:
    return open_dataset("folders", layout)


def quick_config(network: str, **changes: object) -> TrainConfig:
    """A run that takes seconds."""
    quick = {
        "network": network,
        "data": {"kind": "folders", "folds": 0},
        "backbone": {"epochs": 1, "crop": 32, "rate": 1e-3, "from_image": True, "image": {"epochs": 2}},
        "head": {"epochs": 3, "rate": 1e-4, "batch": 3, "centre": True, "flip": True},
    }
    return TrainConfig.model_validate(quick | changes)


@pytest.fixture(scope="session")
def config() -> Callable[..., TrainConfig]:
    """Makes one; see `quick_config`."""
    return quick_config
