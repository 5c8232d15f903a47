"""Decoding, preparing and inference at once: frames in, batches with their predictions out, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jndcore.media import decode_ahead
from jndcore.predict.neighbours import View
from jndcore.results import Prediction

if TYPE_CHECKING:  # it imports torch
    from jndcore.predict.predictor import Predictor

LONGEST_WAIT = 64
"""At most so many frames are decoded before a batch goes on, even where few of them are analysed."""


@dataclass(frozen=True)
class Prepared:
    """A decoded frame as the stream needs it.

    `wanted` says that it is one of those to analyse, `picture` is None where it need not be (again),
    `small` where no shots are looked for.
    """

    number: int
    pts: int
    wanted: bool
    picture: NDArray[np.uint8] | None
    small: NDArray[np.uint8] | None


Batch = list[Prepared]


def predicted(
    seen: Iterable[View], prepare: Callable[[View], Prepared], predictor: Predictor
) -> Generator[tuple[Batch, Prediction]]:
    """Batches of frames in their order, each with a row for each of its pictures.

    One thread decodes and prepares ahead, `predictor.lanes` threads infer. All end with the generator.
    """
    ahead = decode_ahead(iter(seen), prepare, depth=2 * predictor.batch * predictor.lanes)
    waiting: deque[tuple[Batch, Future[Prediction]]] = deque()
    with closing(ahead), predictor.threads() as threads:
        for batch in _batches(ahead, predictor.batch):
            waiting.append((batch, threads.submit(_predict, predictor, batch)))
            if len(waiting) > predictor.lanes:
                yield _result(waiting)
        while waiting:
            yield _result(waiting)


def _batches(items: Iterator[Prepared], size: int) -> Iterator[Batch]:
    batch: Batch = []
    pictures = 0
    for item in items:
        batch.append(item)
        pictures += item.picture is not None
        if pictures == size or len(batch) == LONGEST_WAIT:
            yield batch
            batch, pictures = [], 0
    if batch:
        yield batch


def _predict(predictor: Predictor, batch: Batch) -> Prediction:
    pictures = [item.picture for item in batch if item.picture is not None]
    return predictor.predict(np.stack(pictures)) if pictures else Prediction.unknown(0)


def _result(waiting: deque[tuple[Batch, Future[Prediction]]]) -> tuple[Batch, Prediction]:
    batch, future = waiting.popleft()
    return batch, future.result()
