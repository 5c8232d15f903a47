"""x264: zones for the QPs, a qpfile for the key frames, in one pass."""

from __future__ import annotations

from jndcore.errors import JNDError
from jndcore.schedule.schedule import QP_OFFSETS, Schedule
from jndcore.schedule.writers.colours import tags
from jndcore.schedule.writers.lines import (
    checked_zones,
    decoding,
    key_frames,
    key_lines,
    out_name,
    runs,
    script,
)
from jndcore.schedule.writers.target import VideoFacts, Written

NEEDS = "ffmpeg 5.1 or later and x264"

EXACT = "--aq-mode 0 --no-mbtree --no-scenecut --keyint infinite"
"""Nothing moves a QP, and no I frame comes that the qpfile does not own; zones do not reach I frames."""


def write_x264(schedule: Schedule, facts: VideoFacts) -> Written:
    """Zones (ends inclusive) and a qpfile of key frames."""
    if schedule.mode == "crf":
        return _write_crf(schedule, facts)
    zones, notes = checked_zones("/".join(f"{a},{b - 1},q={q}" for a, b, q in runs(schedule)), "x264")
    keys = key_lines(schedule)
    return _written(schedule, facts, EXACT, {"keyframes.qp": keys, "zones.txt": zones + "\n"}, notes)


def _write_crf(schedule: Schedule, facts: VideoFacts) -> Written:
    """CRF zones, AQ and MB-tree on; key frames are placed, but take their QP from the zone before."""
    zones, notes = checked_zones("/".join(f"{a},{b - 1},crf={v:g}" for a, b, v in runs(schedule)), "x264")
    keys = "".join(f"{frame} I -1\n" for frame, _ in key_frames(schedule))
    files = {"keyframes.qp": keys, "zones.txt": zones + "\n"}
    warning = (
        "zones do not reach x264's I frames: the first frame of a segment follows the CRF of the one before "
        "(seen 5 QP off); the target ffmpeg encodes each segment by itself, without this."
    )
    return _written(schedule, facts, "--no-scenecut --keyint infinite", files, (*notes, warning))


def write_frame_types(schedule: Schedule, facts: VideoFacts) -> Written:
    """A qpfile that names type and QP of every frame; the types are those of an encode.

    There is no way to leave the type to x264 and fix the QP, and types that x264 would not choose change the
    encode. So they are read back from an encode by the same preset: of `write_x264`, say.
    """
    types = _checked_types(schedule, facts)
    qps = schedule.values().astype(int).tolist()
    lines = (
        f"{i} {kind} {qp + QP_OFFSETS[kind]}\n" for i, (kind, qp) in enumerate(zip(types, qps, strict=True))
    )
    return _written(schedule, facts, EXACT, {"frames.qp": "".join(lines)}, ())


def _checked_types(schedule: Schedule, facts: VideoFacts) -> str:
    types = facts.frame_types
    what = "x264-qpfile"
    if types is None:
        raise JNDError(
            f"{what}: a qpfile of every frame needs their types; encode by the target x264 first, then write "
            "this one in a terminal and name that encode (jnd schedule --types)."
        )
    if len(types) != schedule.frames or set(types) - set(QP_OFFSETS):
        raise JNDError(
            f"{what}: {len(types)} frame types were given for {schedule.frames} frames; it takes one of the "
            "letters I i P B b for each."
        )
    opened = next(
        (i for i, kind in enumerate(types) if kind in "Bb" and types[i + 1 : i + 2] in ("", "I")), None
    )
    if types[0] != "I" or opened is not None:
        where = "frame 0 is no I" if opened is None else f"frame {opened} is a B frame before an I or the end"
        raise JNDError(f"{what}: {where}, which x264 would change; give the types of a real encode.")
    return types


def _written(
    schedule: Schedule, facts: VideoFacts, options: str, files: dict[str, str], notes: tuple[str, ...]
) -> Written:
    qpfile = next(name for name in files if name.endswith(".qp"))
    zones = ' --zones "$(cat zones.txt)"' if "zones.txt" in files else ""
    colours, unknown = tags(facts, "x264")
    # The base mode must be CRF: with --qp N, x264 clamps all to N-3..N+3.
    used = " ".join([f"--preset {schedule.preset} --crf 26 {options}", *colours])
    command = (
        f"{decoding(facts)} |\n  x264 --demuxer y4m {used} --qpfile {qpfile}{zones} "
        f"-o {out_name(schedule, facts, '.mkv')} -"
    )
    return Written(files | {"encode.sh": script(command, NEEDS)}, command, (*notes, *unknown))
