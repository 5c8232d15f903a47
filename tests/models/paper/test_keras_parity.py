"""Answers of Keras to the same weights and frames, to 1e-4."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from keras_files import FILES, RECONSTRUCTION, facts, frames

from jndcore.models import import_keras
from jndcore.models.paper.system import SystemOutput

ANSWERS = facts("answers")
ROWS, COLUMNS, CHANNELS = np.array(ANSWERS["places"]).T
MOST = 1e-4

DEAR = ("E2E-REC", "MJ-REC")
"""Systems that are given the second frame alone; they take seconds for one."""


def answer(system: str, files: list[Path], turns: slice) -> SystemOutput:
    with torch.inference_mode():
        output: SystemOutput = import_keras(system, files)(torch.from_numpy(frames()[turns]))
    return output


def check_frames(given: torch.Tensor, answers: list[dict]) -> None:
    """One level's frames: mean, spread and values at 24 places, corners and edges among them."""
    for frame, expected in zip(given.double().numpy(), answers, strict=True):
        within = MOST * expected["std"]
        assert frame.mean() == pytest.approx(expected["mean"], abs=within)
        assert frame.std() == pytest.approx(expected["std"], abs=within)
        assert frame[CHANNELS, ROWS, COLUMNS] == pytest.approx(expected["values"], abs=within)


@pytest.mark.parametrize("system", ["LAT", "E2E-LAT", "REC", "E2E-REC", "MJ-REC"])
def test_a_system_answers_as_keras_does(system: str, keras_file: Callable[[str], Path]) -> None:
    turns = slice(1, 2) if system in DEAR else slice(0, 2)
    levels, qp, rebuilt = answer(system, [keras_file(FILES[system])], turns)
    expected = ANSWERS["systems"][FILES[system]]
    assert levels == ((1, 2, 3) if system == "MJ-REC" else (1,))
    assert qp.numpy() == pytest.approx(np.array(list(expected["qp"].values())).T[turns], rel=MOST)
    if not expected["frames"]:
        assert rebuilt is None
        return
    assert rebuilt is not None
    assert rebuilt.shape == (len(qp), len(levels), 3, 352, 640)
    for column, theirs in enumerate(expected["frames"].values()):
        check_frames(rebuilt[:, column], theirs[turns])


def test_mj_lat_answers_as_keras_does_and_the_reconstruction_files_supply_its_frames(
    keras_file: Callable[[str], Path],
) -> None:
    files = [*map(keras_file, RECONSTRUCTION[::-1]), keras_file("MJLAT")]
    levels, qp, rebuilt = answer("MJ-LAT", files, slice(0, 2))
    expected = ANSWERS["systems"]["MJLAT"]["qp"]
    assert levels == (1, 2, 3)
    assert qp.numpy() == pytest.approx(np.array(list(expected.values())).T, rel=MOST)
    assert rebuilt is not None
    for column, name in enumerate(RECONSTRUCTION):
        check_frames(rebuilt[:, column], ANSWERS["systems"][name]["frames"]["decoded"])


@pytest.mark.parametrize("system", ["LAT", "REC"])
def test_the_answers_are_those_of_the_authors_own_graph_too(system: str) -> None:
    qp = ANSWERS["systems"][system]["qp"]["JND_output"]
    assert qp == pytest.approx(facts(system)["outputs"]["JND_output"], rel=1e-5)
