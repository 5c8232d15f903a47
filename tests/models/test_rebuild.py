import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jndcore.models import create_model
from jndcore.models.decoder import TRUST, LocalFilter, fold_planes, quantiser_step, unfold_planes
from jndcore.models.scopenet import ScopeNet

Planes = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def picture(height: int, width: int, seed: int = 0) -> Planes:
    draw = np.random.default_rng(seed)
    half = ((height + 1) // 2, (width + 1) // 2)
    y, u, v = (
        torch.from_numpy(draw.integers(0, 256, (1, 1, *size), dtype=np.uint8))
        for size in ((height, width), half, half)
    )
    return y, u, v


def lively() -> ScopeNet:
    """A decoder whose every layer matters."""
    torch.manual_seed(0)
    model = ScopeNet().eval()
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def rehearsed(planes: Planes, seed: int = 1) -> Planes:
    """Something between the planes and noise, as an encode might be."""
    draw = torch.Generator().manual_seed(seed)
    y, u, v = (plane + 8 * torch.randn(plane.shape, generator=draw) for plane in planes)
    return y, u, v


def rebuild(model: torch.nn.Module, planes: Planes, qp: float, coded: Planes | None = None) -> Planes:
    """The planes as rebuilt; without `coded`, a rehearsal changed nothing."""
    with torch.inference_mode():
        y, u, v = planes if coded is None else coded
        return model.rebuild(planes, (y.float(), u.float(), v.float()), torch.tensor([qp]))


@settings(max_examples=20, deadline=None)
@given(height=st.integers(1, 70), width=st.integers(1, 70), qp=st.floats(0, 51))
def test_an_untrained_decoder_follows_the_rehearsal_by_its_share(height: int, width: int, qp: float) -> None:
    planes = picture(height, width)
    coded = rehearsed(planes)
    for got, source, there in zip(
        rebuild(create_model("scopenet"), planes, qp, coded), planes, coded, strict=True
    ):
        expected = source.numpy() + TRUST * (there.numpy() - source.numpy())
        np.testing.assert_allclose(got.numpy(), np.clip(expected, 0, 255), atol=0.5 + 1e-3)


@settings(max_examples=15, deadline=None)
@given(height=st.integers(1, 90), width=st.integers(1, 90), qp=st.floats(0, 51))
def test_the_network_corrects_by_one_quantiser_step_at_most(height: int, width: int, qp: float) -> None:
    planes = picture(height, width)
    coded = rehearsed(planes)
    for got, source, there in zip(rebuild(lively(), planes, qp, coded), planes, coded, strict=True):
        assert got.shape == source.shape
        assert got.dtype == torch.uint8
        start = source + TRUST * (there - source)
        assert (got - start.clamp(0, 255)).abs().max() <= 0.501 + 0.625 * 2 ** (qp / 6)  # rounded


@pytest.mark.parametrize(
    ("height", "width", "x", "y"), [(480, 640, 208, 176), (333, 517, 112, 96), (333, 517, 0, 144)]
)
def test_a_tile_with_its_margin_equals_the_whole(height: int, width: int, x: int, y: int) -> None:
    model, planes = lively(), picture(height, width)
    margin, step, size = model.rebuild_margin, model.rebuild_step, 112
    assert x % step == y % step == margin % step == 0
    top, left = max(0, y - margin), max(0, x - margin)
    bottom, right = min(height, y + size + margin), min(width, x + size + margin)

    def cut(planes: Planes) -> Planes:
        y_, u_, v_ = (
            plane[..., top // s : -(-bottom // s), left // s : -(-right // s)].contiguous()
            for plane, s in zip(planes, (1, 2, 2), strict=True)
        )
        return y_, u_, v_

    coded = rehearsed(planes)
    whole, tile = rebuild(model, planes, 35.0, coded), rebuild(model, cut(planes), 35.0, cut(coded))
    assert not torch.equal(whole[0], planes[0])
    for entire, piece, s in zip(whole, tile, (1, 2, 2), strict=True):
        rows, columns = min(size, height - y) // s, min(size, width - x) // s
        a = entire[..., y // s : y // s + rows, x // s : x // s + columns].int()
        b = piece[
            ..., (y - top) // s : (y - top) // s + rows, (x - left) // s : (x - left) // s + columns
        ].int()
        assert a.shape == b.shape
        assert (a - b).abs().max() <= 1
        assert (a != b).float().mean() < 1e-3


def test_the_margin_covers_what_a_sample_depends_on() -> None:
    """By perturbation: samples further away than the margin never move."""
    model, planes = lively(), picture(416, 416)
    changed = planes[0].clone()
    changed[..., 200:216, 200:216] = 255 - changed[..., 200:216, 200:216]
    before, after = rebuild(model, planes, 40.0)[0], rebuild(model, (changed, *planes[1:]), 40.0)[0]
    rows, columns = torch.nonzero((before != after)[0, 0], as_tuple=True)
    reach = max(
        200 - int(rows.min()), int(rows.max()) - 215, 200 - int(columns.min()), int(columns.max()) - 215
    )
    assert 16 < reach <= model.rebuild_margin


def test_folding_is_undone() -> None:
    planes = [plane.float() for plane in picture(32, 48)]
    for got, given_ in zip(unfold_planes(fold_planes(*planes)), planes, strict=True):
        assert torch.equal(got, given_)


def test_folding_against_numpy() -> None:
    y, u, v = picture(16, 32)
    folded = fold_planes(y.float(), u.float(), v.float())[0].numpy()
    expected = y[0, 0].numpy().reshape(4, 4, 8, 4).transpose(1, 3, 0, 2).reshape(16, 4, 8)
    np.testing.assert_array_equal(folded[:16], expected)
    np.testing.assert_array_equal(
        folded[20:], v[0, 0].numpy().reshape(4, 2, 8, 2).transpose(1, 3, 0, 2).reshape(4, 4, 8)
    )


@pytest.mark.parametrize(("qp", "step"), [(0, 0.625), (4, 1.0), (10, 2.0), (28, 16.0), (51, 224.0)])
def test_quantiser_step_against_the_standard(qp: int, step: float) -> None:
    """H.264's table of Qstep: 0.625 at QP 0, 1 at 4, doubling every 6, 224 at 51."""
    assert quantiser_step(torch.tensor([float(qp)])).item() == pytest.approx(step, rel=0.02)


def test_frames_of_a_batch_take_their_own_qp() -> None:
    model, (y, u, v) = lively(), picture(64, 64)
    twice = [plane.repeat(2, 1, 1, 1) for plane in (y, u, v)]
    with torch.inference_mode():
        both = model.rebuild(twice, [plane.float() for plane in twice], torch.tensor([20.0, 40.0]))[0]
    low, high = (rebuild(model, (y, u, v), qp)[0] for qp in (20.0, 40.0))
    assert (both[0].int() - low[0].int()).abs().max() <= 1
    assert (both[1].int() - high[0].int()).abs().max() <= 1
    assert not torch.equal(both[0], both[1])


def test_the_filter_against_numpy() -> None:
    torch.manual_seed(0)
    draw = np.random.default_rng(0)
    local = LocalFilter(5)
    torch.nn.init.normal_(local.weights.bias)  # the same filter everywhere, as its other weights are zero
    luma, step = draw.uniform(0, 255, (12, 16)), 40.0
    got = local(
        torch.from_numpy(luma)[None, None].float(), torch.rand(1, 5, 3, 4), torch.full((1, 1, 1, 1), step)
    )[0, 0]
    around, expected = np.pad(luma, 3, mode="edge"), np.zeros((12, 16))
    for (down, right), weight in zip(local.offsets, local.weights.bias.tolist(), strict=True):
        for sign in (1, -1):
            top, left = 3 + sign * down, 3 + sign * right
            moved = around[top : top + 12, left : left + 16]
            expected += weight * np.clip((moved - luma) / step, -1, 1)
    np.testing.assert_allclose(got.detach().numpy(), expected, atol=1e-4)
    assert len(local.offsets) == 24  # with their opposites, all but the centre of 7x7
