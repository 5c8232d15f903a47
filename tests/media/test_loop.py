from pathlib import Path

import numpy as np
import videos

from jndcore.media import loop_video, open_video


def test_a_video_three_times_in_a_row(tmp_path: Path) -> None:
    once = videos.encode(tmp_path / "once.mp4", options=videos.x264(), frames=30)
    loop_video(once, tmp_path / "thrice.mp4", times=3)
    expected = [samples for _, samples in videos.decode(once)]
    assert [samples for _, samples in videos.decode(tmp_path / "thrice.mp4")] == expected * 3
    with open_video(tmp_path / "thrice.mp4") as reader:
        assert len(np.unique(np.diff(reader.index.pts))) == 1
        assert list(reader.key_frames) == [0, 20, 30, 50, 60, 80]
        assert reader.warnings == ()
