from types import SimpleNamespace

import numpy as np
import pytest

from jndcore.models import create_model
from jndcore.models.pictures import fit_luma


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((720, 1280), (720, 1280)),
        ((361, 641), (361, 641)),
        ((2160, 3840), (720, 1280)),
        ((1080, 1920), (720, 1280)),
        ((1920, 1080), (1280, 720)),
        ((800, 800), (720, 720)),
        ((100, 12800), (64, 1280)),
        ((3, 5), (64, 64)),
    ],
)
def test_sizes(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    luma = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
    out = fit_luma(luma)
    assert out.shape == fitted
    assert out.dtype == np.uint8
    assert out.flags.c_contiguous
    if size == fitted:
        np.testing.assert_array_equal(out, luma)


def test_shrinking_by_a_whole_number_is_the_mean_of_blocks() -> None:
    luma = np.random.default_rng(0).integers(0, 256, (1440, 2560), dtype=np.uint8)
    blocks = luma.reshape(720, 2, 1280, 2).mean((1, 3))
    assert np.abs(fit_luma(luma) - blocks).max() <= 0.5


def test_a_small_picture_is_continued_by_its_edge() -> None:
    luma = np.arange(12, dtype=np.uint8).reshape(3, 4)
    out = fit_luma(luma)
    np.testing.assert_array_equal(out[:3, :4], luma)
    assert (out[:3, 4:] == luma[:, -1:]).all()
    assert (out[3:] == out[2]).all()


def test_prepare_adds_the_channel_and_takes_views() -> None:
    luma = np.zeros((200, 400), np.uint8)[::2, ::-1]
    assert create_model("scopenet").prepare(SimpleNamespace(luma=lambda: luma)).shape == (1, 100, 400)
