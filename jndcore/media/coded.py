"""Pictures as an encoder takes them: the source's own samples, unturned, at their own depth."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import av
import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from jndcore.media.colour import matrix_for
from jndcore.media.errors import MediaError

_KEPT = re.compile(r"yuvj?4(20|22|44)p(10le|12le)?$")
"""YCbCr in planes, which encoders take as it is."""

_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT

_NOT_CARRIED = {
    Type.MASTERING_DISPLAY_METADATA: "HDR's mastering data",
    Type.CONTENT_LIGHT_LEVEL: "HDR's light levels",
    Type.DYNAMIC_HDR_PLUS: "HDR10+ data",
    Type.DOVI_METADATA: "Dolby Vision data",
}


@dataclass(frozen=True)
class CodedFormat:
    """The pictures that an encoder is given for one source.

    Attributes
    ----------
    pix_fmt : str
        FFmpeg's name.
    width, height : int
        As coded, before rotation.
    color_range, colorspace, color_primaries, color_trc : int
        Codes of ITU-T H.273; of the range, FFmpeg's.
    display_matrix : tuple of int or None
        FFmpeg's nine numbers of a rotation.
    warnings : tuple of str
        What of the source the pictures do not keep.
    """

    pix_fmt: str
    width: int
    height: int
    color_range: int
    colorspace: int
    color_primaries: int
    color_trc: int
    display_matrix: tuple[int, ...] | None
    warnings: tuple[str, ...]
    _reformatter: VideoReformatter = field(default_factory=VideoReformatter, repr=False, compare=False)

    @property
    def bits(self) -> int:
        """Bits a sample."""
        return av.VideoFormat(self.pix_fmt).components[0].bits

    @classmethod
    def of(cls, first: av.VideoFrame, encoder: str) -> CodedFormat:
        """What keeps most of a source whose first picture is `first`.

        Raises
        ------
        MediaError
            Where the chroma of that format needs an even size and the source's is odd.
        """
        pix_fmt = _pix_fmt(first, {f.name for f in av.codec.Codec(encoder, "w").video_formats or ()})
        _check_size(first, pix_fmt, encoder)
        return cls._named(pix_fmt, first)

    @classmethod
    def like(cls, first: av.VideoFrame) -> CodedFormat:
        """That of an encode whose first picture is `first`, by a name that says nothing of its range."""
        return cls._named(first.format.name.replace("yuvj", "yuv"), first)

    @classmethod
    def _named(cls, pix_fmt: str, first: av.VideoFrame) -> CodedFormat:
        if _has_matrix(first):
            color_range = ColorRange.JPEG if _is_full(first) else first.color_range
            colorspace = int(first.colorspace)
        else:
            color_range, colorspace = ColorRange.MPEG, int(matrix_for(int(first.colorspace), first.height))
        return cls(
            pix_fmt,
            first.width,
            first.height,
            int(color_range),
            colorspace,
            int(first.color_primaries),
            int(first.color_trc),
            _display_matrix(first),
            tuple(_losses(first, pix_fmt)),
        )

    def convert(self, picture: av.VideoFrame) -> av.VideoFrame:
        """`picture` in this format, itself where it is that already, of no frame type."""
        if picture.format.name != self.pix_fmt:
            matrix = matrix_for(int(picture.colorspace), picture.height)
            made = self._reformatter.reformat(
                picture,
                format=self.pix_fmt,
                src_colorspace=matrix,
                dst_colorspace=matrix,
                src_color_range=ColorRange.JPEG if _is_full(picture) else ColorRange.MPEG,
                dst_color_range=ColorRange.JPEG if self.color_range == ColorRange.JPEG else ColorRange.MPEG,
                interpolation=_EXACT,
                threads=1,
            )
        else:
            made = picture
        made.pict_type = 0  # encoders take a decoder's frame type for an order
        return made


def _pix_fmt(first: av.VideoFrame, taken: set[str]) -> str:
    name = first.format.name
    if _KEPT.match(name):
        if name in taken:
            return name
        if name.startswith("yuvj") and name.replace("j", "") in taken:
            return name.replace("j", "")
    return "yuv420p10le" if first.format.components[0].bits > 8 else "yuv420p"


def _check_size(first: av.VideoFrame, pix_fmt: str, encoder: str) -> None:
    odd = first.width % 2 and "444" not in pix_fmt, first.height % 2 and "420" in pix_fmt
    if any(odd):
        raise MediaError(
            f"{encoder} cannot encode {first.width}x{first.height} in {pix_fmt}; "
            "crop or scale the video to an even size first."
        )


def _has_matrix(picture: av.VideoFrame) -> bool:
    """YCbCr, of whatever depth; not RGB, and not gray, whose range is read as `Frame.luma` reads it."""
    return not picture.format.is_rgb and not picture.format.has_palette and len(picture.format.components) > 2


def _is_full(picture: av.VideoFrame) -> bool:
    if picture.format.name.startswith("gray"):  # as FFmpeg takes it where it says nothing
        return int(picture.color_range) != ColorRange.MPEG
    return (
        picture.format.name.startswith("yuvj")
        or picture.format.is_rgb
        or int(picture.color_range) == ColorRange.JPEG
    )


def _display_matrix(picture: av.VideoFrame) -> tuple[int, ...] | None:
    found = picture.side_data.get(Type.DISPLAYMATRIX)  # type: ignore[call-overload]
    return None if found is None else tuple(np.frombuffer(bytes(found), np.int32).tolist())


def _losses(first: av.VideoFrame, pix_fmt: str) -> list[str]:
    said = []
    if first.format.name not in (pix_fmt, pix_fmt.replace("yuv", "yuvj")):
        said.append(f"The encoder does not take {first.format.name}: pictures are converted to {pix_fmt}.")
    if first.interlaced_frame:
        said.append(
            "The video is interlaced; it is encoded as whole frames, which players do not deinterlace."
        )
    lost = [name for kind, name in _NOT_CARRIED.items() if kind in first.side_data]
    if lost:
        said.append(f"Not carried over: {', '.join(lost)}.")
    return said
