"""Models that look at the frames beside a frame: which ones they get, whatever the order of work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import cv2
import field_coded
import numpy as np
import pytest
import torch
from torch import Tensor

from jndcore.media import MediaError, Reader, open_video
from jndcore.models.base import JNDModel, Pixels
from jndcore.models.scopenet import ScopeNet
from jndcore.predict import Finished, analyse
from jndcore.predict.neighbours import views_at
from jndcore.predict.predictor import Predictor
from jndcore.results import Analysis


class Change(JNDModel):
    """Answers a frame's mean luma, its mean change from its neighbours, and how many it was given."""

    motion = True

    def __init__(self) -> None:
        super().__init__()
        self.prepared: list[int] = []

    def prepare(self, picture: Pixels) -> np.ndarray:
        self.prepared.append(picture.number)
        return picture.luma()[None]

    def beside(self, prepared: np.ndarray, neighbours: Sequence[np.ndarray]) -> np.ndarray:
        change = np.mean([cv2.absdiff(prepared[0], n[0]) for n in neighbours] or [0 * prepared[0]], axis=0)
        count = np.full_like(prepared[0], len(neighbours))
        return np.stack([prepared[0], change.round().astype(np.uint8), count])

    def predict(self, x: Tensor) -> tuple[Tensor, Tensor]:
        qp = x.double().mean((2, 3)).float()
        return qp, torch.ones_like(qp)


class Motion(ScopeNet):
    """Answers how far the second picture that the default network sees is from still."""

    def predict(self, x: Tensor) -> tuple[Tensor, Tensor]:
        qp = (x[:, 1].double() - 128).abs().mean((1, 2))[:, None].repeat(1, 3)
        return qp, torch.ones_like(qp)


def run(path: Path, model: JNDModel, **options: int) -> Analysis:
    with open_video(path) as reader:
        *_, last = analyse(reader, Predictor(model, device="cpu", precision="fp32", batch=4), **options)
    assert isinstance(last, Finished)
    return last.analysis


def expected(reader: Reader, model: JNDModel, n: int) -> np.ndarray:
    """What the rule says of frame `n`, each frame read by itself."""
    beside = [m for m in ((n + 1,) if reader.index.key[n] else (n - 1, n + 1)) if 0 <= m < len(reader)]
    picture = model.beside(*(model.prepare(reader.read(n)), [model.prepare(reader.read(m)) for m in beside]))
    return Predictor(model, device="cpu", precision="fp32").predict(picture[None]).qp[0]


def all_expected(path: Path, model: JNDModel) -> np.ndarray:
    with open_video(path) as reader:
        for _ in reader.frames():  # its index is the truth then
            pass
        return np.array([expected(reader, model, n) for n in range(len(reader))])


@pytest.fixture
def truth(clip: Path) -> np.ndarray:
    return all_expected(clip, Change())


def test_key_frames_see_the_next_frame_and_the_others_both(clip: Path, truth: np.ndarray) -> None:
    analysis = run(clip, Change())
    np.testing.assert_allclose(analysis.prediction.qp, truth, rtol=1e-6)
    one = np.flatnonzero(analysis.prediction.qp[:, 2] == 1)
    assert one.tolist() == [0, 12, 24, 36, 48, 59]
    assert analysis.prediction.qp[20, 1] > 10  # the cut


@pytest.mark.parametrize("playhead", [0, 17, 24, 41, 59])
def test_the_order_of_work_does_not_change_what_is_seen(clip: Path, truth: np.ndarray, playhead: int) -> None:
    analysis = run(clip, Change(), playhead=playhead, key_frames_first=True)
    np.testing.assert_allclose(analysis.prediction.qp, truth, rtol=1e-6)
    assert [(shot.start, shot.stop) for shot in analysis.shots] == [(0, 20), (20, 40), (40, 60)]


