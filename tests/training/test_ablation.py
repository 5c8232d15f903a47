from pathlib import Path

import numpy as np
import torch

from jndcore.training.ablation import Variant, ablate, variants
from jndcore.training.fit_levels import LevelRecipe
from jndcore.training.folds import grouped_folds
from jndcore.training.frames import cache_frames
from jndcore.training.labels import read_clips
from jndcore.training.run import level_data

QUICK = LevelRecipe(epochs=2, batch=4, made_batch=2, crop=(96, 128))


def test_variants_are_compared_with_the_recipe_on_the_same_folds(clips: Path, tmp_path: Path) -> None:
    known = read_clips(clips, clips / "rendered")
    everything = level_data(known, cache_frames(known, tmp_path, 0, lambda stage, share: None))
    data, made = everything.take(np.arange(6)), everything.take(np.arange(6, 8))
    groups = [clip.group for clip in known]
    told: list[str] = []
    tried = [*variants(QUICK), Variant("the recipe again", QUICK)]
    found = list(
        ablate(
            tried,
            data,
            made,
            (groups[:6], groups[6:]),
            grouped_folds(groups[:6], 2, 0),
            0,
            torch.device("cpu"),
            lambda stage, share: told.append(stage),
        )
    )
    assert [worth.name for worth in found] == [variant.name for variant in tried]
    assert len(set(told)) == 2 * len(tried)
    first, alone, *_, again = found
    assert [one.value for one in first.difference] == [0, 0, 0]
    assert again.ratio == first.ratio  # the same seeds
    assert np.isnan([one.value for one in alone.ratio]).tolist() == [False, True, True]
    for worth in found[2:-1]:
        assert np.isfinite([one.value for one in worth.ratio]).all()
        assert any(one.value != 0 for one in worth.difference)
