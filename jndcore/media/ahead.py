"""Decoding ahead: an iterator runs in a thread of its own while the consumer works."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from queue import Full, Queue
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")

_POLL = 0.05
"""Seconds between two looks at the stop flag while the queue is full."""


def decode_ahead(frames: Iterator[T], prepare: Callable[[T], U], depth: int) -> Generator[U]:
    """Yield ``prepare(frame)`` of every frame, worked out by a thread at most `depth` results ahead.

    The thread starts with the first ``next`` and ends with the generator: when `frames` is used up,
    when either callable raises, and when the generator is closed or dropped. It is joined each time, so
    no thread outlives its generator. Between the first ``next`` and that end, the thread alone may touch
    the reader behind `frames`.

    Parameters
    ----------
    frames : iterator
        Advanced in the thread.
    prepare : callable
        Called in the thread on each item.
    depth : int
        Results to hold at most, above 0; memory is bounded by this many plus the one in the making.

    Raises
    ------
    ValueError
        Where `depth` is below 1.
    BaseException
        Whatever `frames` or `prepare` raised, after the results before it.
    """
    if depth < 1:
        raise ValueError(f"decode_ahead takes a depth above 0, not {depth}")
    return _consume(frames, prepare, Queue(maxsize=depth))


class _End:
    """The last item of the queue: what ended the thread, None where the frames ran out."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def _consume(frames: Iterator[T], prepare: Callable[[T], U], queue: Queue[U | _End]) -> Generator[U]:
    stop = threading.Event()
    thread = threading.Thread(
        target=_produce, args=(frames, prepare, queue, stop), name="decode ahead", daemon=True
    )
    thread.start()
    try:
        while not isinstance(item := queue.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stop.set()
        thread.join()


def _produce(
    frames: Iterator[T], prepare: Callable[[T], U], queue: Queue[U | _End], stop: threading.Event
) -> None:
    end = _End(None)
    try:
        for frame in frames:
            if not _put(queue, prepare(frame), stop):
                return
    except BaseException as error:  # noqa: BLE001  (raised again in the consumer's thread)
        end = _End(error)
    _put(queue, end, stop)


def _put(queue: Queue[U | _End], item: U | _End, stop: threading.Event) -> bool:
    """Wait for room; False where the consumer has gone."""
    while not stop.is_set():
        try:
            queue.put(item, timeout=_POLL)
            return True
        except Full:
            continue
    return False
