"""Pixels: frame-exact reading, colour, shots, encoding in memory. The only room that knows PyAV."""

from jndcore.media.ahead import decode_ahead
from jndcore.media.encode import Encode, encode_x264, measure_x264
from jndcore.media.encode_video import EncodeProgress, encode_video
from jndcore.media.encoders import EncodeSettings
from jndcore.media.errors import MediaError
from jndcore.media.frame import Frame
from jndcore.media.index import FrameIndex
from jndcore.media.info import VideoInfo
from jndcore.media.loop import loop_video
from jndcore.media.metrics import Metrics, measure
from jndcore.media.opening import VIDEO_SUFFIXES
from jndcore.media.picture import Picture
from jndcore.media.pieces import Piece
from jndcore.media.planes import Planes
from jndcore.media.readback import ReadBack, read_back
from jndcore.media.reader import Reader, open_video
from jndcore.media.rehearsal import Rehearsal, rehearse
from jndcore.media.shots import ShotDetector, shot_starts
from jndcore.media.trial import Trial, trial

__all__ = [
    "VIDEO_SUFFIXES",
    "Encode",
    "EncodeProgress",
    "EncodeSettings",
    "Frame",
    "FrameIndex",
    "MediaError",
    "Metrics",
    "Picture",
    "Piece",
    "Planes",
    "ReadBack",
    "Reader",
    "Rehearsal",
    "ShotDetector",
    "Trial",
    "VideoInfo",
    "decode_ahead",
    "encode_video",
    "encode_x264",
    "loop_video",
    "measure",
    "measure_x264",
    "open_video",
    "read_back",
    "rehearse",
    "shot_starts",
    "trial",
]
