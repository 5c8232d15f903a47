import av
import pytest

from jndcore.media import Frame
from jndcore.media.cache import FrameCache


def frame(pts: int, width: int = 64) -> Frame:
    return Frame(av.VideoFrame(width, 64, "gray"), number=pts, pts=pts, time=0.0, key=False)


def test_bytes_stay_within_the_capacity() -> None:
    cache = FrameCache(10 * frame(0).nbytes)
    for pts in range(100):
        cache.put(frame(pts, width=64 + pts))
        assert cache.nbytes <= cache.capacity
    assert 1 < len(cache) < 10


def test_the_frame_used_longest_ago_leaves_first() -> None:
    cache = FrameCache(3 * frame(0).nbytes)
    held = [frame(pts) for pts in range(3)]
    for one in held:
        cache.put(one)
    assert cache.get(0) is held[0]
    cache.put(frame(3))
    assert cache.get(1) is None
    assert cache.get(0) is held[0]
    assert cache.get(2) is held[2]


def test_a_frame_put_twice_counts_once() -> None:
    cache = FrameCache(10 * frame(0).nbytes)
    cache.put(frame(5))
    again = frame(5)
    cache.put(again)
    assert cache.nbytes == again.nbytes
    assert cache.get(5) is again


@pytest.mark.parametrize("capacity", [0, 1])
def test_one_frame_is_kept_however_large(capacity: int) -> None:
    cache = FrameCache(capacity)
    cache.put(frame(0))
    large = frame(1)
    cache.put(large)
    assert cache.get(1) is large
    assert len(cache) == 1


def test_clearing() -> None:
    cache = FrameCache(1 << 20)
    cache.put(frame(0))
    cache.clear()
    assert (len(cache), cache.nbytes, cache.get(0)) == (0, 0, None)
