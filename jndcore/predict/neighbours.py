"""Frames with the ones beside them, which tell a network of motion.

A key frame is seen with the frame after it only, every other frame with the one before it too. So what is
said of a frame does not depend on where decoding began: at a key frame, what comes before is not at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jndcore.media import Frame, MediaError, Reader

if TYPE_CHECKING:  # it imports torch
    from jndcore.models.base import JNDModel


class Seen:
    """A frame that is made ready for the network once, and only if somebody asks.

    Attributes
    ----------
    frame : Frame
    """

    def __init__(self, frame: Frame, model: JNDModel) -> None:
        self.frame = frame
        self._model = model

    @cached_property
    def prepared(self) -> NDArray[np.uint8]:
        """As ``model.prepare`` makes it, shape (C, h, w)."""
        return self._model.prepare(self.frame)


class View:
    """A frame as the network looks at it.

    Attributes
    ----------
    frame : Frame

    Parameters
    ----------
    before, after : Seen or None
        Its neighbours in display order, as far as there are any.
    """

    def __init__(self, model: JNDModel, here: Seen, before: Seen | None, after: Seen | None) -> None:
        self.frame = here.frame
        self._model = model
        self._here = here
        beside = (None if here.frame.key else before, after) if model.motion else ()
        self._beside = [seen for seen in beside if seen is not None]

    def picture(self) -> NDArray[np.uint8]:
        """As `Predictor.predict` takes it, shape (D, h, w)."""
        return self._model.beside(self._here.prepared, [seen.prepared for seen in self._beside])


def first_needed(reader: Reader, start: int, model: JNDModel) -> int:
    """The frame at which decoding must begin for views from frame `start` on."""
    return start - 1 if model.motion and start > 0 and not reader.index.key[start] else start


def views(frames: Iterable[Frame], model: JNDModel, start: int, limit: float) -> Iterator[View]:
    """Views of `frames` that follow each other, from number `start` up to but not including pts `limit`.

    What `frames` holds before and after is seen as a neighbour only. One frame is decoded ahead.
    """
    before: Seen | None = None
    for here, after in pairwise(chain((Seen(frame, model) for frame in frames), [None])):
        assert here is not None
        if here.frame.pts >= limit:
            return
        if here.frame.number >= start:
            yield View(model, here, before, after)
        before = here


def views_at(stamps: Iterable[int], reader: Reader, model: JNDModel) -> Iterator[View]:
    """Views of key frames by their pts; left out are those that are not there after all, or damaged."""
    for pts in stamps:
        try:
            frames = reader.frames(reader.index.find(pts))
            here = next(frames, None)
            after = next(frames, None) if model.motion else None
        except (KeyError, IndexError, MediaError):
            continue
        if here is not None and here.pts == pts:  # else it could not be decoded, and a later one came
            yield View(model, Seen(here, model), None, Seen(after, model) if after is not None else None)
