import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from jndcore.media import Picture, Planes, open_video
from jndcore.media.colour import matrix_for
from jndcore.predict import (
    Cancelled,
    Event,
    Failed,
    Finished,
    InferenceChild,
    Loaded,
    NotRebuilt,
    Progress,
    Rebuilt,
)
from jndcore.predict.predictor import Predictor


@pytest.fixture
def child() -> Iterator[InferenceChild]:
    child = InferenceChild(device="cpu")
    yield child
    child.close()


def wait_for(child: InferenceChild, kind: type, seconds: float = 60) -> tuple[list[Event], Event]:
    """All events up to the first of `kind`, and that one."""
    seen: list[Event] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        event = child.poll(0.2)
        if isinstance(event, kind):
            return seen, event
        if event is not None:
            seen.append(event)
    raise AssertionError(f"no {kind.__name__} in {seconds} s, only {seen}")


def test_the_child_gives_the_same_analysis_as_the_library(child: InferenceChild, clip: Path) -> None:
    child.analyse(clip, playhead=30)
    before, event = wait_for(child, Finished)
    assert isinstance(before[0], Loaded)
    assert before[0].device.startswith("CPU")
    assert (before[0].levels, before[0].shown, before[0].detail) == ((1, 2, 3), (1, 2, 3), None)
    assert any(isinstance(e, Progress) and e.stage == "key frames" for e in before)
    with open_video(clip) as reader:
        from jndcore.predict import analyse

        *_, expected = analyse(reader, Predictor(device="cpu"))
    np.testing.assert_allclose(event.analysis.prediction.qp, expected.analysis.prediction.qp, atol=1e-3)
    assert event.analysis.model_sha256 == expected.analysis.model_sha256 != ""


def test_frames_are_rebuilt_while_an_analysis_runs(child: InferenceChild, clip: Path) -> None:
    with open_video(clip) as reader:
        picture = reader.read(3).picture([reader.read(2), reader.read(4)])
    wait_for(child, Loaded)
    child.analyse(clip)
    child.rebuild(3, picture, 2)
    _, rebuilt = wait_for(child, Rebuilt)
    assert (rebuilt.frame, rebuilt.level) == (3, 2)
    expected, qp = Predictor(device="cpu").rebuild(picture, 2)
    assert rebuilt.qp == pytest.approx(qp, abs=1e-3)
    assert np.abs(rebuilt.picture.planes.y.astype(int) - expected.planes.y).max() <= 1
    child.rebuild(3, picture, 2, 41.5)
    assert wait_for(child, Rebuilt)[1].qp == 41.5
    wait_for(child, Finished)


def test_a_frame_that_cannot_be_rebuilt_ends_no_analysis(child: InferenceChild, clip: Path) -> None:
    with open_video(clip) as reader:
        picture = reader.read(3).picture([])
    wait_for(child, Loaded)
    child.analyse(clip)
    wide = Planes(*(np.zeros(shape, np.uint8) for shape in ((2, 20000), (1, 10000), (1, 10000))))
    child.rebuild(3, replace(picture, planes=wide), 2)
    _, event = wait_for(child, NotRebuilt)
    assert (event.frame, event.level) == (3, 2)
    assert event.text.startswith("A frame of 20000x2 cannot be rebuilt")
    assert event.details == ""
    wait_for(child, Finished)


def test_rebuilding_makes_way_for_what_is_asked_for_next(child: InferenceChild, clip: Path) -> None:
    with open_video(clip) as reader:
        picture = reader.read(3).picture([])
    large = Planes(*(np.tile(plane, (6, 6)) for plane in (getattr(picture.planes, name) for name in "yuv")))
    wait_for(child, Loaded)
    child.rebuild(3, replace(picture, planes=large), 2, 30.0)
    child.cancel()
    seen, _ = wait_for(child, Cancelled)
    assert seen == []
    assert wait_for(child, Rebuilt)[1].level == 2  # it was begun anew
    child.rebuild(3, replace(picture, planes=large), 2, 30.0)
    child.rebuild(4, picture, 1, 30.0)
    assert wait_for(child, Rebuilt)[1].frame == 4
    child.rebuild(5, picture, 1, 30.0)
    assert wait_for(child, Rebuilt)[1].frame == 5  # frame 3 was dropped


