"""What is worth knowing of a video, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.format import clock, size

if TYPE_CHECKING:
    from jndcore.media import VideoInfo

FACTS = ("File", "Size", "Picture", "Frames", "Duration", "Codec", "Samples", "Colour")


def video_facts(info: VideoInfo) -> dict[str, str]:
    """Each of `FACTS` and what it is of this video."""
    rate = "variable" if info.variable_frame_rate else "constant"
    fps = f" · {float(info.fps):.4g} a second ({rate})" if info.fps else ""
    turned = f" · turned {info.rotation}°" if info.rotation else ""
    scan = "interlaced" if info.interlaced else "progressive"
    colours = (info.color_matrix, info.color_range, info.hdr or info.color_transfer)
    return {
        "File": info.identity.name,
        "Size": size(info.identity.size),
        "Picture": f"{info.width} × {info.height}{turned}",
        "Frames": f"{info.frames}{fps}",
        "Duration": clock(info.duration),
        "Codec": " · ".join(text for text in (info.codec, info.profile, _container(info)) if text),
        "Samples": f"{info.bit_depth} bit · {info.chroma} · {scan}",
        "Colour": " · ".join(dict.fromkeys(colours)),
    }


def _container(info: VideoInfo) -> str:
    """FFmpeg names a family of containers, such as ``mov,mp4,m4a``; the file's own ending picks one."""
    family = info.container.split(",")
    ending = info.path.suffix.lstrip(".").lower()
    return ending if ending in family else family[0]
