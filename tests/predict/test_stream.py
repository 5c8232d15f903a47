import math
import threading
from itertools import pairwise
from pathlib import Path

import av
import field_coded
import numpy as np
import pytest
import torch

from jndcore.errors import JNDError
from jndcore.media import Reader, open_video
from jndcore.models.base import JNDModel, Pixels
from jndcore.predict import Finished, Progress, analyse
from jndcore.predict.predictor import Predictor
from jndcore.results import Analysis


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor(device="cpu", batch=4)


def run(path: Path, predictor: Predictor, **options: int) -> tuple[Analysis, list[Progress]]:
    with open_video(path) as reader:
        *progress, last = analyse(reader, predictor, **options)
    assert isinstance(last, Finished)
    return last.analysis, progress


def look(reader: Reader, model: JNDModel) -> list[np.ndarray]:
    """All frames as the model sees them: key frames beside the next, others beside the one before too."""
    frames = list(reader.frames())
    prepared = [model.prepare(frame) for frame in frames]
    places = [[n + 1] if frame.key else [n - 1, n + 1] for n, frame in enumerate(frames)]
    return [
        model.beside(prepared[n], [prepared[m] for m in beside if 0 <= m < len(frames)])
        for n, beside in enumerate(places)
    ]


def test_each_frame_gets_what_the_network_says_of_it_alone(clip: Path, predictor: Predictor) -> None:
    analysis, _ = run(clip, predictor)
    np.testing.assert_array_equal(analysis.frame, np.arange(60))
    np.testing.assert_allclose(analysis.time, np.arange(60) / 25, atol=1e-6)
    assert (np.diff(analysis.prediction.qp, axis=1) >= 0).all()
    with open_video(clip) as reader:
        seen = look(reader, predictor.model)
        for n in (0, 13, 59):
            alone = predictor.predict(seen[n][None])
            np.testing.assert_allclose(analysis.prediction.qp[n], alone.qp[0], atol=1e-3)
            np.testing.assert_allclose(analysis.prediction.err[n], alone.err[0], atol=1e-3)


@pytest.mark.parametrize("playhead", [0, 17, 20, 41, 59])
def test_the_order_of_work_does_not_change_the_analysis(
    clip: Path, predictor: Predictor, playhead: int
) -> None:
    plain, _ = run(clip, predictor)
    wrapped, _ = run(clip, predictor, playhead=playhead, key_frames_first=True)
    np.testing.assert_array_equal(wrapped.frame, plain.frame)
    np.testing.assert_allclose(wrapped.prediction.qp, plain.prediction.qp, atol=1e-3)
    assert [(s.start, s.stop) for s in wrapped.shots] == [(0, 20), (20, 40), (40, 60)]
    np.testing.assert_array_equal(wrapped.shot, np.repeat([0, 1, 2], 20))


def test_a_shot_has_the_models_own_pooling(clip: Path, predictor: Predictor) -> None:
    analysis, _ = run(clip, predictor)
    for shot in analysis.shots:
        pooled = predictor.model.pool(analysis.prediction.take(slice(shot.start, shot.stop)))
        np.testing.assert_allclose(shot.prediction.qp, pooled.qp)


def test_key_frames_come_first_then_the_playheads_gop(clip: Path, predictor: Predictor) -> None:
    _, progress = run(clip, predictor, playhead=30, key_frames_first=True)
    sketch = [p for p in progress if p.stage == "key frames"]
    assert np.concatenate([p.frame for p in sketch]).tolist() == [0, 12, 24, 36, 48]
    rest = np.concatenate([p.frame for p in progress if p.stage == "all frames"])
    assert rest[0] == 25  # 24 is a key frame, and known
    assert sorted([*rest, 0, 12, 24, 36, 48]) == list(range(60))


def test_progress_rises_to_the_total_and_knows_the_time_left(clip: Path, predictor: Predictor) -> None:
    _, progress = run(clip, predictor, playhead=30)
    done = [p.done for p in progress]
    assert all(a <= b for a, b in pairwise(done))
    assert done[-1] == progress[-1].total == 60
    assert progress[-1].seconds_left == 0
    assert all(p.seconds_left is not None and p.fps > 0 for p in progress)


