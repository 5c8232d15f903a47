import csv
import io
import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reels import identity, schedule

from jndcore.errors import JNDError
from jndcore.media import VideoInfo, open_video
from jndcore.schedule import Schedule, read_schedule
from jndcore.schedule.writers import REFUSED, TARGETS, VideoFacts, make, write

CLIP = VideoFacts(Path("/films/it's a clip.mp4"))
parts = st.lists(st.tuples(st.integers(1, 400), st.integers(8, 47)), min_size=1, max_size=9)


def lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def by_frame(zones: str, frames: int, key: str = "q") -> list[float]:
    """What zones with inclusive ends give each frame, as x264 reads them: the last that holds it wins."""
    values = [float("nan")] * frames
    for zone in zones.split("/"):
        start, end, value = re.fullmatch(rf"(\d+),(\d+),{key}=([\d.]+)", zone).groups()
        values[int(start) : int(end) + 1] = [float(value)] * (int(end) + 1 - int(start))
    return values


def words(command: str) -> list[str]:
    return shlex.split(command.replace("\\\n", " "))


def after(option: str, command: str) -> str:
    given_words = words(command)
    return given_words[given_words.index(option) + 1]


@given(parts)
def test_x264_zones_hold_every_frame_and_the_qpfile_every_key_frame(reel: list[tuple[int, int]]) -> None:
    planned = schedule(*zip(*reel, strict=True))
    made = make("x264", planned, CLIP)
    assert by_frame(made.files["zones.txt"].strip(), planned.frames) == planned.values().tolist()
    keys = {int(frame): (kind, int(qp)) for frame, kind, qp in lines(made.files["keyframes.qp"])}
    assert list(keys) == sorted(keys)
    assert {segment.start for segment in planned.segments} <= set(keys)
    assert np.diff([*keys, planned.frames]).max() <= 125  # five seconds
    assert all((kind, qp) == ("I", planned.at(frame).value - 3) for frame, (kind, qp) in keys.items())


def test_the_x264_command_has_nothing_that_moves_or_clamps_a_qp() -> None:
    command = make("x264", schedule([30, 200], [26, 18]), CLIP).command
    used = words(command)
    assert "--crf" in used  # with --qp as the base mode x264 clamps to N-3..N+3
    assert not set(used) & {
        "--qp",
        "--qpmin",
        "--qpmax",
        "--vbv-maxrate",
        "--vbv-bufsize",
        "--tune",
        "--bitrate",
    }
    assert (after("--aq-mode", command), after("--keyint", command)) == ("0", "infinite")
    assert {"--no-mbtree", "--no-scenecut"} <= set(used)
    assert (after("--qpfile", command), after("--zones", command)) == ("keyframes.qp", "$(cat zones.txt)")
    assert after("-fps_mode", command) == "passthrough"  # frame numbers count what the encoder is given
    assert after("-pix_fmt", command) == "yuv420p"
    assert after("-i", command) == "file:/films/it's a clip.mp4"


@given(parts)
def test_x265_counts_zones_from_one(reel: list[tuple[int, int]]) -> None:
    planned = schedule(*zip(*reel, strict=True), encoder="libx265")
    made = make("x265", planned, CLIP)
    assert by_frame(made.files["zones.txt"].strip(), planned.frames + 1)[1:] == planned.values().tolist()
    used = words(made.command)
    assert {"--no-cutree", "--no-scenecut", "--no-open-gop", "--crf"} <= set(used)
    assert "--qp" not in used  # zones do nothing there
    assert (after("--aq-mode", made.command), after("--keyint", made.command)) == ("0", "-1")


def test_a_qpfile_of_every_frame_takes_the_types_of_an_encode() -> None:
    planned = schedule([6, 4], [30, 20])
    types = "IbBbPP" + "IbPi"
    made = make("x264-qpfile", planned, VideoFacts(Path("a.mp4"), frame_types=types))
    rows = lines(made.files["frames.qp"])
    assert [(int(frame), kind) for frame, kind, _ in rows] == list(enumerate(types))
    assert [int(qp) for *_, qp in rows] == [27, 32, 31, 32, 30, 30, 17, 22, 20, 17]
    assert "--zones" not in words(made.command)


