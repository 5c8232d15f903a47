import cv2
import numpy as np
import pytest
import torch

from jndcore.models.bars import without_bars
from jndcore.models.scopenet import ScopeNet


def picture(seed: int, height: int = 192, width: int = 256) -> torch.Tensor:
    """Blurred noise, so that it has structure, and a difference."""
    noise = np.random.default_rng(seed).standard_normal((2, height, width))
    luma, change = (cv2.GaussianBlur(plane, (0, 0), 2) * 200 for plane in noise)
    planes = np.stack([luma.clip(-80, 80) + 115, change.clip(-80, 80) + 128])
    return torch.from_numpy(planes.astype(np.uint8))[None]


def padded(x: torch.Tensor, rows: tuple[int, int], columns: tuple[int, int]) -> torch.Tensor:
    """With bars of luma 16 to 19 and no change from the neighbour."""
    draw = np.random.default_rng(9)
    height, width = x.shape[2] + sum(rows), x.shape[3] + sum(columns)
    out = torch.from_numpy(draw.integers(16, 20, (1, 2, height, width), dtype=np.uint8))
    out[:, 1] = 128
    out[:, :, rows[0] : rows[0] + x.shape[2], columns[0] : columns[0] + x.shape[3]] = x
    return out


@pytest.mark.parametrize(
    ("rows", "columns"), [((40, 40), (0, 0)), ((0, 0), (32, 48)), ((17, 0), (0, 50)), ((30, 30), (30, 30))]
)
def test_bars_change_nothing(rows: tuple[int, int], columns: tuple[int, int]) -> None:
    torch.manual_seed(0)
    model, x = ScopeNet(motion=True).eval(), picture(0)
    for plain, barred in zip(model.predict(x), model.predict(padded(x, rows, columns)), strict=True):
        torch.testing.assert_close(barred, plain, atol=1e-4, rtol=0)


def test_a_batch_keeps_its_order() -> None:
    x, y = picture(1), picture(2)
    wide, narrow = padded(x, (40, 40), (0, 0)), padded(y, (20, 60), (0, 0))
    parts = without_bars(torch.cat([wide, wide, narrow, wide]))
    assert [len(part) for part in parts] == [2, 1, 1]
    for part, expected in zip(parts, (torch.cat([x, x]), y, x), strict=True):
        torch.testing.assert_close(part, expected)


@pytest.mark.parametrize("kind", ["black", "a speck", "narrow", "grey"])
def test_what_is_no_bar_stays(kind: str) -> None:
    x = picture(3)
    if kind in ("black", "a speck"):
        x[:, 0] = 16
    if kind == "a speck":
        x[:, 0, 100:110, 100:110] = 200
    if kind == "narrow":
        x[:, 0, :15] = 16
    if kind == "grey":
        x[:, 0, :60] = 21
    (part,) = without_bars(x)
    assert part.shape == x.shape
