"""The table of targets."""

from __future__ import annotations

from jndcore.schedule.writers.av1an import write_av1an
from jndcore.schedule.writers.ffmpeg import write_ffmpeg
from jndcore.schedule.writers.handbrake import write_handbrake
from jndcore.schedule.writers.nvencc import write_nvencc
from jndcore.schedule.writers.tables import write_csv, write_json
from jndcore.schedule.writers.target import Target
from jndcore.schedule.writers.x264 import write_frame_types, write_x264
from jndcore.schedule.writers.x265 import write_x265

H264 = "H.264 QP as x264 --qp N: P frames N, I N-3, reference B N+1, other b N+2"
PIPE = (
    "the encoder gets 8-bit 4:2:0, and no sound or subtitles; JNDScope's own encode (jnd encode) keeps "
    "depth, chroma and the other streams."
)
HEVC = (
    "HEVC QP as x265 --qp N, for the JND at x264's QP N: at one QP their luma PSNR differed by -0.14 to "
    "+0.35 dB (x265 less x264, medium, four clips of real motion, 640x360, QP 24, 30 and 36)"
)
CRF = "CRFs, which adaptive quantisation and MB-tree (cutree) move from block to block; AV1 by these alone"
AV1 = (
    "its scale is not H.264's (0..63, another quantiser), so QPs must not be copied; plan CRFs for libsvtav1 "
    "(--mode crf --refine --encoder libsvtav1) and write them for ffmpeg or av1an, or encode H.264 or HEVC"
)

TARGETS = {
    target.name: target
    for target in (
        Target(
            name="x264",
            title="x264 command line",
            scale=H264,
            verified=True,
            basis="x264 0.164: QPs of all frames read back with FFmpeg's venc_params",
            encoders=("libx264",),
            modes=("qp", "crf"),
            by_number=True,
            write=write_x264,
            note=PIPE,
        ),
        Target(
            name="x265",
            title="x265 command line",
            scale=HEVC,
            verified=True,
            basis="x265 3.5 (its zones in libx265 216 too): slice QPs read back with FFmpeg's trace_headers",
            encoders=("libx265",),
            modes=("qp",),
            by_number=True,
            write=write_x265,
            note=f"{PIPE} The file holds bare HEVC: give it a container and its frame rate by mkvmerge or "
            "MP4Box (ffmpeg -c copy gives B frames wrong times).",
        ),
        Target(
            name="x264-qpfile",
            title="x264 qpfile of every frame",
            scale=H264,
            verified=True,
            basis="x264 0.164, with the types of an encode by the target x264: QPs and types read back",
            encoders=("libx264",),
            modes=("qp",),
            by_number=True,
            write=write_frame_types,
            note=PIPE,
        ),
        Target(
            name="ffmpeg",
            title="ffmpeg script, one encode for each segment",
            scale=f"{H264}; or {HEVC}; or {CRF}",
            verified=True,
            basis="ffmpeg 5.1.9 and 9.0.2: QPs, pictures and time stamps of the joined file read back",
            encoders=("libx264", "libx265", "libsvtav1"),
            modes=("qp", "crf"),
            by_number=False,
            write=write_ffmpeg,
            note="the file holds the picture only, in 8-bit 4:2:0; JNDScope's own encode (jnd encode) keeps "
            "depth, chroma and the other streams.",
        ),
        Target(
            name="av1an",
            title="Av1an scenes.json and zones",
            scale=f"{H264}; or {HEVC}; or {CRF}",
            verified=False,
            basis="rust-av/Av1an, av1an-core/src/scenes/mod.rs (Scene, ZoneOptions, parse_from_zone)",
            encoders=("libx264", "libx265", "libsvtav1"),
            modes=("qp", "crf"),
            by_number=True,
            write=write_av1an,
            note="zones.txt serves in place of scenes.json (--zones zones.txt) where Av1an is to find cuts.",
        ),
        Target(
            name="handbrake",
            title="HandBrake advanced string",
            scale=H264,
            verified=False,
            basis="HandBrake/HandBrake, test/test.c; the string itself was followed by libx264 in FFmpeg",
            encoders=("libx264",),
            modes=("qp",),
            by_number=True,
            write=write_handbrake,
            note="only the first frame is a key frame, because zones do not reach them: the file cannot be "
            "sought in; near a change of QP the lower one holds for 3 frames longer.",
        ),
        Target(
            name="nvencc",
            title="NVEncC dynamic rate control",
            scale="H.264 QP I:P:B of NVENC; JNDs were predicted for x264's encodes",
            verified=False,
            basis="rigaya/NVEnc, NVEncC_Options.en.md (--dynamic-rc, --cqp, --option-file)",
            encoders=("libx264",),
            modes=("qp",),
            by_number=True,
            write=write_nvencc,
        ),
        Target(
            name="csv",
            title="CSV table of segments",
            scale="the schedule's own",
            verified=False,
            basis="read back by Python's csv",
            encoders=("libx264", "libx265", "libsvtav1"),
            modes=("qp", "crf"),
            by_number=False,
            write=write_csv,
        ),
        Target(
            name="json",
            title="JSON schedule",
            scale="the schedule's own",
            verified=False,
            basis="read back by jnd",
            encoders=("libx264", "libx265", "libsvtav1"),
            modes=("qp", "crf"),
            by_number=False,
            write=write_json,
        ),
    )
}
"""By name."""

REFUSED = dict.fromkeys(("svt-av1", "libsvtav1", "libaom", "rav1e", "vp9", "libvvenc"), AV1)
"""Targets that a QP must not be copied to, and why."""
