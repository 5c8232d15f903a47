import numpy as np
import pytest

from jndcore.media import MediaError, Planes, measure_x264, rehearsal, rehearse


def scene(shift: int, size: tuple[int, int] = (96, 128)) -> Planes:
    """Waves and grain that move by `shift` pixels."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    grain = np.random.default_rng(1).normal(0, 6, (size[0], size[1] + 32))[:, shift : shift + size[1]]
    y = 128 + 50 * np.sin((columns + shift) / 5) * np.cos(rows / 9) + grain
    half = (-(-size[0] // 2), -(-size[1] // 2))
    chroma = 128 + 20 * np.sin((np.mgrid[: half[0], : half[1]][1] + shift / 2) / 7)
    u, v = chroma, 256 - chroma
    return Planes(*(np.clip(np.rint(plane), 16, 235).astype(np.uint8) for plane in (y, u, v)))


def error(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.square(a.astype(float) - b).mean())


def mean_of(*encodes: Planes) -> np.ndarray:
    return np.mean([one.y for one in encodes], axis=0)


def expected(before: Planes, here: Planes, after: Planes, qp: int) -> np.ndarray:
    """The mean of the six encodes, one by one."""

    def coded(frames: list[Planes], told: int) -> list[Planes]:
        quick = "subme=6:scenecut=0:b-adapt=0"
        return measure_x264(frames, told, fps=25, x264=quick).planes

    return mean_of(
        coded([here], qp + 2)[0],
        *(coded([before, here, after], qp + offset)[1] for offset in (-3, 0, 3)),
        *(coded([after, here, before], qp + offset)[1] for offset in (0, 2)),
    )


def test_it_is_the_mean_of_six_encodes() -> None:
    before, here, after = scene(0), scene(3), scene(7)
    got = rehearse(here, [before, after], 30.3)
    np.testing.assert_allclose(got.y, expected(before, here, after, 30), atol=1e-3)
    assert got.u.shape == got.v.shape == (48, 64)


def test_a_picture_too_large_for_x264_is_one_sentence() -> None:
    with pytest.raises(MediaError, match=r"^A frame of 16386x16 cannot be rebuilt: x264 takes 16384 .*\.$"):
        rehearse(scene(0, (16, 16386)), [], 30.0)


def test_one_neighbour_stands_for_both() -> None:
    here, other = scene(3), scene(0)
    np.testing.assert_allclose(rehearse(here, [other], 30.0).y, expected(other, here, other, 30), atol=1e-3)


def test_a_lone_picture_is_still() -> None:
    here = scene(3)
    np.testing.assert_allclose(rehearse(here, [], 30.0).y, expected(here, here, here, 30), atol=1e-3)


def test_it_foresees_more_than_one_encode_does() -> None:
    frames = [scene(k) for k in range(0, 24, 2)]
    coded = measure_x264(frames, 31, fps=25).planes[5]
    rehearsed = rehearse(frames[5], [frames[4], frames[6]], 29.0)
    alone = measure_x264(frames[5:6], 32, fps=25).planes[0]
    assert error(rehearsed.y, coded.y) < min(error(frames[5].y, coded.y), error(alone.y, coded.y))


@pytest.mark.parametrize("size", [(1, 1), (17, 33), (64, 95), (5, 80)])
def test_any_size_is_taken(size: tuple[int, int]) -> None:
    got = rehearse(scene(2, size), [scene(0, size)], 24.0)
    assert got.y.shape == size
    assert got.u.shape == (-(-size[0] // 2), -(-size[1] // 2))
    assert got.y.dtype == np.float32


@pytest.mark.parametrize("qp", [0.0, 51.0])
def test_the_ends_of_the_scale_are_kept(qp: float) -> None:
    here = scene(0)
    worse = error(rehearse(here, [], qp).y, here.y)
    assert (worse < 1) == (qp == 0)


def test_what_is_raised_between_encodes_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looks, encodes = [], []

    def between() -> None:
        looks.append(1)
        if len(looks) > 1:
            raise KeyboardInterrupt

    def encode(*arguments: object, **options: object) -> object:
        encodes.append(1)
        return measure_x264(*arguments, **options)

    monkeypatch.setattr(rehearsal, "measure_x264", encode)
    with pytest.raises(KeyboardInterrupt):
        rehearse(scene(0), [], 30.0, between=between)
    assert len(encodes) == 1
