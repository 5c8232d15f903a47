"""What a video's colours ask of the programs that make 8-bit 4:2:0 of it."""

from __future__ import annotations

from typing import Literal

from jndcore.media import VideoInfo
from jndcore.media.colour import MATRICES, PRIMARIES, TRANSFERS
from jndcore.schedule.writers.target import VideoFacts

UNKNOWN = (
    "without the video its colour tags are not known, so the command does not pass them on: write it with "
    "the video at hand (jnd schedule --video), or add the encoder's options for them (x264: --range, "
    "--colorprim, --transfer, --colormatrix).",
)

_RANGES = {"x264": {"limited": "tv", "full": "pc"}, "x265": {"limited": "limited", "full": "full"}}

_TRANSFERS = {"gamma22": "bt470m", "gamma28": "bt470bg"}
"""Names of x264 and x265 alike, where they are not FFmpeg's."""


def tags(facts: VideoFacts, encoder: Literal["x264", "x265"]) -> tuple[list[str], tuple[str, ...]]:
    """Options that give an encode the colour tags of the video, and a note where they are not known.

    The sample aspect ratio needs none: it is in the head of the pipe.
    """
    if facts.info is None:
        return [], UNKNOWN
    info = facts.info
    told = {
        "--range": _RANGES[encoder].get("limited" if _converted(info) else info.color_range),
        "--colorprim": info.color_primaries,
        "--transfer": _TRANSFERS.get(info.color_transfer, info.color_transfer),
        "--colormatrix": _matrix(info),
    }
    known = {option: value for option, value in told.items() if value and value != "unspecified"}
    return [word for option in known.items() for word in option], ()


def svt_tags(facts: VideoFacts) -> tuple[list[str], tuple[str, ...]]:
    """The same for SVT-AV1's program, which takes the codes of ITU-T H.273."""
    if facts.info is None:
        return [], UNKNOWN
    info = facts.info
    told = {
        "--color-range": {"limited": 0, "full": 1}.get("limited" if _converted(info) else info.color_range),
        "--color-primaries": _code(PRIMARIES, info.color_primaries),
        "--transfer-characteristics": _code(TRANSFERS, info.color_transfer),
        "--matrix-coefficients": _code(MATRICES, _matrix(info)),
    }
    return [str(word) for option in told.items() if option[1] is not None for word in option], ()


def _code(names: dict[int, str], name: str) -> int | None:
    return next((code for code, known in names.items() if known == name != "unspecified"), None)


def scaling(facts: VideoFacts) -> str:
    """The filter without which ffmpeg changes more than it must; empty where nothing is to be said.

    Full range is squeezed by 5.1.9, though not by 9.0.2; of RGB both make BT.601 whatever the size, which in
    HD is 17 codes off.
    """
    info = facts.info
    if info is None:
        return ""
    if _converted(info):
        matrix = "bt709" if _matrix(info) == "bt709" else "bt601"
        return f"scale=out_range=limited:out_color_matrix={matrix}"
    return "scale=in_range=full:out_range=full" if info.color_range == "full" else ""


def depth_notes(facts: VideoFacts) -> tuple[str, ...]:
    """A note where 8 bits are fewer than the video has."""
    if facts.info is None or facts.info.bit_depth <= 8:
        return ()
    return (
        f"the video has {facts.info.bit_depth} bits a sample and this encode 8; JNDScope's own (jnd encode) "
        "does not cut them to 8.",
    )


def _converted(info: VideoInfo) -> bool:
    """It has no YCbCr of its own."""
    return info.chroma in ("RGB", "4:0:0")


def _matrix(info: VideoInfo) -> str:
    """FFmpeg's name of the encode's matrix, as `jndcore.media.encode_video` chooses it."""
    if not _converted(info):
        return info.color_matrix
    return "bt709" if info.height >= 720 else "bt470bg"
