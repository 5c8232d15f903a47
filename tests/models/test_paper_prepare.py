"""The paper's systems see a frame as their authors' scripts do: an image file, read and scaled by OpenCV."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from jndcore.media import open_video
from jndcore.models import create_model
from jndcore.models.base import FrameModel


@pytest.fixture(scope="module")
def model() -> FrameModel:
    return create_model("autoencoder")


def write_video(path: Path, width: int, height: int, pix_fmt: str, turn: int) -> Path:
    rng = np.random.default_rng(4)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"qp": "12"})
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        if turn:
            stream.set_display_rotation(-turn)
        rough = rng.integers(0, 256, (9, 13, 3), dtype=np.uint8)
        scene = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
        for _ in range(2):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(scene, format="rgb24")))
        out.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    ("width", "height", "pix_fmt", "turn"),
    [
        (640, 352, "yuv420p", 0),
        (160, 96, "yuv420p", 0),
        (322, 578, "yuv420p", 0),
        (1280, 720, "yuv420p10le", 0),
        (1920, 816, "yuv444p", 0),
        (480, 270, "yuv420p", 90),
    ],
)
def test_a_prepared_frame_is_what_opencv_reads_from_its_png(
    tmp_path: Path, model: FrameModel, width: int, height: int, pix_fmt: str, turn: int
) -> None:
    with open_video(write_video(tmp_path / "a.mp4", width, height, pix_fmt, turn)) as reader:
        frame = reader.read(1)
    cv2.imwrite(str(tmp_path / "frame.png"), frame.rgb()[..., ::-1])
    expected = cv2.resize(cv2.imread(str(tmp_path / "frame.png")), (640, 352))
    for picture in (frame, frame.picture()):
        prepared = model.prepare(picture)
        assert prepared.dtype == np.uint8
        np.testing.assert_array_equal(prepared.transpose(1, 2, 0), expected)
