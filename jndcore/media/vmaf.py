"""VMAF, by the ffmpeg program of the extra ``vmaf``: PyAV's FFmpeg has no libvmaf."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.media.errors import MediaError
from jndcore.media.opening import open_container, video_stream

_LOG = "vmaf.json"


def vmaf_scores(
    source: Path, encoded: Path, frames: int, told: Callable[[float], None] | None = None
) -> NDArray[np.float64]:
    """VMAF of each frame of `encoded`, shape (frames,), 0 to 100, by libvmaf's default model.

    Frames are paired by number: that both files hold as many, at the same times, is the caller's to check.

    Parameters
    ----------
    source, encoded : Path
    frames : int
        Of each.
    told : callable, optional
        Given the share done, 0 to 1; what it raises ends the work.

    Raises
    ------
    MediaError
        Where the extra is not installed, or the program fails.
    """
    program = vmaf_program()
    first, second = encoded.resolve(), source.resolve()
    chains = [
        f"[{i}:{_stream(path)}]settb=1/25,setpts=N,format={_pix_fmt(encoded)}[v{i}]"
        for i, path in enumerate((first, second))
    ]
    compare = f"[v0][v1]libvmaf=log_fmt=json:log_path={_LOG}:n_threads={os.cpu_count() or 1}"
    command = [
        program,
        "-nostdin",
        "-hide_banner",
        "-loglevel",
        "error",
        "-progress",
        "pipe:1",
        "-i",
        f"file:{first}",
        "-i",
        f"file:{second}",
        "-filter_complex",
        ";".join([*chains, compare]),
        "-fps_mode",
        "passthrough",
        "-f",
        "null",
        "-",
    ]
    with tempfile.TemporaryDirectory(prefix="jnd-vmaf-") as folder:
        complaint = _run(command, folder, frames, told or (lambda _: None))
        log = Path(folder) / _LOG
        if complaint is not None or not log.exists():
            raise MediaError(f"{encoded}: VMAF cannot be measured ({complaint}); leave it out.")
        rows = json.loads(log.read_text())["frames"]
    scores = np.array([row["metrics"]["vmaf"] for row in rows], dtype=np.float64)
    if len(scores) != frames:
        raise MediaError(f"{encoded}: ffmpeg decodes {len(scores)} frames where there are {frames}; no VMAF.")
    return scores


def vmaf_program() -> str:
    """Where the program is that measures VMAF.

    Raises
    ------
    MediaError
        Where the extra is not installed.
    """
    try:
        import imageio_ffmpeg  # the extra
    except ModuleNotFoundError as error:
        raise MediaError(
            "VMAF needs a program that is not installed: pip install 'jndscope[vmaf]'."
        ) from error
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _stream(path: Path) -> int:
    with open_container(path) as container:
        return video_stream(container, path).index


def _pix_fmt(path: Path) -> str:
    with open_container(path) as container:
        return (video_stream(container, path).codec_context.pix_fmt or "yuv420p").replace("yuvj", "yuv")


def _run(command: list[str], folder: str, frames: int, told: Callable[[float], None]) -> str | None:
    """Run ffmpeg in `folder`; what it complains of, None when all went well."""
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        said: list[str] = []
        try:
            for line in process.stdout or ():
                key, _, value = line.strip().partition("=")
                if key == "frame" and value.strip().isdigit():
                    told(min(1.0, int(value) / max(1, frames)))
                elif " " in line:
                    said.append(line.strip())
        except BaseException:
            process.kill()
            raise
    return None if process.returncode == 0 else (said[-1] if said else f"exit code {process.returncode}")
