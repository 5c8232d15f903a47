import threading
import time
from pathlib import Path

import numpy as np

from jndcore.media import Picture, Planes
from jndcore.media.colour import matrix_for
from jndcore.predict.child import Analyse, Cancel, Rebuild
from jndcore.predict.inbox import Inbox

HALF = np.zeros((1, 1), np.uint8)
PICTURE = Picture(Planes(np.zeros((2, 2), np.uint8), HALF, HALF), matrix_for(0, 2))


def rebuild(frame: int) -> Rebuild:
    return Rebuild(frame, PICTURE, 1, None)


def frames(requests: list[object]) -> list[int]:
    return [request.frame for request in requests if isinstance(request, Rebuild)]


def test_of_each_kind_the_newest_is_kept_and_rebuilding_comes_last() -> None:
    inbox = Inbox()
    for request in (rebuild(1), Cancel(), rebuild(2), Cancel()):
        inbox.put(0, request)
    assert inbox.waits()
    video, requests = inbox.take(wait=True) or (-1, [])
    assert video == 0
    assert [type(request) for request in requests] == [Cancel, Rebuild]
    assert frames(requests) == [2]
    assert not inbox.waits()
    assert inbox.take(wait=False) == (0, [])


def test_another_video_makes_what_waits_void() -> None:
    inbox = Inbox()
    inbox.put(0, rebuild(1))
    inbox.put(1, Analyse(Path("b"), 0))
    inbox.put(0, rebuild(2))
    assert inbox.take(wait=True) == (1, [Analyse(Path("b"), 0)])


def test_what_is_put_back_is_served_unless_something_newer_came() -> None:
    inbox = Inbox()
    inbox.put_back(0, rebuild(1))
    inbox.put(0, Cancel())
    assert frames((inbox.take(wait=True) or (0, []))[1]) == [1]
    inbox.put(0, rebuild(2))
    inbox.put_back(0, rebuild(1))
    assert frames((inbox.take(wait=True) or (0, []))[1]) == [2]
    inbox.put(1, Cancel())
    inbox.put_back(0, rebuild(1))
    assert frames((inbox.take(wait=True) or (0, []))[1]) == []


def test_waiting_ends_with_a_request_and_with_the_end() -> None:
    inbox, took = Inbox(), list[object]()
    thread = threading.Thread(target=lambda: [took.append(inbox.take(wait=True)) for _ in range(2)])
    thread.start()
    time.sleep(0.05)
    assert took == []
    inbox.put(0, Cancel())
    while not took:
        time.sleep(0.01)
    inbox.end()
    thread.join()
    assert took == [(0, [Cancel()]), None]
    assert inbox.waits()
