"""What `jnd schedule` plans: a QP for each shot, or the CRF of the same quality."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from jndcore.commands.stages import shown_stages
from jndcore.errors import JNDError
from jndcore.results import Analysis, read_analysis
from jndcore.schedule import Schedule, is_schedule, read_schedule
from jndcore.schedule.crf_map import by_map
from jndcore.schedule.crf_match import match_crf
from jndcore.schedule.presets import LABELS, PRESETS, USUAL
from jndcore.schedule.refined import Terms, correct, correct_where_fitted, planned_by
from jndcore.schedule.schedule import MODES, Encoder, Level
from jndcore.schedule.writers import Target
from jndcore.schedule.writers.writing import check_follows


@dataclass(frozen=True)
class Wanted:
    """What the user asks of a plan; None where nothing was said. `probed` is the video for ``--refine``."""

    level: int | None = None
    share: float | None = None
    max_step: int | None = None
    force: bool | None = None
    mode: str | None = None
    encoder: str | None = None
    preset: str | None = None
    probed: Path | None = None
    vmaf: bool | None = None


def planned(source: Path, target: Target | None, wanted: Wanted) -> Schedule:
    """The schedule of a file, or one planned from an analysis.

    Parameters
    ----------
    source : Path
        An analysis or a schedule.
    target : Target or None
        What the schedule is to be written for.
    wanted : Wanted

    Raises
    ------
    JNDError
        Where `wanted` does not fit together or to `source`, or what it names cannot be read.
    """
    if is_schedule(source):
        if wanted != Wanted():
            raise JNDError(f"{source}: it is planned already; leave out the options of planning.")
        return read_schedule(source)
    if source.suffix.lower() not in (".parquet", ".csv", ".json"):
        raise JNDError(f"{source}: neither an analysis nor a schedule; analyse a video first (jnd analyze).")
    if wanted.mode not in (None, "qp", "crf"):
        raise JNDError(f"--mode {wanted.mode}: plan by qp or by crf.")
    if wanted.vmaf and (wanted.mode != "crf" or wanted.probed is None):
        raise JNDError("--vmaf says how CRFs are matched by encoding; it needs --mode crf --refine.")
    encoder, preset = _encoder(wanted, target)
    analysis = read_analysis(source)
    if wanted.mode != "crf":
        return _qps(analysis, wanted, encoder, preset)
    if wanted.probed is None:
        return by_map(planned_by(analysis, _terms(wanted), encoder, preset))
    return _matched(analysis, wanted.probed, wanted, encoder, preset, target)


def _encoder(wanted: Wanted, target: Target | None) -> tuple[Encoder, str]:
    """Encoder and preset, where they can be planned for."""
    encoder = wanted.encoder or (target.encoders[0] if target else "libx264")
    if encoder not in MODES:
        raise JNDError(f"{encoder}: a plan is for libx264, libx265 or libsvtav1.")
    preset = wanted.preset or USUAL[encoder]
    if preset not in PRESETS[encoder]:
        raise JNDError(f"{preset!r}: name a preset of {encoder}: {', '.join(PRESETS[encoder])}.")
    if (wanted.mode or "qp") not in MODES[encoder]:
        raise JNDError(
            f"{encoder}: AV1 has no QPs of H.264's scale; plan CRFs (--mode crf --refine --video VIDEO)."
        )
    if wanted.mode == "crf" and wanted.probed is None and (encoder, preset) != LABELS:
        raise JNDError(
            f"{encoder} with preset {preset}: CRFs are known without trial encodes for libx264 with preset "
            "medium alone; match them by encoding (--refine --video VIDEO)."
        )
    return encoder, preset


def _terms(wanted: Wanted) -> Terms:
    share = 75.0 if wanted.share is None else wanted.share
    return Terms(cast(Level, wanted.level or 1), share, wanted.max_step, bool(wanted.force))


def _qps(analysis: Analysis, wanted: Wanted, encoder: Encoder, preset: str) -> Schedule:
    if wanted.probed is None:
        return planned_by(analysis, _terms(wanted), encoder, preset)
    with shown_stages() as progress:
        corrected = correct(analysis, wanted.probed, lambda done: progress("probing", done))
    return corrected.plan(_terms(wanted), encoder, preset)


def _matched(
    analysis: Analysis, video: Path, wanted: Wanted, encoder: Encoder, preset: str, target: Target | None
) -> Schedule:
    """CRFs by trial encodes, of levels that are corrected where a correction is fitted."""
    with shown_stages() as progress:
        corrected = correct_where_fitted(analysis, video, lambda done: progress("probing", done))
        qps = corrected.plan(_terms(wanted), *LABELS)
        if target is not None:  # before minutes of encoding
            check_follows(target, replace(qps, mode="crf", encoder=encoder, preset=preset))
        return match_crf(
            qps,
            video,
            lambda done: progress("matching CRFs", done),
            encoder=encoder,
            preset=preset,
            vmaf=bool(wanted.vmaf),
        )