def test_a_frame_of_the_video_before_is_not_shown(child: InferenceChild, clip: Path) -> None:
    with open_video(clip) as reader:
        picture = reader.read(3).picture([])
    wait_for(child, Loaded)
    child.rebuild(3, picture, 2, 30.0)
    deadline = time.monotonic() + 60
    while not child._connection.poll(0.1):
        assert time.monotonic() < deadline
    child.analyse(clip)
    seen, _ = wait_for(child, Finished)
    assert not [event for event in seen if isinstance(event, Rebuilt)]


def test_requests_never_wait_for_events_to_be_read(child: InferenceChild) -> None:
    wait_for(child, Loaded)
    noise = np.random.default_rng(1).integers(16, 235, (720, 1280), dtype=np.uint8)
    planes = Planes(noise, noise[::2, ::2].copy(), noise[1::2, 1::2].copy())
    picture = Picture(planes, matrix_for(1, 720))
    sending = threading.Thread(target=lambda: [child.rebuild(n, picture, 1) for n in range(6)], daemon=True)
    sending.start()
    sending.join(30)
    assert not sending.is_alive()  # larger than any pipe, and nobody has polled
    frames = []
    while not frames or frames[-1] != 5:
        frames.append(wait_for(child, Rebuilt)[1].frame)
    assert frames == sorted(set(frames))


def test_cancel_is_answered_and_the_child_goes_on_serving(
    child: InferenceChild, make_clip: Callable[..., Path]
) -> None:
    wait_for(child, Loaded)
    child.analyse(make_clip("first.mp4"))
    child.cancel()
    seen, _ = wait_for(child, Cancelled)
    assert not any(isinstance(event, Finished) for event in seen)
    child.analyse(make_clip("second.mp4"))
    _, event = wait_for(child, Finished)
    assert event.analysis.video.name == "second.mp4"


def test_a_new_video_silences_the_one_before(child: InferenceChild, make_clip: Callable[..., Path]) -> None:
    first, second = make_clip("first.mp4", 640, 368), make_clip("second.mp4")
    wait_for(child, Loaded)
    child.analyse(first)
    wait_for(child, Progress)
    child.analyse(second)
    seen, event = wait_for(child, Finished)
    assert event.analysis.video.name == "second.mp4"
    assert max(e.frame.max() for e in seen if isinstance(e, Progress) and len(e.frame)) < 60


def test_a_bad_file_fails_with_a_sentence_and_the_child_lives(
    child: InferenceChild, clip: Path, tmp_path: Path
) -> None:
    child.analyse(tmp_path / "missing.mp4")
    _, event = wait_for(child, Failed)
    assert "missing.mp4" in event.text
    assert "Traceback" in event.details
    child.analyse(clip)
    wait_for(child, Finished)


def test_a_device_that_is_not_there_fails_with_a_sentence() -> None:
    child = InferenceChild(device="tpu")
    _, event = wait_for(child, Failed)
    assert event.text.startswith("tpu: no such device")
    assert [child.poll(0.2) for _ in range(5)] == [None] * 5  # said once
    child.close()


def test_a_network_without_weights_fails_with_a_sentence() -> None:
    child = InferenceChild("LAT", "cpu")
    _, event = wait_for(child, Failed)
    assert event.text.startswith("LAT: no weights are here for it")
    child.close()


def test_a_child_that_dies_is_noticed_once(child: InferenceChild, clip: Path) -> None:
    wait_for(child, Loaded)
    next(p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())).kill()
    _, event = wait_for(child, Failed)
    assert "ended unexpectedly" in event.text
    assert child.poll(0.1) is None
    child.analyse(clip)  # no error: there is nobody to ask


def test_closing_leaves_no_process_even_while_the_model_loads() -> None:
    child = InferenceChild()
    child.close()
    child.close()
    assert not [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]


def test_the_parent_never_imports_torch() -> None:
    code = "import sys, jndcore.predict; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
