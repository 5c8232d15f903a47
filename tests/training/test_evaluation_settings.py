import pytest

from jndcore.training.evaluation.settings import shown_settings
from jndcore.training.systems.config import TrainConfig


def config(**changes: object) -> dict:
    """As a run.json holds it."""
    return TrainConfig.model_validate({"network": "LAT", "title": "LAT, mine"} | changes).model_dump(
        mode="json"
    )


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "the paper's"),
        ({"data": {"kind": "videoset", "resolution": "640x360", "folds": 0}}, "the paper's"),
        ({"seed": 2, "precision": "bf16", "levels": [1, 3]}, "levels 1 3, seed 2, precision bf16"),
        (
            {"head": {"epochs": 12, "rate": 1e-4, "centre": True, "flip": True}},
            "head: 12 epochs, rate 1e-4, centre, flip",
        ),
        (
            {"seed": 1, "data": {"frames": 3, "held": 0.2}, "backbone": {"crop": 96, "from_image": True}},
            "seed 1; data: frames 3, held 0.2; backbone: crop 96, from image",
        ),
        (
            {"backbone": {"start": "he", "image": {"rate": 3.5e-5, "bias_rate": 255}}},
            "backbone: start he; backbone image: rate 3.5e-5, bias rate 255",
        ),
        ({"backbone": {"model": "autoencoder.mine"}}, "backbone: model autoencoder.mine"),
        ({"head": {"rate": 0.001, "batch": 4}}, "head: batch 4, rate 0.001"),
    ],
)
def test_what_differs_from_the_paper(changes: dict, shown: str) -> None:
    assert shown_settings("LAT", config(**changes)) == shown


def test_other_settings_are_shown_as_far_as_they_can_be() -> None:
    assert shown_settings("scopenet", config(network="scopenet")) == ""
    assert shown_settings("X", {"epochs": 25, "seed": 0, "mixup": False, "net": {"depth": 3}}) == (
        "25 epochs, no mixup; net: depth 3"
    )
    assert shown_settings("X", "by hand") == "by hand"
    assert shown_settings("X", None) == ""
