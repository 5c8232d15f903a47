import pytest

from jndcore.models import create_model, load_card
from jndcore.training.evaluation import cost
from jndcore.training.evaluation.cost import BATCH, cost_input, measure_cost, measure_speeds


def test_the_cost_of_scopenet_is_that_on_its_card() -> None:
    card = load_card("scopenet.clips737")
    measured = measure_cost(create_model("scopenet", **card.build))
    assert (measured.parameters, measured.gflops) == (card.parameters, pytest.approx(card.gflops, abs=1e-3))


def test_large_networks_take_pictures_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "TURN", 0)
    models = {name: create_model("scopenet") for name in ("small", "large")}
    speeds = measure_speeds(models, {"small": 0.6, "large": 181.4})
    assert (speeds["small"].batch, speeds["large"].batch) == (BATCH, 1)
    assert all(speed.frames_a_second > 0 and "CPU" in speed.machine for speed in speeds.values())


def test_the_input_is_a_frame_as_the_network_takes_it() -> None:
    assert cost_input(create_model("scopenet"), 2).shape == (2, 1, 720, 1280)
    assert cost_input(create_model("scopenet", motion=True), 2).shape == (2, 2, 720, 1280)
