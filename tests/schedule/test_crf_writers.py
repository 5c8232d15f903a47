"""CRFs, and AV1 by them, in the files of encoders."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest
from reels import identity, schedule, y4m

from jndcore.errors import JNDError
from jndcore.media import measure, open_video, read_back
from jndcore.schedule import Schedule, read_schedule, write_schedule
from jndcore.schedule.encoding import encode
from jndcore.schedule.schedule import MODES
from jndcore.schedule.verify import verify
from jndcore.schedule.writers import TARGETS, VideoFacts, make, write

LENGTHS = [9, 1, 30, 140]
CRFS = {"libx264": [26.3, 18, 40.5, 24], "libx265": [26.3, 18, 40.5, 24], "libsvtav1": [30, 20, 55, 35]}
CLIP = VideoFacts(Path("a.mp4"))


def av1(**fields: object) -> Schedule:
    return schedule([30, 50], [26, 60], encoder="libsvtav1", mode="crf", preset="6", **fields)


def test_av1_is_scheduled_by_whole_crfs_alone(tmp_path: Path) -> None:
    write_schedule(av1(), tmp_path / "s.json")
    assert read_schedule(tmp_path / "s.json") == av1()
    with pytest.raises(ValueError, match="libsvtav1 has no QPs"):
        schedule([30], [26], encoder="libsvtav1")
    with pytest.raises(ValueError, match=r"whole CRFs, not 26\.5"):
        schedule([30], [26.5], encoder="libsvtav1", mode="crf")
    with pytest.raises(ValueError, match="for libsvtav1 up to 63, not at 64"):
        schedule([30], [64], encoder="libsvtav1", mode="crf")
    with pytest.raises(ValueError, match="for libx265 up to 51, not at 60"):
        schedule([30], [60], encoder="libx265", mode="crf")


def test_a_file_of_av1_by_qps_is_refused(tmp_path: Path) -> None:
    write_schedule(av1(), tmp_path / "s.json")
    document = json.loads((tmp_path / "s.json").read_text())
    (tmp_path / "s.json").write_text(json.dumps(document | {"mode": "qp"}))
    with pytest.raises(JNDError, match="libsvtav1 has no QPs"):
        read_schedule(tmp_path / "s.json")


def test_av1an_names_svt_av1_in_both_ways_that_it_does() -> None:
    """Zones and command line by strum's name, scenes.json by serde's (rust-av/Av1an, encoder/mod.rs)."""
    made = make("av1an", av1(), CLIP)
    scenes = json.loads(made.files["scenes.json"])["scenes"]
    assert [scene["zone_overrides"]["encoder"] for scene in scenes] == ["svt_av1", "svt_av1"]
    assert " -e svt-av1 " in made.command
    assert any("from version to version" in note for note in made.notes)
    zones = [line.split() for line in made.files["zones.txt"].splitlines()]
    assert [zone[:4] for zone in zones] == [["0", "30", "svt-av1", "reset"], ["30", "80", "svt-av1", "reset"]]
    words = zones[1][4:]
    assert words == scenes[1]["zone_overrides"]["video_params"]
    assert dict(zip(words[::2], words[1::2], strict=True)) == {
        **{"--preset": "6", "--crf": "60", "--rc": "0"},
        **{"--keyint": "125", "--scd": "0"},
    }


@pytest.mark.parametrize("encoder", list(MODES))
def test_every_option_in_a_zone_has_a_value(encoder: str) -> None:
    """Av1an takes the word after an option for its value, an option too."""
    made = make("av1an", schedule([30], [26], encoder=encoder, mode="crf"), CLIP)
    words = made.files["zones.txt"].split()[4:]
    assert all(word.startswith("--") for word in words[::2])
    assert not any(word.startswith("--") for word in words[1::2])


def test_av1an_gets_av1s_colours(tmp_path: Path) -> None:
    video = y4m(tmp_path / "a.y4m", [2])
    with open_video(video) as reader:
        info = replace(reader.info, color_primaries="bt2020", color_transfer="smpte2084", color_range="full")
    facts = VideoFacts(video, info=replace(info, color_matrix="bt2020nc"))
    words = make("av1an", av1(), facts).files["zones.txt"].splitlines()[0].split()
    codes = {"--color-range": "1", "--color-primaries": "9", "--transfer-characteristics": "16"}
    for option, code in (codes | {"--matrix-coefficients": "9"}).items():
        assert words[words.index(option) + 1] == code


@pytest.mark.parametrize("name", [name for name, t in TARGETS.items() if "libsvtav1" not in t.encoders])
def test_what_takes_no_av1_is_not_given_any(name: str) -> None:
    with pytest.raises(JNDError, match="the schedule is for libsvtav1, this target for"):
        make(name, av1(), VideoFacts(Path("a.mp4"), np.arange(80), "I" * 80))


def test_crfs_by_x264s_zones_come_with_a_warning() -> None:
    made = make("x264", schedule([30, 20], [22.5, 30.0], mode="crf"), CLIP)
    assert any("zones do not reach x264's I frames" in note for note in made.notes)


def ffmpegs(tmp_path: Path, encoder: str) -> list[str]:
    """PATHs with the ffmpeg of the extra vmaf, and for AV1, whose encoders differ, with the one installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    found = [f"{folder}:{os.environ['PATH']}"]
    return [*found, os.environ["PATH"]] if encoder == "libsvtav1" and shutil.which("ffmpeg") else found


