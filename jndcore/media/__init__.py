"""Pixels: frame-exact reading, colour, shots, encoding in memory. The only room that knows PyAV."""

from jndcore.media.ahead import decode_ahead
from jndcore.media.encode import Encode, encode_x264, measure_x264
from jndcore.media.errors import MediaError
from jndcore.media.frame import Frame
from jndcore.media.index import FrameIndex
from jndcore.media.info import VideoInfo
from jndcore.media.loop import loop_video
from jndcore.media.picture import Picture
from jndcore.media.planes import Planes
from jndcore.media.reader import Reader, open_video
from jndcore.media.shots import ShotDetector, shot_starts

__all__ = [
    "Encode",
    "Frame",
    "FrameIndex",
    "MediaError",
    "Picture",
    "Planes",
    "Reader",
    "ShotDetector",
    "VideoInfo",
    "decode_ahead",
    "encode_x264",
    "loop_video",
    "measure_x264",
    "open_video",
    "shot_starts",
]
