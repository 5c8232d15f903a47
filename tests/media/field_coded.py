"""A field-coded H.264 stream written bit by bit: encoders at hand code interlaced pictures as frames only.

Every macroblock is I_PCM, so the samples stand in the stream as they are (ITU-T H.264, 7.3).
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT = 32, 32
IDR_EVERY = 5


class Bits:
    """Fixed-length codes and Exp-Golomb codes, most significant bit first."""

    def __init__(self) -> None:
        self.bits = ""

    def u(self, width: int, value: int) -> Bits:
        self.bits += format(value, f"0{width}b")
        return self

    def ue(self, *values: int) -> Bits:
        for value in values:
            code = format(value + 1, "b")
            self.bits += "0" * (len(code) - 1) + code
        return self

    def align(self) -> Bits:
        self.bits += "0" * (-len(self.bits) % 8)
        return self

    def raw(self, data: bytes) -> Bits:
        self.bits += "".join(format(byte, "08b") for byte in data)
        return self

    def nal(self, header: int) -> bytes:
        """With stop bit, emulation prevention and start code."""
        self.bits += "1"
        payload = int(self.align().bits, 2).to_bytes(len(self.bits) // 8, "big")
        escaped = bytearray()
        for byte in payload:
            if escaped[-2:] == b"\0\0" and byte <= 3:
                escaped.append(3)
            escaped.append(byte)
        return b"\0\0\0\1" + bytes([header]) + bytes(escaped)


def parameter_sets() -> bytes:
    sps = Bits().u(8, 77).u(8, 0).u(8, 30).ue(0, 0, 0, 4, 1).u(1, 0)
    sps.ue(WIDTH // 16 - 1, HEIGHT // 32 - 1).u(1, 0).u(1, 0).u(1, 1).u(1, 0).u(1, 0)
    pps = Bits().ue(0, 0).u(2, 0).ue(0, 0, 0).u(3, 0).ue(0, 0, 0).u(1, 1).u(2, 0)
    return sps.nal(0x67) + pps.nal(0x68)


def field(frame: int, bottom: int, luma: np.ndarray) -> bytes:
    """One field as an access unit; `luma` has the field's lines, chroma is gray."""
    idr = frame % IDR_EVERY == 0 and not bottom
    header = Bits().ue(0, 7, 0).u(4, frame % IDR_EVERY).u(1, 1).u(1, bottom)
    if idr:
        header.ue(frame // IDR_EVERY % 2)
    header.u(8, 2 * (frame % IDR_EVERY) + bottom)
    header.u(2 if idr else 1, 0).ue(0, 1)
    for x in range(0, WIDTH, 16):
        header.ue(25).align().raw(luma[:, x : x + 16].tobytes() + bytes([128]) * 128)
    return (parameter_sets() if idr else b"") + header.nal(0x65 if idr else 0x61)


def picture(frame: int) -> np.ndarray:
    """Luma of a frame, shape (HEIGHT, WIDTH); unlike in every frame and every line."""
    return (16 + (np.arange(HEIGHT)[:, None] * 5 + np.arange(WIDTH) * 3 + frame * 7) % 200).astype(np.uint8)


def write(path: Path, frames: int) -> Path:
    """A video of 25 frames a second with two packets a frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = WIDTH, HEIGHT
        stream.codec_context.extradata = parameter_sets()
        for n in range(2 * frames):
            frame, bottom = divmod(n, 2)
            packet = av.Packet(field(frame, bottom, picture(frame)[bottom::2]))
            packet.pts = packet.dts = n
            packet.time_base = Fraction(1, 50)
            packet.is_keyframe = frame % IDR_EVERY == 0 and not bottom
            packet.stream = stream
            container.mux(packet)
    return path
