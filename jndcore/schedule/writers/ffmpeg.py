"""ffmpeg: one encode for each segment, joined without encoding again; keeps the source's time stamps."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from jndcore.errors import JNDError
from jndcore.schedule.schedule import Schedule
from jndcore.schedule.writers.colours import scaling
from jndcore.schedule.writers.lines import ffmpeg_input, key_interval, out_name, script
from jndcore.schedule.writers.target import VideoFacts, Written

NEEDS = "ffmpeg 5.1 or later with libx264, libx265 or libsvtav1"

INDEXED = (".mp4", ".m4v", ".mov", ".mkv", ".webm")
"""Containers in which ffmpeg's seeking never lands behind the frame asked for."""

LEAD = 10
"""Seconds that seeking keeps ahead in others: in MPEG-TS it was seen to land late."""

_SCRIPT = """\
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
part() {{  # number, frames, {mode}, second before its first frame, where to seek
  ffmpeg -nostdin -v error -y -copyts "${{@:5}}" -i {video} -map 0:V:0 -frames:v "$2" \\
    -vf "trim=start=$4,setpts=PTS-STARTPTS{scale_filter}" -fps_mode passthrough -enc_time_base {time_base} \\
    -pix_fmt yuv420p -c:v {encoder} -preset {preset} {options} -video_track_timescale {scale} "$parts/$1.mp4"
}}
{calls}
cat > "$parts/list" <<'END'
{files}
END
ffmpeg -nostdin -v error -y -f concat -safe 0 -i "$parts/list" -c copy -video_track_timescale {scale} \\
  {out}"""


def write_ffmpeg(schedule: Schedule, facts: VideoFacts) -> Written:
    """A script: ``-qp N`` or ``-crf N`` for each segment, joined in mp4 (mkv would round time stamps).

    A part starts between the last frame before its segment and the first one in it, by the source's own
    clock, and then frames are counted. ffmpeg's own exact seeking is not asked for: with -copyts it adds the
    file's start time twice.
    """
    if facts.pts is None:
        raise JNDError(
            f"ffmpeg: {schedule.video.name} itself is needed, to seek to its frames exactly; analyse all of "
            "its frames, or name the video (jnd schedule --video)."
        )
    time_base = Fraction(schedule.time_base)
    seconds, scale = _edges(facts, schedule, time_base), scaling(facts)
    lead = 0 if facts.path.suffix.lower() in INDEXED else LEAD
    calls, files = [], []
    for i, segment in enumerate(schedule.segments):
        before, lasts = seconds[i]
        early = before - lead
        seek = f" -noaccurate_seek -seek_timestamp 1 -ss {early:.6f}" if early > seconds[0][0] else ""
        calls.append(f"part {i} {len(segment)} {segment.value:g} {before:.6f}{seek}")
        files.append(f"file '{i}.mp4'\nduration {lasts:.6f}")
    command = _SCRIPT.format(
        mode=schedule.mode,
        video=ffmpeg_input(facts.path),
        scale_filter=f",{scale}" if scale else "",
        time_base=f"{time_base.numerator}:{time_base.denominator}",
        encoder=schedule.encoder,
        preset=schedule.preset,
        options=_options(schedule),
        scale=_timescale(time_base),
        calls="\n".join(calls),
        files="\n".join(files),
        out=out_name(schedule, facts, ".mp4"),
    )
    if schedule.encoder == "libsvtav1":
        command = f"export SVT_LOG=1  # errors alone\n{command}"
    return Written({"encode.sh": script(command, NEEDS)}, "bash encode.sh")


def _edges(facts: VideoFacts, schedule: Schedule, time_base: Fraction) -> list[tuple[float, float]]:
    """For each segment: the second between it and the frame before, and how long it lasts.

    Durations are rounded so that their sum never strays: the joined parts keep the source's time.
    """
    assert facts.pts is not None
    pts, unit = facts.pts, float(time_base)
    starts = np.array([segment.start for segment in schedule.segments])
    usual = int(np.median(np.diff(pts))) if len(pts) > 1 else 1
    edges = np.append(pts[starts], pts[-1] + usual) - pts[0]
    microseconds = np.rint(edges * unit * 1e6).astype(np.int64)
    before = np.where(starts > 0, pts[np.maximum(starts - 1, 0)], pts[0] - usual)
    between = (pts[starts] + before) / 2 * unit
    return list(zip(between.tolist(), (np.diff(microseconds) / 1e6).tolist(), strict=True))


def _options(schedule: Schedule) -> str:
    every = key_interval(schedule)
    gop = f"keyint={every}:min-keyint={every}:scenecut=0:open-gop=0"
    if schedule.encoder == "libx264":
        # stitchable: the headers of all parts are one, so that they can be joined
        return f'-{schedule.mode} "$3" -x264-params stitchable=1:{gop}'
    if schedule.encoder == "libsvtav1":
        return f'-crf "$3" -g {every}'
    # CRF in x265 depends on the rate, and of varying time stamps ffmpeg tells it none: 6 QP off were seen
    rate = f"fps={schedule.fps:.3f}:" if schedule.mode == "crf" and schedule.fps > 0 else ""
    return f'-{schedule.mode} "$3" -x265-params {rate}log-level=error:{gop} -tag:v hvc1'


def _timescale(time_base: Fraction) -> int:
    """Steps a second that hold every time stamp of the source, as far as mp4 goes."""
    scale = time_base.denominator
    while scale < 10_000:
        scale *= 2
    return min(scale, 2**31 - 1)
