import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jndcore.models import create_model
from jndcore.models.scopenet import ScopeNet
from jndcore.results import OBSERVER_SD, Prediction


def wild(seed: int) -> ScopeNet:
    """Weights far larger than training gives: whatever holds for them holds by construction."""
    torch.manual_seed(seed)
    model = ScopeNet().eval()
    with torch.no_grad():
        for parameter in [*model.levels.parameters(), *model.log_err.parameters()]:
            parameter.normal_(0, 20)
    return model


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), height=st.integers(64, 150), width=st.integers(64, 150))
def test_levels_are_ordered_finite_and_in_range(seed: int, height: int, width: int) -> None:
    x = torch.randint(0, 256, (2, 1, height, width), dtype=torch.uint8)
    with torch.inference_mode():
        qp, err = wild(seed)(x)
    assert qp.shape == err.shape == (2, 3)
    assert qp.dtype == err.dtype == torch.float32
    assert (qp.diff(dim=1) >= 0).all()
    assert ((qp >= 8) & (qp <= 47)).all()
    assert (torch.isfinite(err) & (err > 0)).all()


@pytest.mark.parametrize("level", [0, 16, 128, 235, 255])
def test_a_flat_picture_has_an_answer(level: int) -> None:
    model = create_model()
    seen = model.beside(np.full((1, 720, 1280), level, np.uint8), [])
    with torch.inference_mode():
        qp, err = model.predict(torch.from_numpy(seen)[None])
    assert torch.isfinite(qp).all()
    assert (qp.diff(dim=1) >= 0).all()
    assert (torch.isfinite(err) & (err > 0)).all()


def test_pictures_of_a_batch_do_not_see_each_other() -> None:
    x = torch.randint(0, 256, (3, 1, 96, 128), dtype=torch.uint8)
    model = create_model("scopenet")
    with torch.inference_mode():
        together, alone = model(x)[0], torch.cat([model(one[None])[0] for one in x])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_heads_start_where_they_are_told_to() -> None:
    model = ScopeNet().eval()
    model.centre([22.0, 27.0, 31.0], 3.0)
    with torch.inference_mode():
        qp, err = model(torch.randint(0, 256, (1, 1, 128, 128), dtype=torch.uint8))
    np.testing.assert_allclose(qp[0].numpy(), [22, 27, 31], atol=1.0)
    np.testing.assert_allclose(err[0].numpy(), 3.0, rtol=0.3)


def test_err_scale_multiplies_the_error_alone() -> None:
    model = ScopeNet().eval()
    x = torch.randint(0, 256, (1, 1, 64, 64), dtype=torch.uint8)
    with torch.inference_mode():
        qp, err = model(x)
        model.err_scale.copy_(torch.tensor([2.0, 3.0, 4.0]))
        scaled_qp, scaled_err = model(x)
    torch.testing.assert_close(scaled_qp, qp)
    torch.testing.assert_close(scaled_err / err, torch.tensor([[2.0, 3.0, 4.0]]))


def prediction(qp: list[list[float]]) -> Prediction:
    rows = np.array(qp, dtype=np.float64)
    return Prediction(rows, np.tile(OBSERVER_SD, (len(rows), 1)), np.full(rows.shape, 2.0))


def test_a_shot_is_the_mean_of_its_known_frames() -> None:
    frames = prediction([[20, 25, 30], [22, 29, 30], [np.nan, np.nan, np.nan]])
    shot = create_model("scopenet").pool(frames)
    np.testing.assert_allclose(shot.qp, [[21, 27, 30]])
    np.testing.assert_allclose(shot.sur_sd, [OBSERVER_SD])
    np.testing.assert_allclose(shot.err, [[2, 2, 2]])


def test_a_shot_without_known_frames_is_unknown() -> None:
    assert np.isnan(create_model("scopenet").pool(Prediction.unknown(3)).qp).all()


def test_bfloat16_answers_nearly_the_same() -> None:
    model = create_model()
    first, second = np.random.default_rng(0).integers(0, 256, (2, 1, 180, 320), dtype=np.uint8)
    x = torch.from_numpy(np.stack([model.beside(first, []), model.beside(second, [first])]))
    with torch.inference_mode():
        exact = model(x)[0]
        with torch.autocast("cpu", torch.bfloat16):
            quick = model(x)[0]
    assert (exact - quick).abs().max() < 0.3