@pytest.mark.parametrize("encoder", list(MODES))
def test_ffmpeg_joins_parts_by_crf(tmp_path: Path, encoder: str) -> None:
    """A source of varying frame rate; the parts are joined at its times, each with its own quality."""
    video = tmp_path / "varying.mkv"
    stamps = np.cumsum(np.random.default_rng(6).integers(20, 70, sum(LENGTHS)))
    reel = y4m(tmp_path / "reel.y4m", LENGTHS)
    with av.open(str(reel)) as given, av.open(str(video), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"qp": "10", "preset": "veryfast"})
        stream.width, stream.height, stream.codec_context.time_base = 96, 64, Fraction(1, 1000)
        for frame, stamp in zip(given.decode(video=0), stamps, strict=True):
            frame.pts, frame.time_base, frame.pict_type = int(stamp), Fraction(1, 1000), 0
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    preset = "10" if encoder == "libsvtav1" else "veryfast"
    with open_video(video) as reader:
        known = {"video": reader.info.identity, "variable_frame_rate": True, "preset": preset}
        planned = schedule(LENGTHS, CRFS[encoder], encoder=encoder, mode="crf", **known)
        write(planned, "ffmpeg", VideoFacts(video, reader.index.pts), tmp_path / "out")
    assert [step for step in encode(video, planned, tmp_path / "ours.mp4")][-1].finished
    ours = measure(video, tmp_path / "ours.mp4").xpsnr
    for path in ffmpegs(tmp_path, encoder):
        run = ["bash", tmp_path / "out" / "encode.sh"]
        subprocess.run(run, env=os.environ | {"PATH": path}, check=True, capture_output=True)
        made = tmp_path / "out" / "varying.jnd1-75.mp4"
        report = verify(made, planned, video)  # all frames pair by number and time
        assert report.ok, report.reasons
        keys = set(np.flatnonzero(read_back(made).key))
        assert keys == {s.start for s in planned.segments} | {40 + 110}  # five seconds at 22 a second
        theirs = measure(video, made).xpsnr
        for s in planned.segments:
            apart = theirs[s.start : s.stop].mean() - ours[s.start : s.stop].mean()
            assert abs(apart) < 3, (s, apart)  # SVT-AV1 1.4.1 and 4.2; from a CRF to the next there are 5


def test_crfs_are_written_where_they_are_followed() -> None:
    for target in TARGETS.values():
        planned = schedule([4], [26], encoder=target.encoders[-1], mode="crf", video=identity(4))
        if "crf" not in target.modes:
            with pytest.raises(JNDError, match="would not follow CRFs"):
                make(target.name, planned, VideoFacts(Path("a.mp4"), np.arange(4) * 512, "IPPP"))
        else:
            assert make(target.name, planned, VideoFacts(Path("a.mp4"), np.arange(4) * 512)).files
