"""The part of a data set that one network learns from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Part:
    """Pictures by number, and where work on them is kept.

    Attributes
    ----------
    name : str
        Of the run and the part, for files and the log.
    learn : ndarray of int64
        Pictures to learn from.
    held : ndarray of int64
        Pictures to choose the best epoch by.
    work : Path
        A folder that is there.
    """

    name: str
    learn: NDArray[np.int64]
    held: NDArray[np.int64]
    work: Path
