from pathlib import Path

import pytest

from jndcore.errors import JNDError
from jndcore.training.systems.config import TrainConfig, read_config


def test_the_defaults_are_the_papers() -> None:
    """Nami et al.: Adam at 1e-5, batches of 8, 300 epochs, for backbones and heads alike."""
    config = TrainConfig(network="MJ-LAT")
    for stage in (config.backbone, config.backbone.image, config.head):
        assert (stage.epochs, stage.batch, stage.rate) == (300, 8, 1e-5)
    assert config.backbone.crop == 0


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('network = "LATT"', "network"),
        ('network = "LAT"\nlevels = [3, 1]', "levels must be some of"),
        ('network = "LAT"\nlevels = [0]', "levels must be some of"),
        ('network = "MJ-LAT"\nlevels = [1]', "has all three levels"),
        ('network = "LAT"\n[head]\nepoch = 3', "head.epoch"),
        ('network = "LAT"\n[head]\nrate = 0', "head.rate"),
        ('network = "LAT"\n[backbone]\ncrop = 20', "backbone.crop"),
        ('network = "autoencoder"', "set folds = 0"),
        ('network = "scopenet"\n[head]\nepochs = 3', "a recipe of its own"),
        ('network = "scopenet"\n[data]\nfolds = 0', "always cross-validated"),
        ("network = ", "no TOML"),
    ],
)
def test_a_wrong_configuration_is_refused_with_its_place(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(JNDError, match=r"a\.toml.*correct the file") as error:
        read_config(path)
    assert wrong in str(error.value)


def test_a_missing_configuration_is_told(tmp_path: Path) -> None:
    with pytest.raises(JNDError, match="name a training configuration"):
        read_config(tmp_path / "none.toml")


def test_the_configurations_of_the_comparison_can_be_read() -> None:
    folder = Path(__file__).parents[3] / "docs" / "comparison"
    configs = [read_config(path) for path in sorted(folder.glob("*.toml"))]
    assert {config.network for config in configs} >= {"LAT", "E2E-LAT", "REC", "E2E-REC", "MJ-LAT", "MJ-REC"}
    assert {config.data.folds for config in configs} == {5}
    assert read_config(folder.parent / "scopenet.toml").network == "scopenet"
