"""Conversions against plain numpy: matrices, ranges, bit depths, chroma layouts, rotation, HDR."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import videos
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from jndcore.media import Frame, Planes, open_video

MATRICES = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
CODES = {"bt709": 1, "bt601": 6, "bt2020": 9}


def wrap(frame: av.VideoFrame, rotation: int = 0) -> Frame:
    return Frame(frame, number=0, pts=0, time=0.0, key=True, rotation=rotation)


def plane(frame: av.VideoFrame, i: int, dtype: type = np.uint8) -> NDArray[np.uint8 | np.uint16]:
    """A plane's samples, open to writing."""
    part = frame.planes[i]
    return np.frombuffer(part, dtype).reshape(part.height, -1)[:, : part.width]


def flat(y: int, u: int, v: int, pix_fmt: str = "yuv420p", size: tuple[int, int] = (64, 48)) -> av.VideoFrame:
    frame = av.VideoFrame(*size, pix_fmt)
    for i, value in enumerate((y, u, v)):
        plane(frame, i, np.uint8 if "p1" not in pix_fmt else np.uint16)[:] = value
    return frame


def to_rgb(y: float, u: float, v: float, matrix: str) -> NDArray[np.float64]:
    """ITU-R BT.601, BT.709, BT.2020 from their own definitions; limited range."""
    red, blue = MATRICES[matrix]
    luma, cb, cr = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    r = luma + 2 * (1 - red) * cr
    b = luma + 2 * (1 - blue) * cb
    g = (luma - red * r - blue * b) / (1 - red - blue)
    return np.clip(255 * np.array([r, g, b]), 0, 255)


@pytest.mark.parametrize("size", [(64, 48), (67, 35), (1, 1)])
def test_8_bit_limited_luma_is_a_copy_of_the_plane(size: tuple[int, int]) -> None:
    frame = av.VideoFrame(*size, "yuv420p")
    rng = np.random.default_rng(2)
    for i in range(3):
        values = plane(frame, i)
        values[:] = rng.integers(0, 256, values.shape)
    expected = [plane(frame, i).copy() for i in range(3)]
    luma, planes = wrap(frame).luma(), wrap(frame).planes()
    for i in range(3):
        plane(frame, i)[:] = 7
    assert np.array_equal(luma, expected[0])
    assert all(np.array_equal(a, b) for a, b in zip((planes.y, planes.u, planes.v), expected, strict=True))
    assert luma.shape == size[::-1]
    assert luma.flags.owndata or luma.base.flags.owndata


@pytest.mark.parametrize(("pix_fmt", "bits"), [("yuv420p10le", 10), ("yuv422p10le", 10), ("yuv444p12le", 12)])
def test_more_bits_are_rounded_to_8(pix_fmt: str, bits: int) -> None:
    frame = av.VideoFrame(64, 48, pix_fmt)
    codes = plane(frame, 0, np.uint16)
    codes[:] = np.random.default_rng(1).integers(16 << bits - 8, 236 << bits - 8, codes.shape)
    for i in (1, 2):
        plane(frame, i, np.uint16)[:] = 100 << bits - 8
    scaled = codes / 2 ** (bits - 8)
    planes = wrap(frame).planes()
    assert np.abs(planes.y - scaled).max() <= 0.5
    assert np.array_equal(planes.y, wrap(frame).luma())
    assert (planes.u == 100).all()
    assert (planes.v == 100).all()
    assert planes.u.shape == (24, 32)


@pytest.mark.parametrize("declared", ["by its name", "by its range"])
def test_full_range_becomes_limited(declared: str) -> None:
    frame = flat(0, 128, 128, "yuvj420p" if declared == "by its name" else "yuv420p")
    plane(frame, 0)[:] = np.linspace(0, 255, 64).astype(np.uint8)
    plane(frame, 1)[:] = 255
    frame.color_range = ColorRange.JPEG
    planes = wrap(frame).planes()
    assert np.abs(planes.y - (16 + plane(frame, 0).astype(float) * 219 / 255)).max() <= 0.5
    assert (planes.y.min(), planes.y.max()) == (16, 235)
    assert (planes.u == 240).all()
    assert (planes.v == 128).all()


@pytest.mark.parametrize(("pix_fmt", "chroma_shape"), [("yuv422p", (48, 32)), ("yuv444p", (48, 64))])
def test_fuller_chroma_is_brought_to_420(pix_fmt: str, chroma_shape: tuple[int, int]) -> None:
    frame = flat(90, 60, 200, pix_fmt)
    assert plane(frame, 1).shape == chroma_shape
    planes = wrap(frame).planes()
    assert (planes.y == 90).all()
    assert planes.u.shape == planes.v.shape == (24, 32)
    assert np.abs(planes.u.astype(int) - 60).max() <= 1
    assert np.abs(planes.v.astype(int) - 200).max() <= 1


def test_gray_has_no_colour() -> None:
    frame = av.VideoFrame(64, 48, "gray")
    plane(frame, 0)[:] = 255
    planes = wrap(frame).planes()
    assert (planes.y == 235).all()
    assert (planes.u == 128).all()
    assert np.abs(wrap(frame).rgb().astype(int) - 255).max() <= 1


