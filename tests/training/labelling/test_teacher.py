import os
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from jndcore.errors import JNDError
from jndcore.training.labelling.teacher import clip_sur, load_teacher

Array = np.ndarray


def leaky(x: Array) -> Array:
    return np.where(x > 0, x, 0.01 * x)


def convolve(x: Array, weight: Array, bias: Array | None, stride: int, pad: tuple[int, int]) -> Array:
    """Channels, time, rows, columns; `stride` on space, `pad` on time and on space: tap by tap."""
    time, high, wide = weight.shape[2:]
    x = np.pad(x, ((0, 0), (pad[0], pad[0]), (pad[1], pad[1]), (pad[1], pad[1])))
    frames, rows, columns = (n - k + 1 for n, k in zip(x.shape[1:], (time, high, wide), strict=True))
    out = 0.0 if bias is None else bias[:, None, None, None]
    for t, i, j in product(range(time), range(high), range(wide)):
        seen = x[:, t : t + frames, i : i + rows : stride, j : j + columns : stride]
        out = out + np.tensordot(weight[:, :, t, i, j], seen, 1)
    return np.asarray(out)


def enlarge(x: Array, kernel: Array) -> Array:
    """Each sample laid down as a 5x5 kernel, two apart; the two outer lines and one more cut off."""
    _, frames, rows, columns = x.shape
    out = np.zeros((1, frames, 2 * rows + 4, 2 * columns + 4))
    for i, j in product(range(5), range(5)):
        out[:, :, i : i + 2 * rows : 2, j : j + 2 * columns : 2] += x * kernel[i, j]
    return out[:, :, 2:-2, 2:-2]


def expected_sur(source: Array, encode: Array, weights: dict[str, torch.Tensor]) -> float:
    """The network as the reference describes it, in double precision, without torch."""
    w = {name: tensor.double().numpy() for name, tensor in weights.items()}
    r, d = source[None].astype(float), encode[None].astype(float)
    loudest = 2 * np.log(255)
    e = (loudest - np.log((255 * (r - d)) ** 2 + 1)) / loudest

    def down(x: Array) -> Array:
        return convolve(x, w["conv1_1.conv1.weight"], None, 2, (0, 2))

    def features(x: Array, part: str) -> Array:
        for layer in ("conv1", "conv2"):
            x = leaky(convolve(x, w[f"{part}.{layer}.weight"], w[f"{part}.{layer}.bias"], 2, (0, 1)))
        return x

    low = down(down(down(d)))
    for _ in range(3):
        low = enlarge(low, w["conv1_2.conv1.weight"][0, 0, 0])
    s = np.concatenate([features(d - low, "conv2_2"), features(e, "conv2_1")])
    for i in range(1, 5):
        s = leaky(convolve(s, w[f"conv3.conv{i}.weight"], w[f"conv3.conv{i}.bias"], 1, (1, 1)))
    pooled = (down(down(e)) * s)[..., 4:-4, 4:-4].mean()
    hidden = leaky(w["fc1.weight"][:, 0] * pooled + w["fc1.bias"])
    return float(leaky(w["fc2.weight"] @ hidden + w["fc2.bias"])[0])


def test_the_network_is_the_published_one(teacher_file: Path, weights: dict[str, torch.Tensor]) -> None:
    draw = np.random.default_rng(0)
    source = draw.random((2, 5, 64, 80), np.float32)
    encode = np.clip(source + draw.normal(0, [[[[0.02]]], [[[0.2]]]], source.shape), 0, 1).astype(np.float32)
    teacher = load_teacher(teacher_file)
    with torch.inference_mode():
        told = teacher(*(torch.from_numpy(x)[:, None] for x in (source, encode)))
    expected = [expected_sur(r, d, weights) for r, d in zip(source, encode, strict=True)]
    assert abs(expected[0] - expected[1]) > 0.01  # else nothing is shown
    np.testing.assert_allclose(told, expected, rtol=1e-4, atol=1e-5)


def test_bf16_tells_nearly_the_same(teacher_file: Path) -> None:
    draw = torch.Generator().manual_seed(1)
    pair = [torch.rand((1, 1, 4, 64, 64), generator=draw) for _ in range(2)]
    with torch.inference_mode():
        exact, half = (load_teacher(teacher_file, half=half)(*pair) for half in (False, True))
    assert half.dtype == torch.float32
    assert half.item() == pytest.approx(exact.item(), rel=0.05)


@pytest.mark.parametrize(("size", "stride"), [((112, 200), 80), ((640, 368), 160)])
def test_a_clip_is_the_mean_over_its_patches(size: tuple[int, int], stride: int) -> None:
    """80 apart in small pictures, 160 in large ones; what is left over lies on both sides."""
    seen: list[torch.Tensor] = []

    def teacher(source: torch.Tensor, encode: torch.Tensor) -> torch.Tensor:
        assert torch.equal(source, encode)
        seen.append(source)
        return source.mean((1, 2, 3, 4))

    height, width = size
    luma = np.random.default_rng(3).integers(0, 256, (24, height, width), dtype=np.uint8)
    sur = clip_sur(teacher, luma, luma)  # type: ignore[arg-type]
    rows, columns = (range((side - 112) % stride // 2, side - 111, stride) for side in size)
    cut = [luma[::2, y : y + 112, x : x + 112] for y in rows for x in columns]
    np.testing.assert_allclose(torch.cat(seen)[:, 0], np.float32(cut) / np.float32(255), rtol=1e-6)
    assert sur == pytest.approx(np.mean(cut) / 255, rel=1e-4)


def test_other_files_are_refused_in_one_sentence(tmp_path: Path, weights: dict[str, torch.Tensor]) -> None:
    less = {name: tensor for name, tensor in weights.items() if name != "fc2.bias"}
    contents = {"list.pt": [1], "bare.pt": weights, "less.pt": {"model_state_dict": less}}
    for name, content in contents.items():
        torch.save(content, tmp_path / name)
    (tmp_path / "text.pt").write_text("no weights\n")
    (tmp_path / "empty.pt").write_bytes(b"")
    (tmp_path / "cut.pt").write_bytes((tmp_path / "bare.pt").read_bytes()[:5000])
    names = (*contents, "text.pt", "empty.pt", "cut.pt", "missing.pt", ".")
    for name in names:
        path = tmp_path / name
        with pytest.raises(JNDError, match=rf"^{re.escape(str(path))}: .*dvqa_videoset_v3.pt") as error:
            load_teacher(path)
        assert "\n" not in str(error.value)


@pytest.mark.skipif("JNDSCOPE_TEACHER" not in os.environ, reason="JNDSCOPE_TEACHER names no weights")
def test_the_published_weights_give_the_published_figures() -> None:
    teacher = load_teacher(Path(os.environ["JNDSCOPE_TEACHER"]))
    grid = np.random.RandomState(0).randint(0, 256, (14, 14)).repeat(8, 0).repeat(8, 1)
    source = np.stack([np.roll(grid, t, 1) for t in range(12)]).astype(np.float32)
    noise = np.random.RandomState(1).standard_normal(source.shape)
    for strength, sur in ((0.5, 131.282), (1, 126.539), (1.5, 119.076), (2, 35.906)):
        encode = np.clip(source + strength * noise, 0, 255).astype(np.float32)
        with torch.inference_mode():
            told = teacher(*(torch.from_numpy(x / 255)[None, None] for x in (source, encode)))
        assert told.item() == pytest.approx(sur, abs=0.01)