def test_a_shot_is_told_once_both_its_ends_are_known(clip: Path, predictor: Predictor) -> None:
    _, progress = run(clip, predictor)
    told = [[(s.start, s.stop) for s in p.shots] for p in progress if p.shots is not None]
    assert told[0] == [(0, 20)]
    assert told[-1] == [(0, 20), (20, 40), (40, 60)]


def test_every_nth_frame_of_a_range(clip: Path, predictor: Predictor) -> None:
    everything, _ = run(clip, predictor)
    some, progress = run(clip, predictor, every=7, start=5, stop=50)
    np.testing.assert_array_equal(some.frame, np.arange(5, 50, 7))
    np.testing.assert_allclose(some.prediction.qp, everything.prediction.qp[5:50:7], atol=1e-3)
    np.testing.assert_array_equal(some.pts, everything.pts[5:50:7])
    assert [(s.start, s.stop) for s in some.shots] == [(5, 20), (20, 40), (40, 50)]
    assert progress[-1].total == progress[-1].done == 7


@pytest.mark.parametrize("options", [{"start": 60}, {"start": 30, "stop": 30}, {"every": 0}])
def test_an_empty_range_is_one_sentence(clip: Path, predictor: Predictor, options: dict[str, int]) -> None:
    with pytest.raises(JNDError, match=r"clip\.mp4: frames .* choose"):
        run(clip, predictor, **options)


@pytest.mark.parametrize("playhead", [0, 25])
def test_an_index_corrected_on_the_way_loses_no_frame(
    tmp_path: Path, predictor: Predictor, playhead: int
) -> None:
    path = field_coded.write(tmp_path / "fields.nut", frames=40)  # two packets make a frame
    with av.open(str(path)) as video:
        pictures = sum(1 for _ in video.decode(video=0))
    analysis, progress = run(path, predictor, playhead=playhead, key_frames_first=True)
    assert pictures == 40
    np.testing.assert_array_equal(analysis.frame, np.arange(pictures))
    assert (np.diff(analysis.pts) > 0).all()
    assert any("corrected" in text for text in progress[-1].warnings)
    with open_video(path) as reader:
        seen = look(reader, predictor.model)
    np.testing.assert_allclose(analysis.prediction.qp, predictor.predict(np.stack(seen)).qp, atol=1e-3)


class Crossing(JNDModel):
    """Says JND1 30, JND2 as bright as the picture is, and nothing of JND3, of doubts or of spreads."""

    sur_sd = (math.nan,) * 3
    shown = ()

    def prepare(self, picture: Pixels) -> np.ndarray:
        return picture.luma()[None]

    def predict(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        qp = torch.full((len(x), 3), math.nan)
        qp[:, 0], qp[:, 1] = 30, x.float().mean((1, 2, 3)) / 4
        return qp, torch.full_like(qp, math.nan)


def test_levels_that_cross_stay_as_they_are_and_are_flagged_once(clip: Path) -> None:
    analysis, _ = run(clip, Predictor(Crossing(), device="cpu"))
    with open_video(clip) as reader:
        bright = np.array([frame.luma().mean() / 4 for frame in reader.frames()])
    crossed = int((bright < 30).sum())
    assert 0 < crossed < 60
    assert analysis.warnings == (f"levels cross at {crossed} of 60 frames; untrained does not order them.",)
    np.testing.assert_allclose(analysis.prediction.qp[:, 1], bright, rtol=1e-5)
    np.testing.assert_array_equal(analysis.frame, np.arange(60))


@pytest.mark.parametrize("told", [0, 1, 2])
def test_a_frame_is_known_whichever_level_is_told(clip: Path, told: int) -> None:
    model = Crossing()
    model.predict = lambda x: (  # type: ignore[method-assign]
        torch.where(torch.arange(3) == told, 25.0, math.nan).repeat(len(x), 1),
        torch.full((len(x), 3), math.nan),
    )
    analysis, _ = run(clip, Predictor(model, device="cpu"))
    assert len(analysis) == 60
    assert analysis.warnings == ()
    assert [shot.prediction.qp[0, told] for shot in analysis.shots] == [25.0] * 3


def test_giving_up_in_the_middle_leaves_no_thread(clip: Path, predictor: Predictor) -> None:
    before = set(threading.enumerate())
    with open_video(clip) as reader:
        events = analyse(reader, predictor)
        next(events)
        events.close()
    assert set(threading.enumerate()) <= before
