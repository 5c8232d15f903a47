from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

SHOT = 20
SHOTS = 3


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[..., Path]:
    """Write three unlike shots of 20 frames as H.264 with B-frames and a key frame every 12."""

    def make(name: str = "clip.mp4", width: int = 192, height: int = 112) -> Path:
        rng = np.random.default_rng(7)
        path = tmp_path / name
        with av.open(str(path), "w") as out:
            stream = out.add_stream("libx264", rate=25, options={"g": "12", "sc_threshold": "0", "qp": "10"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for shot in range(SHOTS):
                coarse = rng.integers(0, 30, (height // 8, width // 8 + 3, 1)) + [20, 110, 200][shot]
                scene = coarse.repeat(8, 0).repeat(8, 1) + rng.integers(-4, 5, (height, width + 24, 3))
                for t in range(SHOT):
                    picture = scene[:, t : t + width].astype(np.uint8)
                    out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            out.mux(stream.encode())
        return path

    return make


@pytest.fixture
def clip(make_clip: Callable[..., Path]) -> Path:
    return make_clip()
