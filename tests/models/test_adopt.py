"""Taking over weights that were trained here: all of it or nothing, and nowhere else."""

import hashlib
import json
from pathlib import Path

import pytest
import torch

from jndcore.errors import JNDError
from jndcore.models import DEFAULT_MODEL, create_model, library, load_card
from jndcore.models.library import adopt_model
from jndcore.models.weights import save_weights


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Weights of an untrained network."""
    file = tmp_path_factory.mktemp("fresh") / "a.safetensors"
    save_weights(create_model("scopenet", seed=3), file)
    return file.read_bytes()


@pytest.fixture
def trained(tmp_path: Path, fresh: bytes) -> Path:
    """A folder as training leaves it, with a card of its own; `edit` makes it another's."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "scopenet.mine.safetensors").write_bytes(fresh)
    card = load_card(DEFAULT_MODEL).model_copy(
        update={
            "tag": "mine",
            "build": {},
            "weights": "scopenet.mine.safetensors",
            "sha256": hashlib.sha256(fresh).hexdigest(),
        }
    )
    (folder / "scopenet.mine.json").write_text(card.model_dump_json())
    return folder / "scopenet.mine.json"


def edit(card: Path, **fields: object) -> Path:
    card.write_text(json.dumps(json.loads(card.read_text()) | fields))
    return card


def refused(card: Path, says: str) -> None:
    """Refused with one sentence that names a file, and no file anywhere is written, changed or removed."""
    root = card.parent.parent

    def snapshot() -> dict[Path, bytes]:
        return {path: path.read_bytes() if path.is_file() else b"" for path in root.rglob("*")}

    before = snapshot()
    with pytest.raises(JNDError, match=says) as error:
        adopt_model(card, root / "own")
    assert "\n" not in str(error.value)
    assert snapshot() == before


def test_what_was_taken_over_is_found_and_loads(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    adopt_model(trained, own)
    monkeypatch.setattr(library, "user_weights_folder", lambda: own)
    model, expected = create_model("scopenet.mine"), create_model("scopenet", seed=3).state_dict()
    assert all(torch.equal(tensor, expected[key]) for key, tensor in model.state_dict().items())
    assert sorted(path.name for path in own.iterdir()) == ["scopenet.mine.json", "scopenet.mine.safetensors"]
    adopt_model(own / "scopenet.mine.json", own)  # from where it is already
    assert create_model("scopenet.mine").card == model.card


def test_weights_get_the_models_own_name_and_replace_no_others(trained: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "LAT.keras.json").write_text("another model's card")
    (trained.parent / "scopenet.mine.safetensors").rename(trained.parent / "LAT.keras.json")
    card = adopt_model(edit(trained, weights="LAT.keras.json"), own)
    assert card.weights == "scopenet.mine.safetensors"
    assert library.read_card(own / "scopenet.mine.json") == card
    assert (own / "LAT.keras.json").read_text() == "another model's card"


@pytest.mark.parametrize("field", ["network", "tag", "weights"])
def test_a_card_that_leads_elsewhere_writes_and_removes_nothing(field: str, trained: Path) -> None:
    (trained.parent.parent / "escaped.mine.json").write_text("precious")
    (trained.parent.parent / "escaped").write_text("precious")
    refused(
        edit(trained, **{field: "../escaped"}), rf"mine\.json: not a model card .*at {field}: '../escaped'"
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"network": "later"}, r"later\.mine: its network later is unknown to this version"),
        ({"network": "autoencoder"}, "holds no weights that fit the network autoencoder"),
        ({"build": {"size": 3}}, r"scopenet\.mine: its card builds no scopenet"),
        ({"sha256": "0" * 64}, r"is not the file that scopenet\.mine\.json describes; train it again"),
        (
            {"weights": "gone.safetensors"},
            r"^/.*/out/gone\.safetensors: cannot be read \(No such file or directory\); put the weights that "
            r"scopenet\.mine\.json names beside it\.$",
        ),
        (
            {"tag": "clips737"},
            r"mine\.json: scopenet\.clips737 comes with JNDScope; give this one another tag, in its card or "
            r"by naming the training configuration otherwise\.$",
        ),
    ],
)
def test_what_cannot_be_used_is_not_taken_over(fields: dict, says: str, trained: Path) -> None:
    refused(edit(trained, **fields), says)


def test_a_card_that_is_not_there_is_one_clear_error(trained: Path) -> None:
    refused(trained.with_name("gone.json"), r"gone\.json: the model card cannot be read \(No such file")


def test_a_folder_that_cannot_be_made_is_one_clear_error(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "own").write_text("")
    refused(trained, r"own: cannot be written \(File exists\)")
