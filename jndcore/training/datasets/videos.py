"""Frames of videos: a source video, and the same encoded at the QP of each JND."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jndcore.errors import JNDError
from jndcore.media import Frame, Planes, open_video
from jndcore.training.datasets.base import Bgr
from jndcore.training.datasets.listing import spread
from jndcore.training.datasets.stills import coded_path


@dataclass(frozen=True)
class Video:
    """A `Source` of video files.

    Attributes
    ----------
    path : Path
        The source.
    coded : tuple of Path
        Encodes of the same frames at the QPs of JND 1 to 3.
    """

    path: Path
    coded: tuple[Path, Path, Path]

    @property
    def video(self) -> Path:
        """The source; see `Source.video`."""
        return self.path

    def frames(self, count: int) -> list[Bgr]:
        """Frames of the source; see `Source.frames`."""
        return video_frames(self.path, count)

    def at_jnd(self, level: int, count: int) -> list[Bgr]:
        """The frames with the same numbers in the encode at JND `level`; see `Source.at_jnd`."""
        path = coded_path(self.path, self.coded, level)
        with open_video(self.path) as reader:
            length = len(reader)
        with open_video(path) as reader:
            if len(reader) != length:
                raise JNDError(
                    f"{path}: has {len(reader)} frames, but {self.path} has {length}; "
                    "copy or download both again."
                )
        return video_frames(path, count)


def video_frames(path: Path, count: int) -> list[Bgr]:
    """`count` frames of a video, evenly spread, as a player shows them.

    Raises
    ------
    JNDError
        Where the file cannot be read, or lacks frames that it promises.
    """
    with open_video(path) as reader:
        numbers = spread(len(reader), count)
        chosen = [bgr(frame) for frame in reader.frames(0, numbers[-1] + 1) if frame.number in numbers]
    if len(chosen) < len(numbers):
        raise JNDError(
            f"{path}: {len(numbers) - len(chosen)} of the frames {', '.join(map(str, numbers))} cannot be "
            "decoded; copy or download the file again."
        )
    return chosen


def bgr(frame: Frame, planes: Planes | None = None) -> Bgr:
    """A frame, or another version of it, blue first (see `Frame.rgb`)."""
    return np.ascontiguousarray(frame.rgb(planes)[..., ::-1])
