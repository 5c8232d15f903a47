"""Av1an: one x264 or x265 encode for each segment, several at a time."""

from __future__ import annotations

import json

from jndcore.schedule.schedule import Schedule
from jndcore.schedule.writers.lines import key_interval, out_name, quoted, script
from jndcore.schedule.writers.target import VideoFacts, Written

SHORTEST_SCENE = 24
"""Av1an's own default, in frames; it plays no part once scenes are given."""


def write_av1an(schedule: Schedule, facts: VideoFacts) -> Written:
    """scenes.json, which fixes the cuts, and zones.txt for who lets Av1an look for more; ends exclusive."""
    name = schedule.encoder.removeprefix("lib")
    scenes = [
        {
            "start_frame": segment.start,
            "end_frame": segment.stop,
            "zone_overrides": {
                "encoder": name,
                "passes": 1,
                "video_params": _parameters(schedule, segment.value),
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
        f"{s.start} {s.stop} {name} reset {' '.join(_parameters(schedule, s.value))}\n"
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
    return Written(files, command)


def _parameters(schedule: Schedule, value: float) -> list[str]:
    every = str(key_interval(schedule))
    keys = ["--keyint", every, "--min-keyint", every, "--no-scenecut"]
    return ["--preset", schedule.preset, f"--{schedule.mode}", f"{value:g}", *keys]
