import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from jndcore.errors import JNDError
from jndcore.models import DEFAULT_MODEL, create_model, library, list_models, load_card, registry
from jndcore.models.card import ModelCard
from jndcore.models.library import Stored
from jndcore.models.weights import load_weights, save_weights


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Path, ModelCard]:
    """Fresh weights, written, and a card that fits them."""
    sha256 = save_weights(create_model("scopenet", seed=3), tmp_path / "a.safetensors")
    card = load_card(DEFAULT_MODEL).model_copy(update={"weights": "a.safetensors", "sha256": sha256})
    return tmp_path, card


def test_listing_and_cards_do_not_need_torch() -> None:
    code = (
        "import sys, jndcore.models as m; m.list_models(); m.load_card(m.DEFAULT_MODEL); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("card", list_models(), ids=lambda card: card.name)
def test_every_model_loads_and_is_what_its_card_says(card: ModelCard) -> None:
    model = create_model(card.name)
    assert model.card == card
    assert not model.training
    assert sum(p.numel() for p in model.parameters()) == card.parameters + card.rebuild_parameters
    seen = model.beside(np.zeros((1, 360, 640), np.uint8), [])
    with torch.inference_mode():
        qp, err = model.predict(torch.from_numpy(seen)[None])
    assert torch.isfinite(qp).all()
    assert torch.isfinite(err).all()


def test_the_default_is_there() -> None:
    assert DEFAULT_MODEL in [card.name for card in list_models()]


def test_fresh_weights_follow_their_seed_and_leave_torch_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    one, same, other = (create_model("scopenet", seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert any(not torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("name", ["nonsense", "scopenet.nonsense", "nonsense.clips737", "", "scopenet."])
def test_an_unknown_name_is_refused_with_a_choice(name: str) -> None:
    with pytest.raises(JNDError, match=r"no such model; choose one of .*scopenet\.clips737"):
        create_model(name)


def test_weights_come_back_as_they_were(stored: tuple[Path, ModelCard]) -> None:
    folder, card = stored
    model = create_model("scopenet", seed=4)
    load_weights(model, card, folder)
    expected = create_model("scopenet", seed=3).state_dict()
    assert all(torch.equal(tensor, expected[key]) for key, tensor in model.state_dict().items())
    assert model.card == card


def test_a_damaged_file_is_refused(stored: tuple[Path, ModelCard]) -> None:
    folder, card = stored
    data = bytearray((folder / card.weights).read_bytes())
    data[-1] ^= 1
    (folder / card.weights).write_bytes(data)
    with pytest.raises(JNDError, match=r"a\.safetensors: damaged, its hash is not the one on its card"):
        load_weights(create_model("scopenet"), card, folder)


def test_a_missing_file_is_refused(stored: tuple[Path, ModelCard]) -> None:
    folder, card = stored
    (folder / card.weights).unlink()
    with pytest.raises(JNDError, match=r"a\.safetensors: the weights cannot be read \(No such file"):
        load_weights(create_model("scopenet"), card, folder)


def test_a_file_that_is_no_safetensors_is_refused(stored: tuple[Path, ModelCard]) -> None:
    import hashlib

    folder, card = stored
    (folder / card.weights).write_bytes(b"not tensors")
    card = card.model_copy(update={"sha256": hashlib.sha256(b"not tensors").hexdigest()})
    with pytest.raises(JNDError, match="holds no weights that fit the network scopenet"):
        load_weights(create_model("scopenet"), card, folder)


def test_weights_of_another_network_are_refused(stored: tuple[Path, ModelCard]) -> None:
    folder, card = stored
    with pytest.raises(JNDError, match="holds no weights that fit"):
        load_weights(torch.nn.Linear(2, 2), card, folder)  # type: ignore[arg-type]


def test_a_card_of_an_unknown_network_is_refused(
    stored: tuple[Path, ModelCard], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = stored[1].model_copy(update={"network": "later"})
    monkeypatch.setattr(registry, "find_model", lambda name: Stored(card, stored[0]))
    with pytest.raises(JNDError, match="its network later is unknown to this version"):
        create_model("later.clips737")


@pytest.mark.parametrize(
    ("build", "says"),
    [
        ({"size": 3}, "unexpected keyword argument 'size'"),
        ({"levels": []}, "levels are some of"),
        ({"levels": [2, 1]}, "levels are some of"),
        ({"levels": [4]}, "levels are some of"),
        ({"levels": 1}, "not iterable"),
        ({"levels": [1], "reconstruction": [2]}, "frames are rebuilt at all levels"),
    ],
)
def test_a_card_that_builds_no_network_is_refused(
    build: dict, says: str, stored: tuple[Path, ModelCard], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = stored[1].model_copy(update={"network": "LAT", "build": build})
    monkeypatch.setattr(registry, "find_model", lambda name: Stored(card, stored[0]))
    with pytest.raises(JNDError, match=rf"^LAT\.clips737: its card builds no LAT \(.*{says}.*\); train or"):
        create_model("LAT.clips737")


def test_a_model_that_comes_with_jndscope_cannot_be_shadowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "user_weights_folder", lambda: tmp_path)
    card = load_card(DEFAULT_MODEL)
    (tmp_path / "mine.json").write_text(card.model_copy(update={"title": "mine"}).model_dump_json())
    told: list[str] = []
    (found,) = (one.card for one in library.stored_models(told.append) if one.card.name == DEFAULT_MODEL)
    assert found == card == load_card(DEFAULT_MODEL)
    assert told == [
        f"{tmp_path / 'mine.json'}: left out, for {DEFAULT_MODEL} comes with JNDScope; give it another tag "
        "or delete it."
    ]


def test_a_damaged_card_of_the_users_keeps_no_other_from_being_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "user_weights_folder", lambda: tmp_path)
    (tmp_path / "LAT.mine.json").write_text("{")
    told: list[str] = []
    assert DEFAULT_MODEL in [one.card.name for one in library.stored_models(told.append)]
    assert len(told) == 1
    assert "LAT.mine.json" in told[0]
    with pytest.raises(JNDError, match=r"LAT\.mine\.json: not a model card"):
        load_card("LAT.mine")
