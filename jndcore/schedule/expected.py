"""How large the video stream of a schedule will be, by trial encodes of a few frames here and there.

The encode is thought to be cut into parts (`jndcore.schedule.size_trials`). Of 40 parts, all where there are
no more, some frames in the middle are encoded as the schedule says; the others get what lies nearest before
and behind, moved with their value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndcore.media import open_video
from jndcore.media.pairing import settle
from jndcore.results import LABEL_AREA
from jndcore.schedule.encoding import check_is_of
from jndcore.schedule.rate import UNKNOWN_FPS
from jndcore.schedule.schedule import Schedule
from jndcore.schedule.size_trials import Part, Sizes, SizeTrials, parts
from jndcore.schedule.writers.lines import key_interval

Array = NDArray[np.float64]

FRAMES = 24
"""Of a trial. More trials tell more than longer ones: what moves in a video changes within seconds."""

SHORTEST = 2 * FRAMES
"""Frames of a part, as long as there are not too many: half of a short video is encoded."""

TRIALS, FEWEST = 40, 12
"""At most so many trials; fewer where pictures are larger than those of the labels, but at least so many."""

HALVING = 6.0
"""QPs, or CRFs, in which the bits fall to half: for parts of which nothing was encoded."""

COMMON, SINGLE = 0.12, 0.3
"""Errors as measured (docs/schedule.md), a share of the bytes that were not encoded: of a whole video, and of
each part for itself."""

LEAST = 0.25
"""Share of a part that counts as not encoded, however little of it is: a trial has a key frame of its own."""

UNSURE = 0.05
"""Error, as a share, for each QP that a size is moved by: the bits fall to half in 4 to 10 QP, not just 6."""


class Stopped(Exception):
    """For `progress` to raise, to end an estimate: what was found so far stays in `known`."""


@dataclass(frozen=True)
class Expected:
    """What an encode's video stream is expected to come to, without a container, sound or subtitles.

    Attributes
    ----------
    bytes : int
    kbps : float
        Kilobits (1000) a second.
    doubt : float
        Share of `bytes` by which the encode may be larger or smaller: so near came nine of ten estimates.
    trials, parts : int
        Of how many parts frames were encoded, and how many there are.
    """

    bytes: int
    kbps: float
    doubt: float
    trials: int
    parts: int


def expect(
    schedule: Schedule,
    video: Path,
    *,
    known: dict[Part, Sizes] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Expected:
    """Estimate what `jndcore.schedule.encoding.encode` would make of `video`.

    Parameters
    ----------
    schedule : Schedule
    video : Path
        What was planned.
    known : dict, optional
        What trials found before, and where new ones are added: after an edit only what changed is encoded.
    progress : callable, optional
        Told the share done, 0..1, for each frame; may raise `Stopped`.

    Raises
    ------
    JNDError
        Where `video` is another one, cannot be read, or the encoder refuses it.
    """
    known = {} if known is None else known
    most = _most(schedule)
    length = int(np.clip(schedule.frames / most, SHORTEST, max(key_interval(schedule), SHORTEST)))
    all_ = parts(schedule, length)
    chosen = _chosen(schedule, all_, most)
    new = [all_[i] for i in chosen if all_[i] not in known]
    done = 0

    def tick() -> None:
        if progress:
            progress(done / len(new))

    with open_video(video, cache_bytes=0) as reader:
        check_is_of(reader.info.identity, schedule, video)
        settle(reader, schedule.frames)
        trials = SizeTrials(reader, schedule, FRAMES, tick)
        for done, part in enumerate(new):  # noqa: B007 read by `tick`
            known[part] = trials.sizes(part)
    return _expected(schedule, all_, chosen, [known[all_[i]] for i in chosen])


def _most(schedule: Schedule) -> int:
    """How many trials there may be."""
    area = max(schedule.video.width * schedule.video.height, 1)
    return int(np.clip(TRIALS * LABEL_AREA / area, FEWEST, TRIALS))


def _chosen(schedule: Schedule, all_: Sequence[Part], most: int) -> list[int]:
    """Those at even distances: long ones are met more often, and an edit changes few of the others."""
    if len(all_) <= most:
        return list(range(len(all_)))
    spots = (np.arange(most) + 0.5) * schedule.frames / most
    met = np.searchsorted([part.start for part in all_], spots, side="right") - 1
    return [int(i) for i in np.unique(met)]


def _expected(
    schedule: Schedule, all_: Sequence[Part], chosen: Sequence[int], found: Sequence[Sizes]
) -> Expected:
    values = np.array([part.value for part in all_])
    lengths = np.array([part.stop - part.start for part in all_])
    at, scale = np.array(chosen), 2.0 ** (values / HALVING)
    sizes = np.array(found) * scale[at, None]  # as they would be at value 0
    several = lengths[at] > 1  # a single frame tells nothing of others
    key = _between(len(all_), at, sizes[:, 0]) / scale
    other = _between(len(all_), at[several], sizes[several, 1]) / scale
    keys = np.array([part.start == part.key for part in all_])
    each = np.where(keys, key, 0) + other * (lengths - keys)
    total = float(each.sum())
    doubt = _doubt(
        shares=each / total,
        missing=np.where(lengths > FRAMES, np.maximum(1 - FRAMES / lengths, LEAST), 0.0),
        rates=((key + other * (lengths - 1)) * scale / lengths)[at],
        unseen=1 - float(each[at].sum()) / total,
        moved=float((each * (values - _between(len(all_), at, values[at]))).sum()) / total,
    )
    seconds = schedule.video.duration or schedule.frames / (schedule.fps or UNKNOWN_FPS)
    return Expected(round(total), total * 8 / 1000 / seconds, doubt, len(at), len(all_))


def _between(count: int, at: Array, sizes: Array) -> Array:
    """Sizes for all of `count` parts: between two that are known in proportion, beyond them the same."""
    return np.interp(np.arange(count), at, sizes) if len(at) else np.zeros(count)


def _doubt(shares: Array, missing: Array, rates: Array, unseen: float, moved: float) -> float:
    """How near nine of ten estimates come: 1.64 standard errors.

    Parameters
    ----------
    shares : ndarray, shape (parts,)
        Of the bytes.
    missing : ndarray, shape (parts,)
        Share of a part's frames that a trial leaves out.
    rates : ndarray, shape (trials,)
        Bytes a frame at one value, in the order of the video.
    unseen : float
        Share of the bytes that nothing was encoded of. What they differ by from their neighbours is seen in
        how the trials differ from theirs.
    moved : float
        QP by which the sizes of all parts were moved, in the mean by bytes.
    """
    alike, alone = COMMON * float(shares @ missing), SINGLE * shares * missing
    variance = alike**2 + float((alone**2).sum()) + (UNSURE * moved) ** 2
    if len(rates) > 2 and unseen > 0:
        apart = np.log(rates[1:-1]) - np.log((rates[:-2] + rates[2:]) / 2)
        variance += unseen**2 * float((apart**2).mean()) / len(rates)
    return float(1.64 * np.sqrt(variance))
