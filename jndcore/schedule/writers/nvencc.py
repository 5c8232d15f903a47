"""NVEncC: constant QPs by ranges of frames, on an NVIDIA GPU."""

from __future__ import annotations

from jndcore.schedule.schedule import QP_OFFSETS, Schedule
from jndcore.schedule.writers.lines import key_interval, out_name, quoted, runs, script
from jndcore.schedule.writers.target import VideoFacts, Written


def write_nvencc(schedule: Schedule, facts: VideoFacts) -> Written:
    """An option file with ``--dynamic-rc start:end,cqp=I:P:B`` for each range; ends inclusive.

    NVENC tells one QP for all B frames: the one of x264's B frames that nothing refers to.
    """
    lines = [f"--dynamic-rc {a}:{b - 1},cqp={_three(int(q))}\n" for a, b, q in runs(schedule)]
    command = (
        f"nvencc -i {quoted(facts.path)} --avsw --codec h264 --output-depth 8 "
        f"--cqp {_three(int(schedule.segments[0].value))} --gop-len {key_interval(schedule)} "
        "--colorrange auto --colorprim auto --transfer auto --colormatrix auto "  # the video's
        f"--option-file dynamic_rc.txt -o {out_name(schedule, facts, '.mkv')}"
    )
    files = {"dynamic_rc.txt": "".join(lines), "encode.sh": script(command, "NVEncC and an NVIDIA GPU")}
    return Written(files, command)


def _three(qp: int) -> str:
    return f"{qp + QP_OFFSETS['I']}:{qp}:{qp + QP_OFFSETS['b']}"
