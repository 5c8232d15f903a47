from fractions import Fraction
from pathlib import Path

import numpy as np

from jndcore.media import Planes, open_video
from jndcore.media.lossless import write_lossless


def test_lossless_files_keep_every_sample(tmp_path: Path) -> None:
    source = np.random.default_rng(1)
    clip = [
        Planes(*(source.integers(0, 256, shape, dtype=np.uint8) for shape in ((96, 128), (48, 64), (48, 64))))
        for _ in range(5)
    ]
    write_lossless(tmp_path / "a.mkv", clip, Fraction(30000, 1001))
    with open_video(tmp_path / "a.mkv") as reader:
        assert reader.info.fps == Fraction(30000, 1001)
        back = [frame.planes() for frame in reader.frames()]
    for kept, planes in zip(clip, back, strict=True):
        for name in "yuv":
            np.testing.assert_array_equal(getattr(kept, name), getattr(planes, name))
