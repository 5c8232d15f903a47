import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jndcore.predict.tiles import tiles

SIZES = st.integers(1, 300)


@given(SIZES, SIZES, st.integers(0, 40), st.sampled_from([2, 16]), st.integers(16, 120))
def test_tiles_put_a_picture_together_again(
    height: int, width: int, margin: int, step: int, side: int
) -> None:
    rng = np.random.default_rng(0)
    for plane in (
        rng.integers(0, 255, (height, width), dtype=np.uint8),
        rng.integers(0, 255, (-(-height // 2), -(-width // 2)), dtype=np.uint8),
    ):
        out = np.full_like(plane, 255)  # a value that the plane does not hold
        for tile in tiles(height, width, margin=margin, step=step, side=side):
            tile.paste(tile.source(plane), out)
        np.testing.assert_array_equal(out, plane)


@pytest.mark.parametrize(("margin", "step"), [(10, 16), (96, 16)])
def test_a_tile_sees_at_least_its_margin_but_where_the_picture_ends(margin: int, step: int) -> None:
    height, width = 500, 700
    where = np.arange(height * width, dtype=np.int64).reshape(height, width)
    for tile in tiles(height, width, margin=margin, step=step, side=160):
        seen = tile.source(where)
        top, left = divmod(int(seen[0, 0]), width)
        bottom, right = divmod(int(seen[-1, -1]), width)
        assert top % step == left % step == 0
        assert top == 0 or tile.top - top >= margin
        assert left == 0 or tile.left - left >= margin
        assert bottom == height - 1 or bottom + 1 - tile.bottom >= margin
        assert right == width - 1 or right + 1 - tile.right >= margin
