from pathlib import Path

import numpy as np
import torch

from jndcore.training.ablation import Variant, ablate, variants
from jndcore.training.fit_levels import LevelRecipe
from jndcore.training.folds import grouped_folds
from jndcore.training.labels import read_clips
from jndcore.training.material import gather

QUICK = LevelRecipe(epochs=2, batch=4, made_batch=2, crop=(96, 128))


def test_variants_are_compared_with_the_recipe_on_the_same_folds(clips: Path, tmp_path: Path) -> None:
    known = read_clips(clips, clips / "rendered")
    material = gather(known[:6], known[6:], tmp_path, 0, lambda stage, share: None)
    told: list[str] = []
    tried = [*variants(QUICK), Variant("the recipe again", QUICK)]
    found = list(
        ablate(
            tried,
            material,
            grouped_folds(material.groups, 2, 0),
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