@pytest.mark.parametrize(
    "colour", [(255, 0, 0), (0, 255, 0), (20, 60, 230), (128, 128, 128), (255, 255, 255)]
)
@pytest.mark.parametrize("height", [480, 720])
def test_rgb_input_comes_back_as_the_same_rgb(colour: tuple[int, int, int], height: int) -> None:
    picture = np.full((height, 64, 3), colour, dtype=np.uint8)
    frame = wrap(av.VideoFrame.from_ndarray(picture, "rgb24"))
    assert np.abs(frame.rgb().astype(int) - colour).max() <= 3
    matrix = "bt709" if height >= 720 else "bt601"
    planes = frame.planes()
    back = to_rgb(float(planes.y[0, 0]), float(planes.u[0, 0]), float(planes.v[0, 0]), matrix)
    assert np.abs(back - colour).max() <= 4


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("sample", [(100, 90, 190), (60, 170, 100), (180, 120, 140)])
def test_rgb_by_the_matrix_that_the_stream_names(matrix: str, sample: tuple[int, int, int]) -> None:
    frame = flat(*sample)
    frame.colorspace = CODES[matrix]
    rgb = wrap(frame).rgb()
    assert rgb.shape == (48, 64, 3)
    assert rgb.dtype == np.uint8
    assert np.abs(rgb - to_rgb(*sample, matrix)).max() <= 2


@pytest.mark.parametrize(
    ("height", "matrix"), [(480, "bt601"), (576, "bt601"), (720, "bt709"), (1080, "bt709")]
)
def test_rgb_of_a_stream_that_names_no_matrix(height: int, matrix: str) -> None:
    sample = (100, 90, 190)
    rgb = wrap(flat(*sample, size=(64, height))).rgb()
    assert np.abs(rgb - to_rgb(*sample, matrix)).max() <= 2


def test_other_planes_take_the_same_path_as_the_frames_own() -> None:
    frame = wrap(videos.picture(3, "yuv444p10le"))
    assert np.array_equal(frame.rgb(), frame.rgb(frame.planes()))
    planes = frame.planes()
    brighter = Planes(np.minimum(planes.y, 200) + np.uint8(20), planes.u, planes.v)
    assert frame.rgb(brighter).mean() > frame.rgb().mean() + 10


def display_rotated(path: Path, degrees: int) -> Path:
    """Ask for a turn clockwise in the container; the stored pictures stay as they are."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"qp": "1"})
        stream.width, stream.height, stream.pix_fmt = videos.WIDTH, videos.HEIGHT, "yuv420p"
        stream.set_display_rotation(-degrees)
        for i in range(3):
            container.mux(stream.encode(videos.picture(i)))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_rotation_is_applied_to_everything_that_is_shown(tmp_path: Path, degrees: int) -> None:
    path = display_rotated(tmp_path / "turned.mp4", degrees)
    stored = np.frombuffer(videos.decode(path)[1][1], np.uint8)
    stored = stored[: videos.WIDTH * videos.HEIGHT].reshape(videos.HEIGHT, videos.WIDTH)
    upright = np.rot90(stored, -degrees // 90)
    with open_video(path) as reader:
        info, frame = reader.info, reader.read(1)
        assert info.rotation == degrees
        assert np.array_equal(frame.luma(), upright)
        assert np.array_equal(frame.planes().y, upright)
        assert (info.height, info.width) == upright.shape == frame.rgb().shape[:2]
        assert frame.small(80).shape == (round(80 * info.height / info.width), 80, 3)
        assert frame.luma().flags.c_contiguous


def test_small_pictures_keep_shape_and_colour() -> None:
    sample = (100, 90, 190)
    small = wrap(flat(*sample, size=(1280, 720))).small()
    assert small.shape == (180, 320, 3)
    assert np.abs(small[..., ::-1] - to_rgb(*sample, "bt709")).max() <= 3


def pq(nits: float) -> float:
    """SMPTE ST 2084, the inverse EOTF: a code of 0 to 1."""
    y = (nits / 10000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375


def hlg(scene: float) -> float:
    """ARIB STD-B67's OETF."""
    return (
        (3 * scene) ** 0.5 if scene <= 1 / 12 else 0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073
    )


def hdr_gray(code: float, transfer: int) -> NDArray[np.uint8]:
    frame = flat(round(64 + 876 * code), 512, 512, "yuv420p10le")
    frame.color_trc, frame.colorspace, frame.color_primaries = transfer, 9, 9
    return wrap(frame).rgb()[0, 0]


@pytest.mark.parametrize(("transfer", "code"), [(16, pq), (18, lambda nits: hlg((nits / 1000) ** (1 / 1.2)))])
def test_hdr_on_the_screen(transfer: int, code: Callable[[float], float]) -> None:
    dark, white, peak = (hdr_gray(code(nits), transfer) for nits in (2, 203, 1000))
    assert np.ptp(white) <= 1  # gray stays gray
    assert 5 < dark.max() < 60
    assert 170 < white.min() <= white.max() < 220  # Reinhard's curve brings graphics white to about 3/4
    assert peak.min() >= 250


def test_a_wide_gamut_red_is_no_duller_than_red() -> None:
    frame = flat(*(round(4 * x) for x in (70, 100, 180)), "yuv420p10le")
    frame.color_trc, frame.colorspace = 16, 9
    red, green, blue = wrap(frame).rgb()[0, 0].astype(int)
    assert red > green
    assert red > blue


def test_hdr_luma_keeps_its_code_values() -> None:
    frame = flat(4 * 120, 512, 512, "yuv420p10le")
    frame.color_trc = 16
    assert (wrap(frame).luma() == 120).all()


def test_planes_travel_between_processes() -> None:
    planes = wrap(videos.picture(1)).planes()
    again = pickle.loads(pickle.dumps(planes))
    assert np.array_equal(again.y, planes.y)
    assert np.array_equal(again.v, planes.v)


def test_planes_that_do_not_fit_together() -> None:
    y = np.zeros((5, 7), np.uint8)
    with pytest.raises(ValueError, match="chroma"):
        Planes(y, np.zeros((2, 4), np.uint8), np.zeros((3, 4), np.uint8))
