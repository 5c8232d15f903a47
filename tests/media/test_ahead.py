import gc
import threading
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
import videos

from jndcore.media import decode_ahead, open_video


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_results_in_order() -> None:
    assert list(decode_ahead(iter(range(100)), lambda n: n * n, 4)) == [n * n for n in range(100)]


def test_work_is_done_in_another_thread() -> None:
    workers = set(decode_ahead(iter(range(5)), lambda _: threading.get_ident(), 2))
    assert len(workers) == 1
    assert threading.get_ident() not in workers


def test_never_further_ahead_than_asked() -> None:
    room = threading.Semaphore(0)
    done: list[int] = []

    def prepare(n: int) -> int:
        done.append(n)
        room.release()
        return n

    ahead = decode_ahead(count(), prepare, 3)
    assert next(ahead) == 0
    for _ in range(5):  # the one taken, three in the queue, one in the making
        assert room.acquire(timeout=10)
    assert not room.acquire(timeout=0.2)
    assert done == [0, 1, 2, 3, 4]
    ahead.close()


@pytest.mark.parametrize("taken", [0, 1, 7])
def test_closing_ends_the_thread(taken: int) -> None:
    ahead = decode_ahead(count(), str, 2)
    assert list(islice(ahead, taken)) == [str(n) for n in range(taken)]
    ahead.close()


def test_dropping_ends_the_thread() -> None:
    ahead = decode_ahead(count(), str, 2)
    next(ahead)
    del ahead
    gc.collect()


def test_leaving_a_loop_by_an_error_ends_the_thread() -> None:
    def consume() -> None:
        for text in decode_ahead(count(), str, 2):
            if text == "3":
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        consume()


def test_errors_come_after_the_results_before_them() -> None:
    ahead = decode_ahead(iter([1, 2, 0, 4]), lambda n: 12 // n, 1)
    assert [next(ahead), next(ahead)] == [12, 6]
    with pytest.raises(ZeroDivisionError):
        next(ahead)
    with pytest.raises(StopIteration):
        next(ahead)


def test_errors_of_the_source() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    ahead = decode_ahead(source(), str, 2)
    assert next(ahead) == "1"
    with pytest.raises(OSError, match="gone"):
        next(ahead)


def test_depth_below_one() -> None:
    with pytest.raises(ValueError, match="depth"):
        decode_ahead(iter([]), str, 0)


def test_frames_decoded_ahead_are_the_frames(tmp_path: Path) -> None:
    path = videos.encode(tmp_path / "v.mp4", options=videos.x264(), frames=30)
    with open_video(path) as reader:
        expected = [frame.luma() for frame in reader.frames()]
        ahead = list(decode_ahead(reader.frames(), lambda frame: frame.luma(), 4))
    assert all(np.array_equal(a, b) for a, b in zip(ahead, expected, strict=True))
