"""The default network on pictures that differ in nothing that viewers would judge otherwise."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch

from jndcore.models import create_model
from jndcore.models.base import JNDModel
from jndcore.training.made.scenes import draw_scene

Luma = np.ndarray


@pytest.fixture(scope="module")
def model() -> JNDModel:
    return create_model()


def scene(seed: int) -> Luma:
    """Limited-range luma of a drawn scene, 1440x810, a little soft."""
    grey = cv2.cvtColor(draw_scene(np.random.default_rng(seed)), cv2.COLOR_BGR2GRAY)
    return np.rint(cv2.GaussianBlur(16 + grey * (219 / 255), (0, 0), 0.8)).astype(np.uint8)


def tell(model: JNDModel, *lumas: Luma) -> tuple[np.ndarray, np.ndarray]:
    """QPs and errors of each picture beside the one before it, the first beside the second."""
    prepared = [model.prepare(SimpleNamespace(luma=lambda luma=luma: luma)) for luma in lumas]
    beside = prepared[1:2] + prepared[:-1] if len(prepared) > 1 else prepared
    seen = np.stack([model.beside(own, [other]) for own, other in zip(prepared, beside, strict=True)])
    with torch.inference_mode():
        qp, err = model.predict(torch.from_numpy(seen))
    return qp.numpy(), err.numpy()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sensor_grain_moves_a_still_shot_by_less_than_a_third_of_a_qp(model: JNDModel, seed: int) -> None:
    draw, still = np.random.default_rng(seed), scene(seed)[:720, :1280]
    grainy = [
        np.clip(np.rint(still + 3 * draw.standard_normal(still.shape)), 0, 255).astype(np.uint8)
        for _ in range(8)
    ]
    assert tell(model, *grainy)[0][:, 0].std() <= 0.3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bars_and_a_shift_of_two_pixels_change_little(model: JNDModel, seed: int) -> None:
    picture = scene(seed)
    plain, shifted = picture[:720, :1280], picture[2:722, 2:1282]
    barred = np.pad(plain[:, :960], ((60, 60), (0, 0)), constant_values=16)
    (first,), (second,) = tell(model, plain)[0], tell(model, shifted)[0]
    assert abs(first[0] - second[0]) <= 0.5
    (whole,), (inside,) = tell(model, plain[:, :960])[0], tell(model, barred)[0]
    assert abs(whole[0] - inside[0]) <= 0.5


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (1920, 1080), (3840, 2160), (101, 67)])
def test_every_size_has_an_answer(model: JNDModel, size: tuple[int, int]) -> None:
    (qp,), (err,) = tell(model, cv2.resize(scene(1), size, interpolation=cv2.INTER_AREA))
    assert 8 <= qp[0] <= qp[1] <= qp[2] <= 47
    assert (err > 0).all()


@pytest.mark.parametrize("kind", ["flat", "black", "white", "noise"])
def test_pictures_without_content_are_doubted(model: JNDModel, kind: str) -> None:
    noise = np.random.default_rng(0).integers(16, 236, (360, 640)).astype(np.uint8)
    grey = {"flat": 120, "black": 16, "white": 235}
    picture = noise if kind == "noise" else np.full((360, 640), grey[kind], np.uint8)
    (qp,), (err,) = tell(model, picture)
    assert np.isfinite(qp).all()
    assert qp[0] <= qp[1] <= qp[2]
    usual = np.median([tell(model, scene(seed)[:720, :1280])[1][0] for seed in (1, 2, 3)], axis=0)
    assert (err > 2 * usual).all()
