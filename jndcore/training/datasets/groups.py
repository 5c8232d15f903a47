"""Which pictures show the same source, as far as names tell."""

from __future__ import annotations

import filecmp
import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

_FRAME = re.compile(r"[\s_.-]+(?:frame|frm|fr|f)?[\s_.-]*[0-9]+$", re.IGNORECASE)


def frame_groups(pictures: Sequence[tuple[str, Path]]) -> list[str]:
    """A group for each picture of a set, such that frames of one source share it.

    A trailing frame number is removed from the file's stem: digits behind ``_``, ``-``, ``.`` or a space,
    with ``f``, ``fr``, ``frm`` or ``frame`` before them or not. So ``clip03_f012`` belongs to ``clip03``,
    but ``img10`` is a name of its own. Where that leaves one group for everything the numbers tell pictures
    apart, and the stem is the group.

    Numbers may begin anew in each split (``train/img1.png`` and ``valid/img1.png``). A stem without a frame
    number that ends in a digit and occurs in several splits names the split too, unless two of those
    files are the same byte for byte: then they are one source on two sides.

    Parameters
    ----------
    pictures : sequence of (str, Path)
        Split and file.
    """
    stems = [path.stem for _, path in pictures]
    groups = [_FRAME.sub("", stem) or stem for stem in stems]
    if len(set(groups)) == 1:
        groups = stems
    namesakes = defaultdict(list)
    for group, stem, (_, path) in zip(groups, stems, pictures, strict=True):
        if group == stem and stem[-1].isdigit():
            namesakes[stem].append(path)
    counted = {
        stem
        for stem, paths in namesakes.items()
        if not any(filecmp.cmp(a, b, shallow=False) for a, b in combinations(paths, 2))
    }
    return [
        f"{split}/{group}" if group in counted and len(namesakes[group]) > 1 and group == stem else group
        for group, stem, (split, _) in zip(groups, stems, pictures, strict=True)
    ]
