"""One way to open every kind of data set."""

from __future__ import annotations

from pathlib import Path

from jndcore.errors import JNDError
from jndcore.training.datasets.base import Dataset, check_items, check_splits
from jndcore.training.datasets.clips import open_clips
from jndcore.training.datasets.folders import open_folders
from jndcore.training.datasets.konjnd import open_konjnd
from jndcore.training.datasets.mcl_jci import open_mcl_jci
from jndcore.training.datasets.videoset import open_videoset

KINDS = ("clips", "videoset", "folders", "mcl-jci", "konjnd")

VIDEOS = ("clips", "videoset")
"""Those whose items are videos; the items of the others are stills."""


def open_dataset(
    kind: str,
    root: Path,
    *,
    rendered: Path | None = None,
    resolution: str = "1280x720",
    codec: str = "jpeg",
    cache: Path | None = None,
) -> Dataset:
    """Open a data set of JND labels. No picture is decoded yet, but all files are seen to be there.

    Parameters
    ----------
    kind : str
        One of `KINDS`:

        - ``"clips"``: label tables ``clips.csv`` and ``real_clips.csv``, QP;
        - ``"videoset"``: VideoSet's tables and videos, QP;
        - ``"folders"``: the layout of the paper's authors, ``train/``, ``valid/``, ``test/``;
        - ``"mcl-jci"``: MCL-JCI, JPEG quality;
        - ``"konjnd"``: KonJND-1k, JPEG quality or BPG QP.
    root : Path
        Folder of the set.
    rendered : Path, optional
        ``"clips"``: folder of the clips' files; `root` where not given.
    resolution : str
        ``"videoset"``: ``"1920x1080"``, ``"1280x720"``, ``"960x540"`` or ``"640x360"``.
    codec : str
        ``"konjnd"``: ``"jpeg"`` or ``"bpg"``.
    cache : Path, optional
        ``"clips"``: keeps frames encoded at JND quality (see `jndcore.training.datasets.jnd_frames`).

    Returns
    -------
    Dataset

    Raises
    ------
    JNDError
        Where the kind is unknown, files are missing or misnamed (one error for all of them, which names the
        first ten and counts the rest), labels are bad, or a source lies in two splits.
    """
    root = Path(root)
    if kind not in KINDS:
        raise JNDError(f"{root}: there is no data set of kind {kind!r}; choose one of {', '.join(KINDS)}.")
    if not root.is_dir():
        raise JNDError(f"{root}: there is no such folder; name the folder of the data set.")
    if kind == "clips":
        dataset = open_clips(root, Path(rendered or root), cache)
    elif kind == "videoset":
        dataset = open_videoset(root, resolution)
    elif kind == "folders":
        dataset = open_folders(root)
    elif kind == "mcl-jci":
        dataset = open_mcl_jci(root)
    else:
        dataset = open_konjnd(root, codec)
    check_items(dataset)
    check_splits(dataset)
    return dataset