@pytest.mark.parametrize(
    ("types", "says"),
    [
        (None, "needs their types"),
        ("IPP", "3 frame types were given for 4 frames"),
        ("IPXP", "one of the letters"),
        ("PPPP", "frame 0 is no I"),
        ("IPbI", "frame 2 is a B frame before an I"),
        ("IPPb", "frame 3 is a B frame"),
    ],
)
def test_frame_types_that_x264_would_change_are_refused(types: str | None, says: str) -> None:
    with pytest.raises(JNDError, match=says):
        make("x264-qpfile", schedule([4], [30]), VideoFacts(Path("a.mp4"), frame_types=types))


def test_the_ffmpeg_script_cuts_between_frames_and_keeps_the_time() -> None:
    pts = np.cumsum([0, *np.random.default_rng(4).integers(300, 900, 99)]) + 1000
    planned = schedule([30, 50, 20], [26, 32, 29], variable_frame_rate=True)
    made = make("ffmpeg", planned, VideoFacts(Path("/films/a.ts"), pts))
    script = made.files["encode.sh"]
    calls = [line.split() for line in script.splitlines() if re.match(r"part \d", line)]
    assert [call[1:4] for call in calls] == [["0", "30", "26"], ["1", "50", "32"], ["2", "20", "29"]]
    for call, first in zip(calls, (0, 30, 80), strict=True):
        before = pts[first - 1] if first else -np.inf
        assert before / 12800 < float(call[4]) < pts[first] / 12800
    lasts = [float(line.split()[1]) for line in script.splitlines() if line.startswith("duration")]
    ends = (pts[[30, 80]] - pts[0]) / 12800
    assert np.cumsum(lasts)[:2] == pytest.approx(ends, abs=1e-6)
    assert "stitchable=1" in script
    assert "-enc_time_base 1:12800" in script
    assert '-qp "$3"' in script


def test_ffmpeg_tells_x265_the_rate_that_its_crf_depends_on() -> None:
    facts = VideoFacts(Path("a.mp4"), np.arange(30) * 512)
    crf = make("ffmpeg", schedule([30], [26.5], mode="crf", encoder="libx265"), facts)
    assert "-x265-params fps=25.000:" in crf.files["encode.sh"]
    qp = make("ffmpeg", schedule([30], [26], encoder="libx265"), facts)
    assert "fps=" not in qp.files["encode.sh"]


def test_odd_sizes_are_refused_where_an_encoder_would_refuse_them() -> None:
    facts = VideoFacts(Path("a.mp4"), np.arange(4) * 512, "IPPP")
    for name, target in TARGETS.items():
        odd = schedule([4], [26], encoder=target.encoders[0], video=replace(identity(4), width=641))
        if name in ("csv", "json"):
            assert make(name, odd, facts).files
        else:
            with pytest.raises(JNDError, match="641x360, and 4:2:0 takes even sizes; crop or scale"):
                make(name, odd, facts)


def test_ffmpeg_seeks_ahead_where_a_container_has_no_index() -> None:
    planned, pts = schedule([1000, 500], [26, 32]), np.arange(1500) * 512
    for name, lead in (("a.mp4", 0), ("a.mkv", 0), ("a.ts", 10)):
        script = make("ffmpeg", planned, VideoFacts(Path(name), pts)).files["encode.sh"]
        (second,) = re.findall(r"^part 1 500 32 ([\d.]+) -noaccurate_seek .* -ss ([\d.]+)$", script, re.M)
        assert float(second[0]) - float(second[1]) == pytest.approx(lead)


