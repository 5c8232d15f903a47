"""Av1an: one encode by x264, x265 or SVT-AV1 for each segment, several at a time."""

from __future__ import annotations

import json

from jndcore.schedule.schedule import Encoder, Schedule
from jndcore.schedule.writers.colours import svt_tags, tags
from jndcore.schedule.writers.lines import key_interval, out_name, quoted, script
from jndcore.schedule.writers.target import VideoFacts, Written

SHORTEST_SCENE = 24
"""Av1an's own default, in frames; it plays no part once scenes are given."""

NAMES: dict[Encoder, str] = {"libx264": "x264", "libx265": "x265", "libsvtav1": "svt-av1"}
"""On Av1an's command line and in its zones; in scenes.json it writes svt_av1."""


def write_av1an(schedule: Schedule, facts: VideoFacts) -> Written:
    """scenes.json, which fixes the cuts, and zones.txt for who lets Av1an look for more; ends exclusive."""
    name = NAMES[schedule.encoder]
    colours, unknown = _colours(schedule, facts)
    scenes = [
        {
            "start_frame": segment.start,
            "end_frame": segment.stop,
            "zone_overrides": {
                "encoder": name.replace("-", "_"),
                "passes": 1,
                "video_params": [*_parameters(schedule, segment.value), *colours],
                "photon_noise": None,
                "photon_noise_height": None,
                "photon_noise_width": None,
                "chroma_noise": False,
                "extra_splits_len": None,
                "min_scene_len": SHORTEST_SCENE,
            },
        }
        for segment in schedule.segments
    ]
    document = {"frames": schedule.frames, "scenes": scenes, "split_scenes": scenes}
    # "reset": none of the parameters of the command line, whose CRF would come on top
    zones = "".join(
        f"{s.start} {s.stop} {name} reset {' '.join([*_parameters(schedule, s.value), *colours])}\n"
        for s in schedule.segments
    )
    command = (
        f"av1an -i {quoted(facts.path)} -e {name} --scenes scenes.json --pix-format yuv420p "
        f"-o {out_name(schedule, facts, '.mkv')}"
    )
    files = {
        "scenes.json": json.dumps(document, indent=1) + "\n",
        "zones.txt": zones,
        "encode.sh": script(command, "Av1an"),
    }
    return Written(files, command, unknown)


def _parameters(schedule: Schedule, value: float) -> list[str]:
    """Each option has a value: in a zone Av1an takes the word after an option for its value."""
    every = str(key_interval(schedule))
    if schedule.encoder == "libsvtav1":
        keys = ["--rc", "0", "--keyint", every, "--scd", "0"]
    else:
        keys = ["--keyint", every, "--min-keyint", every, "--scenecut", "0"]
    return ["--preset", schedule.preset, f"--{schedule.mode}", f"{value:g}", *keys]


def _colours(schedule: Schedule, facts: VideoFacts) -> tuple[list[str], tuple[str, ...]]:
    if schedule.encoder == "libsvtav1":
        return svt_tags(facts)
    return tags(facts, "x264" if schedule.encoder == "libx264" else "x265")