def test_the_default_network_answers_the_same_in_any_order(clip: Path) -> None:
    torch.manual_seed(2)
    model = ScopeNet(motion=True)
    for weight in model.parameters():
        if weight.ndim > 1:
            torch.nn.init.kaiming_normal_(weight)
    plain, other = run(clip, model), run(clip, model, playhead=30, key_frames_first=True)
    assert plain.prediction.qp.std(0).min() > 0.01
    np.testing.assert_allclose(other.prediction.qp, plain.prediction.qp, atol=1e-3)
    with open_video(clip) as reader:
        for n in (0, 20, 59):
            np.testing.assert_allclose(plain.prediction.qp[n], expected(reader, model, n), atol=1e-3)
        still = model.beside(model.prepare(reader.read(20)), [])[None]
    moving = Predictor(model, device="cpu", precision="fp32").predict(still).qp[0] - plain.prediction.qp[20]
    assert np.abs(moving).max() > 0.01


@pytest.mark.parametrize(("start", "stop", "every"), [(5, 50, 7), (12, 24, 1), (13, 20, 1), (58, 60, 1)])
def test_a_range_sees_beyond_its_edges(
    clip: Path, truth: np.ndarray, start: int, stop: int, every: int
) -> None:
    for playhead in (0, 30):
        analysis = run(
            clip, Change(), start=start, stop=stop, every=every, playhead=playhead, key_frames_first=True
        )
        wanted = np.isin(analysis.frame, np.arange(start, stop, every))
        assert wanted.sum() == len(range(start, stop, every))
        assert analysis.frame.min() >= start
        assert analysis.frame.max() < stop
        np.testing.assert_allclose(analysis.prediction.qp, truth[analysis.frame], rtol=1e-6)
        assert (analysis.shots[0].start, analysis.shots[-1].stop) == (start, stop)


def test_only_what_is_seen_is_prepared_and_once(clip: Path) -> None:
    model = Change()
    run(clip, model, start=6, stop=50, every=6)
    seen = {m for n in range(6, 50, 6) for m in ((n, n + 1) if n % 12 == 0 else (n - 1, n, n + 1))}
    assert sorted(model.prepared) == sorted(seen)
    still = Change()
    still.motion = False
    run(clip, still, start=6, stop=50, every=6)
    assert still.prepared == list(range(6, 50, 6))


def test_a_cut_is_no_motion(clip: Path) -> None:
    moves = run(clip, Motion(motion=True)).prediction.qp[:, 0]
    inside = np.delete(moves, [0, 19, 20, 39, 40, 59])
    assert inside.min() > 0
    assert moves.max() <= inside.max() * 1.2
    with open_video(clip) as reader:
        change = cv2.absdiff(reader.read(20).luma(), reader.read(21).luma())
    assert moves[20] == pytest.approx((4.0 * change).clip(0, 127).mean(), rel=0.05)


def test_a_still_has_no_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    cv2.imwrite(str(path), np.random.default_rng(1).integers(0, 255, (64, 96, 3), dtype=np.uint8))
    analysis = run(path, Change(), key_frames_first=True)
    assert analysis.prediction.qp[0, 1:].tolist() == [0, 0]
    assert run(path, Motion(motion=True)).prediction.qp.tolist() == [[0, 0, 0]]


@pytest.mark.parametrize("playhead", [0, 25])
def test_an_index_corrected_on_the_way_keeps_the_neighbours(tmp_path: Path, playhead: int) -> None:
    path = field_coded.write(tmp_path / "fields.nut", frames=40)  # two packets make a frame
    analysis = run(path, Change(), playhead=playhead, key_frames_first=True)
    np.testing.assert_array_equal(analysis.frame, np.arange(40))
    np.testing.assert_allclose(analysis.prediction.qp, all_expected(path, Change()), rtol=1e-6)


def test_a_key_frame_that_cannot_be_read_is_left_to_the_pass(clip: Path) -> None:
    with open_video(clip) as reader:

        def frames(start: int) -> Iterator[object]:
            if start == 12:
                raise MediaError("damaged")
            return reader.frames(start + (start == 24))  # as where only a later frame can be decoded

        broken = SimpleNamespace(index=reader.index, frames=frames)
        stamps = [*reader.index.pts[[0, 12, 24, 36]].tolist(), -1]
        assert [view.frame.number for view in views_at(stamps, broken, Change())] == [0, 36]
