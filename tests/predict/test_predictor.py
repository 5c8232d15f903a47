import numpy as np
import pytest
import torch
from torch import Tensor

from jndcore.errors import JNDError
from jndcore.media import Planes
from jndcore.models import create_model
from jndcore.models.base import JNDModel
from jndcore.predict import DeviceInfo
from jndcore.predict.predictor import Predictor
from jndcore.results import OBSERVER_SD


def pictures(n: int, height: int = 64, width: int = 96) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (n, 1, height, width), dtype=np.uint8)


class Brightness(JNDModel):
    """Answers the mean luma; has room for `room` pictures on the CPU and for none elsewhere."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self.marker = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if len(x) > self.room or x.device.type != "cpu":
            raise torch.OutOfMemoryError
        qp = x.float().mean((1, 2, 3))[:, None] + torch.arange(3)
        return qp, torch.ones_like(qp)

    def rebuild(self, y: Tensor, u: Tensor, v: Tensor, qp: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        raise NotImplementedError


def test_batches_do_not_change_the_answer() -> None:
    model = create_model("scopenet")
    frames = pictures(5)
    with torch.inference_mode():
        qp, err = model(torch.from_numpy(frames))
    for batch in (1, 2, 8):
        prediction = Predictor(model, device="cpu", precision="fp32", batch=batch).predict(frames)
        np.testing.assert_allclose(prediction.qp, qp.numpy(), atol=1e-3)
        np.testing.assert_allclose(prediction.err, err.numpy(), atol=1e-3)
        np.testing.assert_array_equal(prediction.sur_sd, np.tile(OBSERVER_SD, (5, 1)))


def test_no_pictures_give_no_rows() -> None:
    assert len(Predictor(Brightness(8), device="cpu").predict(pictures(0))) == 0


def test_a_batch_that_does_not_fit_shrinks_and_loses_nothing() -> None:
    said: list[str] = []
    predictor = Predictor(Brightness(room=3), device="cpu", batch=8, say=said.append)
    frames = pictures(11)
    np.testing.assert_allclose(predictor.predict(frames).qp[:, 0], frames.mean((1, 2, 3)), rtol=1e-5)
    assert predictor.batch == 2
    assert [text for text in said if "batches of" in text] == said
    assert len(said) == 2


def test_the_cpu_takes_over_when_not_one_frame_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    choices = {"auto": DeviceInfo("meta", "Small GPU", True), "cpu": DeviceInfo("cpu", "CPU", True)}
    monkeypatch.setattr("jndcore.predict.predictor.choose_device", choices.get)
    said: list[str] = []
    model = Brightness(room=8)
    monkeypatch.setattr(model, "to", lambda *_args, **_kwargs: model)
    predictor = Predictor(model, precision="fp32", batch=4, say=said.append)
    frames = pictures(4)
    np.testing.assert_allclose(predictor.predict(frames).qp[:, 0], frames.mean((1, 2, 3)), rtol=1e-5)
    assert predictor.device.name == "cpu"
    assert "Small GPU ran out of memory even for one frame: the CPU takes over." in said


def test_memory_that_lacks_on_the_cpu_too_is_an_error() -> None:
    with pytest.raises(MemoryError, match="single frame"):
        Predictor(Brightness(room=0), device="cpu").predict(pictures(2))


@pytest.mark.parametrize("device", ["tpu", "cuda", "mps"])
def test_a_device_that_is_not_there_is_named(device: str) -> None:
    if (device == "cuda" and torch.cuda.is_available()) or (
        device == "mps" and torch.backends.mps.is_available()
    ):
        pytest.skip("this machine has it")
    with pytest.raises(JNDError, match=rf"{device}: .*choose"):
        Predictor(Brightness(1), device=device)


def test_a_large_frame_is_rebuilt_in_tiles_without_seams() -> None:
    height, width = 1000, 1301  # odd, and more than one tile both ways
    rng = np.random.default_rng(5)
    shapes = [(height, width), *[(-(-height // 2), -(-width // 2))] * 2]
    planes = Planes(*(rng.integers(16, 235, shape, dtype=np.uint8) for shape in shapes))
    model = create_model("scopenet")
    for weight in model.decoder.parameters():  # fresh ones copy the source
        torch.nn.init.normal_(weight, std=0.1, generator=torch.Generator().manual_seed(1))
    predictor = Predictor(model, device="cpu")
    rebuilt, qp = predictor.rebuild(planes, level=2)
    expected_qp = predictor.predict(predictor.model.prepare(planes.y)[None]).qp[0, 1]
    assert qp == pytest.approx(expected_qp)
    whole = [torch.from_numpy(plane)[None, None] for plane in (planes.y, planes.u, planes.v)]
    with torch.inference_mode():
        expected = predictor.model.rebuild(*whole, torch.tensor([qp]))
    for got, want in zip((rebuilt.y, rebuilt.u, rebuilt.v), expected, strict=True):
        difference = np.abs(got.astype(int) - want[0, 0].numpy().astype(int))
        assert difference.max() <= 1  # a sum in another order may round the other way
        assert (difference > 0).mean() < 1e-3
    assert not np.array_equal(rebuilt.y, planes.y)
