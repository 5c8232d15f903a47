import json
from importlib.resources import files
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from jndcore.errors import JNDError
from jndcore.models import DEFAULT_MODEL, create_model, load_card
from jndcore.models.card import Interval, read_card

WEIGHTS = files("resources") / "weights"


def test_a_card_survives_json(tmp_path: Path) -> None:
    card = load_card(DEFAULT_MODEL)
    (tmp_path / "card.json").write_text(card.model_dump_json())
    assert read_card(tmp_path / "card.json") == card


@pytest.mark.parametrize("text", ["", "not json", "{}", "[]", '{"network": 3}'])
def test_a_damaged_card_is_one_clear_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(JNDError, match=r"card\.json: not a model card of this version of JNDScope \(at .+\)"):
        read_card(tmp_path / "card.json")


def test_a_missing_card_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(JNDError, match=r"card\.json: the model card cannot be read"):
        read_card(tmp_path / "card.json")


def test_an_unknown_field_is_refused(tmp_path: Path) -> None:
    fields = json.loads(load_card(DEFAULT_MODEL).model_dump_json()) | {"extra": 1}
    (tmp_path / "card.json").write_text(json.dumps(fields))
    with pytest.raises(JNDError, match="extra"):
        read_card(tmp_path / "card.json")


@pytest.mark.parametrize("field", ["network", "tag", "weights"])
@pytest.mark.parametrize(
    "name", ["../escaped", "/escaped", "a/b", "a\\b", ".hidden", "", "a b", "a\n", "a" * 101]
)
def test_a_name_that_could_lead_elsewhere_is_refused(field: str, name: str, tmp_path: Path) -> None:
    fields = json.loads(load_card(DEFAULT_MODEL).model_dump_json()) | {field: name}
    (tmp_path / "card.json").write_text(json.dumps(fields))
    with pytest.raises(
        JNDError, match=rf"card\.json: not a model card .*\(at {field}: .* is no plain name\)"
    ):
        read_card(tmp_path / "card.json")


def test_cards_from_before_autoencoders_were_counted_apart_are_read(tmp_path: Path) -> None:
    fields = json.loads(load_card(DEFAULT_MODEL).model_dump_json())
    del fields["rebuild_parameters"]
    (tmp_path / "card.json").write_text(json.dumps(fields))
    assert read_card(tmp_path / "card.json").rebuild_parameters == 0


def test_an_interval_reads_as_one() -> None:
    assert str(Interval(value=1.234, low=1, high=2)) == "1.23 (1.00 to 2.00)"


def test_the_default_card_says_what_it_must() -> None:
    card = load_card(DEFAULT_MODEL)
    assert "not observers'" in card.data
    assert "75 % SUR" in card.labels
    assert "Redistributions in binary form must reproduce" in card.notice
    assert any("Blender Foundation" in source.source for source in card.attribution)
    assert len((WEIGHTS / card.attribution_file).read_text(encoding="utf-8").splitlines()) == 1 + 182
    assert card.not_for


def test_the_default_beats_the_constant_guess_beyond_its_interval() -> None:
    evaluation = load_card(DEFAULT_MODEL).evaluation
    assert evaluation is not None
    assert evaluation.clips == 193
    for level in evaluation.levels:
        assert level.difference.high < 0
        assert level.mae.value < level.constant_mae.value
    for rebuilt in evaluation.rebuild:
        assert rebuilt.gain.low > 0


def test_the_cost_is_what_the_card_says() -> None:
    card, model = load_card(DEFAULT_MODEL), create_model(DEFAULT_MODEL)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model.predict(torch.zeros(1, 2, 720, 1280, dtype=torch.uint8))
    assert counter.get_total_flops() / 1e9 == pytest.approx(card.gflops, abs=0.001)
    assert card.gflops < 0.6
    assert card.rebuild_gflops < 15


def test_weights_are_small_and_never_pickled() -> None:
    names = [file.name for file in WEIGHTS.iterdir() if file.is_file()]
    assert {name.rsplit(".", 1)[1] for name in names} <= {"safetensors", "json", "csv", "toml"}
    total = sum(len(file.read_bytes()) for file in WEIGHTS.iterdir() if file.is_file())
    assert total < 10e6


def test_the_documentation_gives_the_cards_figures() -> None:
    document = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    evaluation = load_card(DEFAULT_MODEL).evaluation
    assert evaluation is not None
    for level in (*evaluation.levels, *evaluation.real_motion):
        assert f"| JND{level.level} | {level.mae} | {level.constant_mae} |" in document
    for rebuilt in evaluation.rebuild:
        assert f"| JND{rebuilt.level} | {rebuilt.source_psnr:.2f} | {rebuilt.gain} |" in document