def test_av1an_takes_exclusive_ends() -> None:
    planned = schedule([30, 50], [26, 32])
    made = make("av1an", planned, CLIP)
    document = json.loads(made.files["scenes.json"])
    assert document["frames"] == 80
    assert document["scenes"] == document["split_scenes"]
    assert [(s["start_frame"], s["end_frame"]) for s in document["scenes"]] == [(0, 30), (30, 80)]
    overrides = document["scenes"][1]["zone_overrides"]
    assert (overrides["encoder"], overrides["passes"]) == ("x264", 1)
    parameters = overrides["video_params"]
    assert parameters[parameters.index("--qp") + 1] == "32"
    assert [row[:4] for row in lines(made.files["zones.txt"])] == [
        ["0", "30", "x264", "reset"],
        ["30", "80", "x264", "reset"],
    ]
    assert after("--scenes", made.command) == "scenes.json"


def seen(path: Path, **facts: object) -> VideoInfo:
    """What the reader sees of a video, but for `facts`."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height = 96, 64
        out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 96, 3), np.uint8), "rgb24")))
        out.mux(stream.encode(None))
    with open_video(path) as reader:
        return replace(reader.info, **facts)


@pytest.mark.parametrize("name", [n for n, target in TARGETS.items() if n not in ("csv", "json")])
def test_fewer_bits_than_the_video_has_are_told(tmp_path: Path, name: str) -> None:
    planned = schedule([4], [26], encoder=TARGETS[name].encoders[0], video=identity(4))
    notes = {
        bits: make(
            name,
            planned,
            VideoFacts(Path("a.mp4"), np.arange(4) * 512, "IPPP", seen(tmp_path / "a.mp4", bit_depth=bits)),
        ).notes
        for bits in (8, 10)
    }
    assert not any("bits a sample" in note for note in notes[8])
    assert sum("the video has 10 bits a sample and this encode 8" in note for note in notes[10]) == 1


def test_colours_go_to_av1an_too_and_are_missed_without_the_video(tmp_path: Path) -> None:
    info = seen(tmp_path / "a.mp4", color_range="full", color_primaries="bt2020", color_transfer="gamma28")
    wanted = ["--range", "pc", "--colorprim", "bt2020", "--transfer", "bt470bg"]
    made = make("av1an", schedule([4], [26]), VideoFacts(Path("a.mp4"), info=info))
    assert json.loads(made.files["scenes.json"])["scenes"][0]["zone_overrides"]["video_params"][-6:] == wanted
    assert made.files["zones.txt"].split()[-6:] == wanted
    assert made.notes == ()
    for name in ("x264", "x265", "av1an"):
        planned = schedule([4], [26], encoder=TARGETS[name].encoders[0])
        blind = make(name, planned, CLIP)
        assert any("colour tags are not known" in note for note in blind.notes)
        assert "--colorprim" not in " ".join(blind.files.values())


@given(parts)
def test_handbrake_never_gets_more_than_the_plan(reel: list[tuple[int, int]]) -> None:
    planned = schedule(*zip(*reel, strict=True))
    made = make("handbrake", planned, CLIP)
    options = dict(option.split("=", 1) for option in made.files["advanced.txt"].strip().split(":"))
    written, wanted = np.array(by_frame(options.pop("zones"), planned.frames)), planned.values()
    assert (written <= wanted).all()
    changes = np.cumsum([len(segment) for segment in planned.segments])
    far = np.ones(planned.frames, dtype=bool)
    for change in changes[:-1]:
        far[max(change - 3, 0) : change + 3] = False
    assert (written == wanted)[far].all()
    assert options == {"aq-mode": "0", "mbtree": "0", "scenecut": "0", "keyint": "infinite", "bframes": "3"}
    assert after("-q", made.command) == str(planned.segments[0].value)  # the first I frame follows it


def test_nvencc_takes_three_qps_and_inclusive_ends() -> None:
    made = make("nvencc", schedule([30, 50, 20], [26, 32, 32]), CLIP)
    assert made.files["dynamic_rc.txt"].splitlines() == [
        "--dynamic-rc 0:29,cqp=23:26:28",
        "--dynamic-rc 30:99,cqp=29:32:34",
    ]
    assert after("--cqp", made.command) == "23:26:28"


def test_tables_for_other_programs() -> None:
    made = make("csv", schedule([30, 50], [26, 32]), CLIP)
    rows = list(csv.DictReader(io.StringIO(made.files["schedule.csv"])))
    assert [(row["start"], row["stop"], row["qp"], row["jnd"]) for row in rows] == [
        ("0", "30", "26", "28.0"),
        ("30", "80", "32", "28.0"),
    ]


@pytest.mark.parametrize(("name", "part"), [("x264", "0,29,crf=22.5/30,49,crf=30"), ("av1an", '"22.5"')])
def test_crfs_go_to_targets_that_follow_them(name: str, part: str) -> None:
    made = make(name, schedule([30, 20], [22.5, 30.0], mode="crf"), CLIP)
    assert any(part in text for text in made.files.values())
    if name == "x264":
        assert "I frames" in made.notes[0]
        assert "--aq-mode" not in words(made.command)


@pytest.mark.parametrize(
    ("name", "planned", "says"),
    [
        ("x265", schedule([30], [26]), "the schedule is for libx264, this target for libx265"),
        ("x264", schedule([30], [26], encoder="libx265"), "the schedule is for libx265"),
        ("x265", schedule([30], [26.0], mode="crf", encoder="libx265"), "would not follow CRFs"),
        ("handbrake", schedule([30], [26.0], mode="crf"), "would not follow CRFs"),
        ("vegas", schedule([30], [26]), "no such target; there are x264, x265"),
        ("ffmpeg", schedule([30], [26]), r"clip\.mp4 itself is needed"),
        *((name, schedule([30], [26]), "its scale is not H.264's") for name in REFUSED),
        *(
            (
                name,
                schedule([30], [26], variable_frame_rate=True, encoder=TARGETS[name].encoders[0]),
                "variable",
            )
            for name in ("x264", "x265", "x264-qpfile", "av1an", "handbrake", "nvencc")
        ),
    ],
)
def test_what_an_encoder_would_not_follow_is_not_written(
    tmp_path: Path, name: str, planned: Schedule, says: str
) -> None:
    with pytest.raises(JNDError, match=says):
        write(planned, name, CLIP, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_video_of_other_length_is_refused() -> None:
    with pytest.raises(JNDError, match="it has 31 frames and the schedule 30"):
        make("x264", schedule([30], [26]), VideoFacts(Path("a.mp4"), np.arange(31)))


def test_zones_that_no_command_line_takes_are_refused() -> None:
    many = schedule([25] * 8000, [20, 30] * 4000)
    for name in ("x264", "handbrake"):
        with pytest.raises(JNDError, match="a command line takes 131,071; write it for ffmpeg"):
            make(name, many, CLIP)
    with pytest.raises(JNDError, match="a command line takes"):
        make("x265", schedule([25] * 8000, [20, 30] * 4000, encoder="libx265"), CLIP)
    assert "Windows" in make("x264", schedule([25] * 3000, [20, 30] * 1500), CLIP).notes[0]
    assert len(make("nvencc", many, CLIP).files["dynamic_rc.txt"].splitlines()) == 8000


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_says_what_it_is_and_brings_its_command(tmp_path: Path, name: str) -> None:
    target = TARGETS[name]
    assert target.name == name
    assert target.status in ("verified by encoding", "format checked only")
    assert target.scale
    assert target.basis
    planned = schedule([4], [26], encoder=target.encoders[0], video=identity(4))
    files, made = write(planned, name, VideoFacts(Path("-a;b.mp4"), np.arange(4) * 512, "IPPP"), tmp_path)
    assert sorted(files) == sorted(tmp_path.iterdir())
    assert read_schedule(tmp_path / "schedule.json") == planned
    if made.command:
        assert 'cd "$(dirname' in (tmp_path / "encode.sh").read_text()
        assert "-a;b.mp4" not in words(made.command)  # never an option


def test_a_folder_that_cannot_be_made_or_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "a" / "b"):
        with pytest.raises(JNDError, match="this folder cannot be made"):
            write(schedule([30], [26]), "x264", CLIP, folder)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
