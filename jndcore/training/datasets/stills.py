"""Pictures in files: a still, and the same at the quality of each JND."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from jndcore.errors import JNDError
from jndcore.training.datasets.base import Bgr

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")


@dataclass(frozen=True)
class Still:
    """A `Source` of one picture.

    Attributes
    ----------
    path : Path
        The picture, uncompressed or nearly.
    coded : tuple of Path or None
        The same at the quality of JND 1 to 3; None where there is none.
    folders : tuple of str
        Folders that `coded` would lie in, told where a picture has its label but not the file; empty where
        what lacks is the label.
    """

    path: Path
    coded: tuple[Path | None, Path | None, Path | None]
    folders: tuple[str, ...] = ()

    @property
    def video(self) -> None:
        """None: there is none; see `Source.video`."""
        return None

    def frames(self, count: int) -> list[Bgr]:
        """The picture alone, whatever `count`."""
        return [read_image(self.path)]

    def at_jnd(self, level: int, count: int) -> list[Bgr]:
        """The picture at JND `level`; see `Source.at_jnd`."""
        path = coded_path(self.path, self.coded, level, self.folders)
        source, coded = read_image(self.path), read_image(path)
        if coded.shape != source.shape:
            raise JNDError(
                f"{path}: is {coded.shape[1]}x{coded.shape[0]}, but {self.path} is "
                f"{source.shape[1]}x{source.shape[0]}; make both the same size."
            )
        return [coded]


def read_image(path: Path) -> Bgr:
    """A picture of any format that OpenCV reads, shape (H, W, 3), blue first.

    Raises
    ------
    JNDError
        Where the file is missing or no picture.
    """
    try:
        data = np.fromfile(path, np.uint8)  # cv2.imread cannot open every name on Windows
    except OSError as error:
        raise JNDError(f"{path}: cannot be read ({error.strerror}); check the file.") from error
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if picture is None:
        raise JNDError(f"{path}: is no picture that can be read; copy or download it again.")
    return picture.astype(np.uint8, copy=False)


def coded_path(
    source: Path, coded: tuple[Path | None, ...], level: int, folders: tuple[str, ...] = ()
) -> Path:
    """The file at JND `level`, 1 to 3; `folders` as in `Still`.

    Raises
    ------
    JNDError
        Where there is none.
    """
    if not 1 <= level <= len(coded):
        raise ValueError(f"JND level {level}")
    path = coded[level - 1]
    if path is None and folders:
        raise JNDError(
            f"{source}: has no picture at JND{level} quality (the folder {folders[level - 1]} is missing); "
            "add that folder, or choose items that have one."
        )
    if path is None:
        raise JNDError(f"{source}: has no label of JND{level}; choose items that have one.")
    return path
