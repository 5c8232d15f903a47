from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from jndcore.errors import JNDError
from jndcore.media import Picture, Planes, rehearse
from jndcore.media.colour import matrix_for
from jndcore.media.hdr import PQ
from jndcore.models import DEFAULT_MODEL, create_model, load_card
from jndcore.models.base import FrameModel, JNDModel, Pixels
from jndcore.models.decoder import TRUST
from jndcore.models.scopenet import ScopeNet
from jndcore.predict import DeviceInfo
from jndcore.predict.predictor import Predictor
from jndcore.predict.rebuilding import LEAN
from jndcore.results import OBSERVER_SD


def pictures(n: int, height: int = 64, width: int = 96) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (n, 1, height, width), dtype=np.uint8)


class Brightness(JNDModel):
    """Answers the mean luma; has room for `room` pictures on the CPU and for none elsewhere."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self.marker = torch.nn.Parameter(torch.zeros(1))

    def prepare(self, picture: Pixels) -> np.ndarray:
        return picture.luma()[None]

    def predict(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if len(x) > self.room or x.device.type != "cpu":
            raise torch.OutOfMemoryError
        qp = x.float().mean((1, 2, 3))[:, None] + torch.arange(3)
        return qp, torch.ones_like(qp)


class Darkening(FrameModel):
    """Tells and shows level 2 alone, and works at 40x24: each colour at half its value."""

    sur_sd = (np.nan,) * 3
    shown = (2,)

    def __init__(self) -> None:
        super().__init__()
        self.marker = torch.nn.Parameter(torch.zeros(1))

    def prepare(self, picture: Pixels) -> np.ndarray:
        small = cv2.resize(picture.rgb()[..., ::-1], (40, 24), interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(small.transpose(2, 0, 1))

    def predict(self, x: Tensor) -> tuple[Tensor, Tensor]:
        qp = torch.full((len(x), 3), torch.nan)
        qp[:, 1] = x[:, 0].float().mean((1, 2))  # blue
        return qp, torch.full_like(qp, torch.nan)

    def show(self, x: Tensor, level: int) -> Tensor:
        assert level == 2
        return x // 2


def test_batches_do_not_change_the_answer() -> None:
    model = create_model("scopenet")
    frames = pictures(5)
    with torch.inference_mode():
        qp, err = model.predict(torch.from_numpy(frames))
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


def noise(height: int, width: int) -> Planes:
    rng = np.random.default_rng(5)
    shapes = [(height, width), *[(-(-height // 2), -(-width // 2))] * 2]
    return Planes(*(rng.integers(16, 235, shape, dtype=np.uint8) for shape in shapes))


def test_a_large_frame_is_rebuilt_in_tiles_without_seams() -> None:
    picture = Picture(noise(1000, 1301), matrix_for(1, 1000))  # odd, and more than one tile both ways
    planes = picture.planes
    model = create_model("scopenet")
    for weight in model.decoder.parameters():  # fresh ones copy the source
        torch.nn.init.normal_(weight, std=0.1, generator=torch.Generator().manual_seed(1))
    predictor = Predictor(model, device="cpu")
    rebuilt, qp = predictor.rebuild(picture, level=2)
    expected_qp = predictor.predict(predictor.model.prepare(picture)[None]).qp[0, 1]
    assert qp == pytest.approx(expected_qp)
    assert (rebuilt.matrix, rebuilt.transfer) == (picture.matrix, picture.transfer)
    coded = rehearse(planes, [], qp - LEAN)
    whole, there = (
        tuple(torch.from_numpy(plane)[None, None] for plane in (three.y, three.u, three.v))
        for three in (planes, coded)
    )
    with torch.inference_mode():
        expected = predictor.model.rebuild(whole, there, torch.tensor([qp - LEAN]))
    for got, want in zip((rebuilt.planes.y, rebuilt.planes.u, rebuilt.planes.v), expected, strict=True):
        difference = np.abs(got.astype(int) - want[0, 0].numpy().astype(int))
        assert difference.max() <= 1  # a sum in another order may round the other way
        assert (difference > 0).mean() < 1e-3
    assert not np.array_equal(rebuilt.planes.y, planes.y)


def lively(**build: bool) -> ScopeNet:
    """A network that answers and rebuilds, with weights of chance."""
    torch.manual_seed(4)
    model = ScopeNet(**build)
    for weight in model.decoder.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    torch.nn.init.normal_(model.levels.weight, std=1.0)
    return model


def test_a_frame_is_rebuilt_at_the_qp_that_is_known_of_it() -> None:
    picture = Picture(noise(64, 96), matrix_for(1, 64))
    predictor = Predictor(lively(), device="cpu")
    own, predicted = predictor.rebuild(picture, 2)
    again, same = predictor.rebuild(picture, 2, predicted)
    other, given = predictor.rebuild(picture, 2, 45.5)
    assert (same, given) == (predicted, 45.5)
    np.testing.assert_array_equal(again.planes.y, own.planes.y)
    assert not np.array_equal(other.planes.y, own.planes.y)


def test_a_frame_is_rebuilt_among_its_neighbours() -> None:
    alone = Picture(noise(64, 96), matrix_for(1, 64))
    y, u, v = alone.planes.y, alone.planes.u, alone.planes.v
    moved = Planes(np.roll(y, 4, 1), np.roll(u, 2, 1), np.roll(v, 2, 1))
    among = replace(alone, beside=(moved,))
    predictor = Predictor(lively(), device="cpu")
    shown = predictor.rebuild(among, 2, 35.0)[0]
    assert shown.beside == ()
    assert not np.array_equal(shown.planes.y, predictor.rebuild(alone, 2, 35.0)[0].planes.y)
    calm = create_model("scopenet")  # untrained: a share of what the rehearsal changes
    expected = alone.planes.y + TRUST * (rehearse(alone.planes, among.beside, 35.0 - LEAN).y - alone.planes.y)
    got = Predictor(calm, device="cpu").rebuild(among, 2, 35.0)[0].planes.y
    np.testing.assert_allclose(got, expected, atol=0.5 + 1e-3)


def test_a_known_qp_needs_no_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = Predictor(Darkening(), device="cpu")
    shown, _ = predictor.rebuild(flat(150, 90, 160, 1), 2)
    monkeypatch.delattr(Darkening, "predict")
    again, qp = predictor.rebuild(flat(150, 90, 160, 1), 2, 31.25)
    assert qp == 31.25
    np.testing.assert_array_equal(again.planes.y, shown.planes.y)


def test_a_frame_of_which_nothing_is_known_is_rebuilt_as_still() -> None:
    picture = Picture(noise(64, 96), matrix_for(1, 64))
    predictor = Predictor(lively(motion=True), device="cpu")
    luma = picture.luma()
    still = np.stack([luma, np.full_like(luma, 128)])
    assert predictor.rebuild(picture, 3)[1] == pytest.approx(predictor.predict(still[None]).qp[0, 2])


def flat(y: int, u: int, v: int, transfer: int) -> Picture:
    half = (35, 61)
    planes = Planes(np.full((69, 121), y, np.uint8), np.full(half, u, np.uint8), np.full(half, v, np.uint8))
    return Picture(planes, matrix_for(9 if transfer == PQ else 6, 69), transfer)


@pytest.mark.parametrize("transfer", [1, PQ])
def test_a_model_of_whole_frames_is_shown_in_the_frames_size_and_colours(transfer: int) -> None:
    picture = flat(150, 90, 160, transfer)
    predictor = Predictor(Darkening(), device="cpu")
    rebuilt, qp = predictor.rebuild(picture, level=2)
    before, after = picture.rgb().astype(int), rebuilt.rgb().astype(int)
    assert after.shape == before.shape == (69, 121, 3)
    assert np.abs(after - before // 2).max() <= 2  # on the screen, tone mapped once
    assert qp == pytest.approx(before[..., 2].mean(), abs=1)
    assert predictor.detail == (40, 24)


def test_the_model_of_planes_shows_all_detail() -> None:
    assert Predictor(Brightness(1), device="cpu").detail is None


def test_a_level_that_is_not_shown_is_one_sentence_with_the_way_out() -> None:
    picture = flat(150, 90, 160, 1)
    with pytest.raises(JNDError, match=r"^Darkening rebuilds no frames at JND1; .*jnd weights import\.$"):
        Predictor(Darkening(), device="cpu").rebuild(picture, level=1)
    blind = Darkening()
    blind.shown = ()
    with pytest.raises(JNDError, match=r"^Darkening rebuilds no frames; .*jnd weights import\.$"):
        Predictor(blind, device="cpu").rebuild(picture, level=2)


def test_what_a_model_does_not_tell_stays_unknown() -> None:
    prediction = Predictor(Darkening(), device="cpu").predict(np.full((3, 3, 24, 40), 7, np.uint8))
    np.testing.assert_array_equal(prediction.qp, [[np.nan, 7, np.nan]] * 3)
    assert np.isnan(prediction.err).all()
    assert np.isnan(prediction.sur_sd).all()


def test_models_of_whole_frames_go_one_by_one_in_fp32_and_in_few_lanes() -> None:
    heavy, light = Predictor(Darkening(), device="cpu"), Predictor(Brightness(8), device="cpu")
    assert (heavy.batch, light.batch) == (1, 4)
    assert heavy.precision == "fp32"
    assert 1 <= heavy.lanes <= min(light.lanes, 4)


@pytest.mark.parametrize("name", ["MJ-LAT", "scopenet"])
def test_a_network_without_weights_is_refused_by_name(name: str) -> None:
    with pytest.raises(JNDError, match=rf"^{name}: no weights are here for it; .*jnd weights import"):
        Predictor(name, device="cpu")


def test_a_model_that_tells_no_level_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Brightness(1)
    model.card = load_card(DEFAULT_MODEL).model_copy(update={"levels": ()})
    monkeypatch.setattr("jndcore.predict.predictor.create_model", lambda _: model)
    with pytest.raises(JNDError, match="tells no JND level; choose"):
        Predictor(DEFAULT_MODEL, device="cpu")
