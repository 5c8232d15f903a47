"""A picture by itself: the way to RGB and back, and from one process to another."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import videos
from av.video.reformatter import Colorspace
from hypothesis import given
from hypothesis import strategies as st

from jndcore.media import Frame, Picture, Planes
from jndcore.media.colour import RED_BLUE, from_rgb, to_rgb
from jndcore.media.hdr import HLG, PQ

MATRICES = st.sampled_from(sorted(RED_BLUE))
BYTES = st.integers(0, 255)


def apart(a: Planes, b: Planes) -> int:
    """How far two pictures are apart at most, in code values."""
    pairs = zip((a.y, a.u, a.v), (b.y, b.u, b.v), strict=True)
    return max(int(np.abs(left.astype(int) - right).max()) for left, right in pairs)


@given(MATRICES, st.integers(1, 40), st.integers(1, 40), st.integers(0, 99))
def test_planes_survive_rgb(matrix: Colorspace, height: int, width: int, seed: int) -> None:
    """Colours that RGB can hold, of whatever luma, over chroma that 4:2:0 can hold."""
    half = (-(-height // 2), -(-width // 2))
    y = np.random.default_rng(seed).integers(60, 180, (height, width), dtype=np.uint8)
    planes = Planes(y, np.full(half, 118, np.uint8), np.full(half, 137, np.uint8))
    back = from_rgb(to_rgb(planes, matrix), matrix)
    assert back.y.shape == (height, width)
    assert apart(back, planes) <= 1


@given(MATRICES, BYTES, BYTES, BYTES)
def test_rgb_survives_planes(matrix: Colorspace, red: int, green: int, blue: int) -> None:
    flat = np.full((6, 9, 3), (red, green, blue), dtype=np.uint8)
    back = to_rgb(from_rgb(flat, matrix), matrix)
    assert np.abs(back.astype(int) - flat).max() <= 3  # 8-bit limited-range chroma: about two codes of blue


@pytest.mark.parametrize("matrix", RED_BLUE)
def test_rgb_to_planes_by_definition(matrix: Colorspace) -> None:
    """ITU-T H.273, equations 38 to 40, written out."""
    rgb = np.random.default_rng(3).integers(0, 256, (1, 1, 3), dtype=np.uint8)
    r, g, b = rgb[0, 0] / 255
    red, blue = RED_BLUE[matrix]
    luma = red * r + (1 - red - blue) * g + blue * b
    expected = (
        16 + 219 * luma,
        128 + 224 * (b - luma) / (2 * (1 - blue)),
        128 + 224 * (r - luma) / (2 * (1 - red)),
    )
    planes = from_rgb(rgb, matrix)
    got = (int(planes.y[0, 0]), int(planes.u[0, 0]), int(planes.v[0, 0]))
    np.testing.assert_allclose(got, expected, atol=0.51)


def test_chroma_is_averaged_where_it_is_shown() -> None:
    """A vertical edge between the columns of one chroma sample: that one is the mean of both colours."""
    rgb = np.full((4, 8, 3), 128, dtype=np.uint8)
    rgb[:, 3:] = (200, 100, 100)
    planes = from_rgb(rgb, Colorspace.ITU709)
    left, right = int(planes.v[0, 0]), int(planes.v[0, 3])
    assert planes.v[0].tolist() == [left, round((left + right) / 2), right, right]


@pytest.mark.parametrize("transfer", [1, PQ, HLG])
def test_a_frame_and_its_picture_show_the_same_in_another_process(transfer: int) -> None:
    shot = videos.picture(1)
    shot.color_trc, shot.colorspace = transfer, 9
    frame = Frame(shot, number=0, pts=0, time=0.0, key=True)
    picture = pickle.loads(pickle.dumps(frame.picture()))
    np.testing.assert_array_equal(picture.rgb(), frame.rgb())
    np.testing.assert_array_equal(picture.luma(), frame.luma())
    darker = Planes(picture.planes.y // 2 + 8, picture.planes.u, picture.planes.v)
    np.testing.assert_array_equal(picture.rgb(darker), frame.rgb(darker))


@pytest.mark.parametrize("transfer", [1, PQ])
def test_what_a_picture_is_made_to_show_is_not_tone_mapped_again(transfer: int) -> None:
    half = np.full((20, 30), 128, np.uint8)
    picture = Picture(Planes(np.full((40, 60), 90, np.uint8), half, half), Colorspace.BT2020, transfer)
    wanted = np.full((40, 60, 3), (90, 110, 130), np.uint8)
    assert np.abs(picture.showing(wanted).rgb().astype(int) - wanted).max() <= 2
