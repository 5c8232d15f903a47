"""The teacher: a network trained on VideoSet's observers that gives the first-JND SUR of an encode.

C3DVQA (Xu et al., "C3DVQA: full-reference video quality assessment with 3D convolutional neural network",
ICASSP 2020), with the weights of github Tencent/DVQA (BSD 3-clause) that were trained on VideoSet's first
JND at 720p. The weights are not part of JNDScope; the user names the file.
"""

from __future__ import annotations

import math
import pickle
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from jndcore.errors import JNDError

PATCH = 112
"""Side of what the network sees, luma pixels."""

STRIDES = (80, 160)
"""Between patches, in small pictures (up to `SMALL` pixels) and in large ones; the authors' is 80. Found by
trying: these give the labels of the clips again, with the grid of patches centred."""

SMALL = 640 * 360

FRAMES = 12
"""It sees so many frames, every second one of a clip."""

WANTED = "name the file dvqa_videoset_v3.pt of github Tencent/DVQA"

BATCH = 8
"""Patches for each pass: about 0.3 GB of memory."""


class _Resample(nn.Module):
    """One 5x5 kernel on space, without bias, stride 2: shrinks, or the transposed kind enlarges."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.conv1 = layer

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv1(x)
        return out


class _Features(nn.Module):
    """Two 3x3 stride-2 convolutions on space, from one channel to 16."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(1, 16, (1, 3, 3), (1, 2, 2), (0, 1, 1))
        self.conv2 = nn.Conv3d(16, 16, (1, 3, 3), (1, 2, 2), (0, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.conv2(F.leaky_relu(self.conv1(x))))


class _Sensitivity(nn.Module):
    """Four 3x3x3 convolutions from both kinds of features to one weight for each place and time."""

    def __init__(self) -> None:
        super().__init__()
        for i, (wide, narrow) in enumerate(((32, 64), (64, 64), (64, 32), (32, 1)), 1):
            self.add_module(f"conv{i}", nn.Conv3d(wide, narrow, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.children():
            x = F.leaky_relu(layer(x))
        return x


class Teacher(nn.Module):
    """C3DVQA; parts carry the names of the published state dictionary.

    Parameters
    ----------
    half : bool
        Convolve in bf16: twice as fast where that is native, the SUR of a clip then differs by about 0.1.

    Attributes
    ----------
    bf16 : bool
        Whether it does.
    """

    def __init__(self, *, half: bool = False) -> None:
        super().__init__()
        self.bf16 = half
        space = {"stride": (1, 2, 2), "padding": (0, 2, 2), "bias": False}
        self.conv1_1 = _Resample(nn.Conv3d(1, 1, (1, 5, 5), **space))  # type: ignore[arg-type]
        self.conv1_2 = _Resample(
            nn.ConvTranspose3d(1, 1, (1, 5, 5), output_padding=(0, 1, 1), **space)  # type: ignore[arg-type]
        )
        self.conv2_1, self.conv2_2, self.conv3 = _Features(), _Features(), _Sensitivity()
        self.fc1, self.fc2 = nn.Linear(1, 4), nn.Linear(4, 1)

    def forward(self, source: Tensor, encode: Tensor) -> Tensor:
        """SUR of patches in per cent, uncalibrated: it can pass 100.

        Parameters
        ----------
        source, encode : Tensor of float32, shape (N, 1, T, 112, 112)
            Luma / 255.

        Returns
        -------
        Tensor, shape (N,)
        """
        loudest = 2 * math.log(255)
        error = (loudest - torch.log(torch.square(255 * (source - encode)) + 1)) / loudest
        down, up = self.conv1_1, self.conv1_2
        blurred = up(up(up(down(down(down(encode))))))
        with torch.autocast(source.device.type, torch.bfloat16) if self.bf16 else nullcontext():
            weight = self.conv3(torch.cat([self.conv2_2(encode - blurred), self.conv2_1(error)], dim=1))
        seen = (down(down(error)) * weight.float())[..., 4:-4, 4:-4]
        pooled = seen.mean((1, 2, 3, 4)).unsqueeze(1)
        return F.leaky_relu(self.fc2(F.leaky_relu(self.fc1(pooled)))).squeeze(1)


def load_teacher(path: Path, *, half: bool = False) -> Teacher:
    """The teacher with its published weights.

    Parameters
    ----------
    path : Path
        ``dvqa_videoset_v3.pt`` of github Tencent/DVQA.
    half : bool
        See `Teacher`.

    Raises
    ------
    JNDError
        Where the file cannot be read or holds something else.
    """
    teacher = Teacher(half=half)
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
        teacher.load_state_dict(stored["model_state_dict"])
    except OSError as error:
        raise JNDError(f"{path}: cannot be read ({error.strerror}); {WANTED}.") from error
    except (RuntimeError, LookupError, TypeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise JNDError(f"{path}: holds no weights of the teacher; {WANTED}.") from error
    return teacher.eval()


@torch.inference_mode()
def clip_sur(teacher: Teacher, source: NDArray[np.uint8], encode: NDArray[np.uint8]) -> float:
    """SUR of an encoded clip in per cent: the mean over patches.

    Parameters
    ----------
    source, encode : ndarray of uint8, shape (T, H, W)
        Luma of the same frames, 23 or 24 of them; each side at least 112.
    """
    patches = [_patches(luma[::2][:FRAMES]) for luma in (source, encode)]
    told = [
        teacher(*(torch.from_numpy(p[i : i + BATCH]).float().div_(255)[:, None] for p in patches))
        for i in range(0, len(patches[0]), BATCH)
    ]
    return float(torch.cat(told).mean())


def _patches(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = luma.shape[1:]
    stride = STRIDES[height * width > SMALL]
    rows, columns = (_starts(side, stride) for side in (height, width))
    return np.stack([luma[:, y : y + PATCH, x : x + PATCH] for y in rows for x in columns])


def _starts(side: int, stride: int) -> range:
    """Where patches start along a side; what is left over lies at both ends."""
    return range((side - PATCH) % stride // 2, side - PATCH + 1, stride)
