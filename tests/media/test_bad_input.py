from pathlib import Path

import av
import numpy as np
import pytest
import videos

from jndcore.errors import JNDError
from jndcore.media import MediaError, open_video


def complaint(path: Path) -> str:
    """What the user is told: one line that begins with the file."""
    with pytest.raises(MediaError) as caught:
        open_video(path)
    text = str(caught.value)
    assert isinstance(caught.value, JNDError)
    assert text.startswith(f"{path}: ")
    assert text.endswith(".")
    assert "\n" not in text
    return text


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return videos.encode(tmp_path_factory.mktemp("video") / "video.mp4", options=videos.x264(), frames=12)


def test_missing(tmp_path: Path) -> None:
    assert "no such file" in complaint(tmp_path / "absent.mp4")


def test_inside_something_that_is_no_folder(video: Path) -> None:
    assert "no such file" in complaint(video / "video.mp4")


def test_folder(tmp_path: Path) -> None:
    assert "folder" in complaint(tmp_path)


def test_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "empty" in complaint(path)


@pytest.mark.parametrize("name", ["notes.txt", "notes.mp4", "notes"])
def test_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("Frames of a kind, but not of ours.\n" * 100)
    complaint(path)


def test_noise(tmp_path: Path) -> None:
    path = tmp_path / "noise.mkv"
    path.write_bytes(np.random.default_rng(1).integers(0, 256, 50_000, dtype=np.uint8).tobytes())
    assert "not a video" in complaint(path)


def write_audio(path: Path) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=44100, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), "fltp", "mono")
        sound.rate = 44100
        out.mux(stream.encode(sound))
        out.mux(stream.encode(None))


def test_audio_only(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    write_audio(path)
    assert "no video" in complaint(path)


def test_frames_of_no_size(tmp_path: Path) -> None:
    path = tmp_path / "zero.y4m"
    path.write_bytes(b"YUV4MPEG2 W0 H0 F25:1 Ip A1:1 C420\nFRAME\nFRAME\n")
    complaint(path)


def test_nothing_that_decodes(video: Path, tmp_path: Path) -> None:
    data = bytearray(video.read_bytes())
    start = data.index(b"mdat") + 4
    size = int.from_bytes(data[start - 8 : start - 4], "big") - 8
    data[start : start + size] = bytes(size)
    path = tmp_path / "zeros.mp4"
    path.write_bytes(data)
    assert "no frame of it can be decoded" in complaint(path)


def test_unknown_codec(video: Path, tmp_path: Path) -> None:
    path = tmp_path / "unknown.mp4"
    path.write_bytes(video.read_bytes().replace(b"avc1", b"zzzz"))
    assert "no decoder" in complaint(path)


def test_cut_off_before_the_index(video: Path, tmp_path: Path) -> None:
    path = tmp_path / "half.mp4"
    path.write_bytes(video.read_bytes()[:-1000])
    assert "cut off" in complaint(path)


def test_no_permission(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)  # a mode of 0 would not keep root out
    assert "permission" in complaint(video)


def test_names_that_ffmpeg_might_take_for_a_protocol_or_a_pattern(video: Path, tmp_path: Path) -> None:
    path = tmp_path / "take: 1 %03d, größer.mp4"
    path.write_bytes(video.read_bytes())
    with open_video(path) as reader:
        assert len(reader) == 12
        assert reader.info.identity.name == path.name
