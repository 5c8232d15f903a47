"""The part of a data set that one network learns from."""

from __future__ import annotations

import hashlib
import json
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

    def file(self, name: str, facts: object, *, of_run: bool = True) -> Path:
        """Where to keep what `facts` and the part's pictures decide; weights under another name fit no more.

        Parameters
        ----------
        facts : object
            JSON can write them.
        of_run : bool
            Of this run alone; else of every run into the same folder that agrees on the facts.
        """
        told = json.dumps(facts, sort_keys=True).encode()
        digest = hashlib.sha256(told + self.learn.tobytes() + b"|" + self.held.tobytes()).hexdigest()
        run = f"{self.name}-" if of_run else ""
        return self.work / f"{run}{name}-{digest[:16]}.safetensors"
