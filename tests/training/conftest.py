from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest


def write_clip(
    path: Path, seed: int, contrast: float, *, frames: int = 14, size: tuple[int, int] = (130, 198)
) -> None:
    """A lossless clip of blurred noise that drifts: the stronger, the more a codec can hide."""
    draw = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(draw.normal(0, 4 * contrast, (*size, 3)), (0, 0), 1.5)
    picture = np.clip(128 + noise, 0, 255).astype(np.uint8)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=25)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        for t in range(frames):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.roll(picture, 2 * t, 1), format="bgr24")))
        out.mux(stream.encode())


@pytest.fixture(scope="session")
def make_clip() -> Callable[..., None]:
    """Writes one clip; see `write_clip`."""
    return write_clip


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight labelled clips of four groups: `clips.csv`, and `rendered/`. The label follows the contrast."""
    folder = tmp_path_factory.mktemp("clips")
    (folder / "rendered").mkdir()
    rows = ["id,group,still,jnd1,jnd2,jnd3"]
    for i in range(8):
        contrast = 3.0 + 6 * i
        write_clip(folder / "rendered" / f"k{i}.mkv", i, contrast)
        qp = 18 + contrast / 4
        rows.append(f"k{i},g{i % 4},{'' if i == 7 else 's.webp'},{qp},{qp + 5},{qp + 8}")
    (folder / "clips.csv").write_text("\n".join(rows) + "\n")
    return folder
