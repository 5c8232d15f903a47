import numpy as np
import pytest
import torch

from jndcore.models.latent import ConvUnit, Encoder, normalise, statistics


@pytest.mark.parametrize("inference", [False, True])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 4), (23, 40)])
def test_statistics_against_numpy(height: int, width: int, *, inference: bool) -> None:
    latent = np.random.default_rng(0).gamma(1.0, 2.0, (2, 5, height, width)).astype(np.float32)
    flat = latent.reshape(2, 5, -1).astype(np.float64)
    count = max(1, round(0.1 * height * width))
    ordered = np.sort(flat, -1)
    deciles = (ordered[..., :count].mean(-1), ordered[..., -count:].mean(-1))
    expected = np.concatenate([flat.mean(-1), np.sqrt(flat.var(-1) + 1e-6), *deciles], axis=1)
    with torch.inference_mode(inference):
        told = statistics(torch.from_numpy(latent)).numpy()
    np.testing.assert_allclose(told, expected, rtol=1e-4)


def test_statistics_do_not_depend_on_the_places() -> None:
    latent = torch.rand(1, 4, 6, 7)
    moved = latent.flatten(2)[..., torch.randperm(42)].reshape(latent.shape)
    torch.testing.assert_close(statistics(latent), statistics(moved))


def test_normalise_keeps_its_argument_and_maps_grey_to_zero() -> None:
    luma = torch.tensor([0.0, 64.0, 128.0, 255.0])
    assert normalise(luma, torch.float32).tolist() == [-2.0, -1.0, 0.0, 1.984375]
    assert luma.tolist() == [0.0, 64.0, 128.0, 255.0]


def test_a_folded_norm_changes_nothing() -> None:
    torch.manual_seed(0)
    unit = ConvUnit(3, 8, norm=True).train()
    for _ in range(5):
        unit(torch.randn(4, 3, 9, 9) * 3 + 1)
    unit.eval()
    x = torch.randn(2, 3, 9, 9)
    before = unit(x)
    unit.fold()
    assert unit.norm is None
    torch.testing.assert_close(unit(x), before)


def test_strides_and_channels() -> None:
    encoder = Encoder(norm=False)
    luma = torch.zeros(1, 1, 96, 160)
    stride8, stride16 = encoder.local(luma)
    assert stride8.shape == (1, 28, 12, 20)
    assert stride16.shape == (1, 44, 6, 10)
    assert encoder(luma).shape == (1, 64, 3, 5)


def test_the_stem_is_space_to_depth_and_a_matrix() -> None:
    """Independent of torch's strided convolution: blocks of 4x4 by reshape, one matrix product."""
    unit = ConvUnit(1, 24, 4, 4, norm=False)
    luma = np.random.default_rng(1).normal(size=(12, 20)).astype(np.float32)
    blocks = luma.reshape(3, 4, 5, 4).transpose(0, 2, 1, 3).reshape(15, 16)
    weight, bias = unit.conv.weight.detach().numpy().reshape(24, 16), unit.conv.bias.detach().numpy()
    expected = np.maximum(blocks @ weight.T + bias, 0).T.reshape(24, 3, 5)
    np.testing.assert_allclose(
        unit(torch.from_numpy(luma)[None, None])[0].detach().numpy(), expected, atol=1e-5
    )


@pytest.mark.parametrize("pictures", [1, 2])
def test_the_first_layer_is_the_plain_convolution_of_normalised_samples(pictures: int) -> None:
    torch.manual_seed(0)
    encoder = Encoder(pictures, norm=False).eval()
    x = torch.randint(0, 256, (3, pictures, 66, 71), dtype=torch.uint8)
    with torch.inference_mode():
        plain = encoder.to8((x.float() - 128) / 64)
        torch.testing.assert_close(encoder.local(x)[0], plain, rtol=1e-4, atol=1e-5)
        with torch.autocast("cpu", torch.bfloat16):
            torch.testing.assert_close(encoder.local(x)[0].float(), plain, rtol=0.05, atol=0.05)
