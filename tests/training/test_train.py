import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from jndcore.errors import JNDError
from jndcore.models.card import ModelCard, read_card
from jndcore.models.scopenet import ScopeNet
from jndcore.models.weights import load_weights
from jndcore.predict.rebuilding import rebuild_planes
from jndcore.training import Recipe, train
from jndcore.training.cards import provenance
from jndcore.training.crossval import cross_validate, predict_clip
from jndcore.training.fit_decoder import DecoderRecipe, fit_decoder, rebuild_loss
from jndcore.training.fit_levels import LevelData, LevelRecipe, fit_levels, level_loss
from jndcore.training.folds import grouped_folds
from jndcore.training.frames import cache_frames
from jndcore.training.labels import labels, read_clips

CPU = torch.device("cpu")
NONE = np.empty(0, np.int64)
SMALL = Recipe(
    LevelRecipe(epochs=2, batch=4, crop=(96, 128)), DecoderRecipe(steps=20, batch=2, crop=64), folds=2
)


def quiet(share: float) -> None:
    pass


@pytest.fixture(scope="module")
def data(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> LevelData:
    known = read_clips(clips, clips / "rendered")
    frames = cache_frames(known, tmp_path_factory.mktemp("cache"), 0, lambda stage, share: None)
    return LevelData(frames, labels(known), np.array([clip.moves for clip in known]), labels(known))


@pytest.fixture(scope="module")
def made(clips: Path, tmp_path_factory: pytest.TempPathFactory, make_clip: Callable[..., None]) -> Path:
    """Two further clips: one shows what clips of group g1 show, one nothing that they do."""
    folder = tmp_path_factory.mktemp("made")
    for name, seed in (("m0", 1), ("m1", 50)):
        make_clip(folder / f"{name}.mkv", seed, 9.0)
    rows = ["id,group,jnd1,jnd2,jnd3", "m0,g1,20,25,28", "m1,m1,21,26,29"]
    (folder / "clips.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def trained(
    clips: Path, made: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ModelCard, list[tuple[str, float]]]:
    out, told = tmp_path_factory.mktemp("out") / "made", []
    card = train(
        clips,
        clips / "rendered",
        out,
        made=made,
        recipe=SMALL,
        device="cpu",
        progress=lambda *now: told.append(now),
    )
    return out, card, told


def test_fitting_the_levels_learns_the_labels(data: LevelData) -> None:
    recipe = LevelRecipe(epochs=40, batch=4, crop=(96, 128), average=0.5)
    model, losses = fit_levels(data, data.take(NONE), recipe, 0, CPU, quiet)
    assert losses[-1] < 0.8 * losses[0]  # one picture in five is blank, and its truth a lot
    off = [
        predict_clip(model, clip, CPU).qp[0] - label
        for clip, label in zip(data.frames, data.label, strict=True)
    ]
    assert np.abs(off).mean() < 0.5 * np.abs(data.label - np.median(data.label, 0)).mean()
    assert not model.training
    ScopeNet(motion=True).load_state_dict(model.state_dict())


def test_pictures_of_nothing_are_doubted(data: LevelData) -> None:
    recipe = LevelRecipe(epochs=40, batch=4, crop=(96, 128), average=0.5)
    model, _ = fit_levels(data, data.take(NONE), recipe, 0, CPU, quiet)
    known = np.mean([predict_clip(model, clip, CPU).err for clip in data.frames])
    flat = np.stack([np.full((96, 128), 90, np.uint8), np.full((96, 128), 128, np.uint8)])
    with torch.inference_mode():
        assert model.predict(torch.from_numpy(flat)[None])[1].mean() > 1.2 * known


def test_made_clips_are_learned_from_too(data: LevelData) -> None:
    recipe = LevelRecipe(epochs=60, batch=4, made_batch=4, crop=(96, 128), average=0.5)
    few, rest = data.take(np.arange(4)), data.take(np.arange(4, 8))
    with_made = fit_levels(few, rest, recipe, 0, CPU, quiet)[0]
    alone = fit_levels(few, few.take(NONE), recipe, 0, CPU, quiet)[0]
    off = [
        np.mean(
            [
                np.abs(predict_clip(model, c, CPU).qp[0] - label)
                for c, label in zip(rest.frames, rest.label, strict=True)
            ]
        )
        for model in (with_made, alone)
    ]
    assert off[0] < 0.8 * off[1]


def test_made_clips_of_a_held_out_group_are_held_out_too(
    clips: Path, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jndcore.training import run

    seen: list[tuple[set[float], set[float]]] = []

    def fit(part: LevelData, more: LevelData, *rest: object) -> tuple[ScopeNet, list[float]]:
        seen.append((set(part.label[:, 0]), set(more.label[:, 0])))
        return ScopeNet(motion=True).eval(), []

    monkeypatch.setattr(run, "fit_levels", fit)
    monkeypatch.setattr(run, "fit_decoder", lambda *rest: [])
    train(clips, clips / "rendered", tmp_path, made=made, recipe=SMALL)
    of_g1 = {18 + (3.0 + 6 * i) / 4 for i in (1, 5)}  # labels of the clips of group g1
    assert len(seen) == 3
    for labelled, more in seen:
        assert (20.0 in more) == (of_g1 <= labelled)  # m0 shows what they show
        assert 21.0 in more


def test_the_same_seed_gives_the_same_weights(data: LevelData) -> None:
    recipe = LevelRecipe(epochs=2, batch=4, crop=(96, 128))
    first, same, other = (
        fit_levels(data, data.take(NONE), recipe, seed, CPU, quiet)[0].state_dict() for seed in (1, 1, 2)
    )
    assert all(torch.equal(first[key], same[key]) for key in first)
    assert not torch.equal(first["levels.weight"], other["levels.weight"])


def test_fitting_the_decoder_lowers_its_loss_and_leaves_the_encoder(data: LevelData) -> None:
    torch.manual_seed(0)
    model = ScopeNet().eval()
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    textured = data.frames[4:]
    losses = fit_decoder(
        model, textured, DecoderRecipe(steps=60, batch=4, crop=64, average=0.5), 0, CPU, quiet
    )
    assert np.mean(losses[:10]) < 1  # a rehearsal is nearer than a copy from the beginning
    assert np.mean(losses[-10:]) < 0.97 * np.mean(losses[:10])
    after = model.state_dict()
    assert all(torch.equal(after[key], before[key]) for key in after if not key.startswith("decoder"))
    assert not torch.equal(after["decoder.residual.weight"], before["decoder.residual.weight"])


def test_pieces_shrink_to_the_smallest_clip(data: LevelData) -> None:
    losses = fit_decoder(ScopeNet().eval(), data.frames, DecoderRecipe(steps=7, batch=2), 0, CPU, quiet)
    assert len(losses) == 7
    assert np.isfinite(losses).all()


def test_copying_the_source_costs_one() -> None:
    truth = torch.randn(3, 24, 8, 8) * 10
    assert rebuild_loss(torch.zeros_like(truth), truth).item() == pytest.approx(1.0)
    assert rebuild_loss(truth, truth).item() == 0.0


def test_the_error_is_learned_at_the_size_of_the_residuals() -> None:
    """The likelihood is least where `err` is the standard deviation of a Laplace distribution."""
    qp, truth = torch.zeros(1000, 3), torch.distributions.Laplace(0.0, 2.0).sample((1000, 3))
    sizes = torch.linspace(0.5, 8, 200)
    costs = [level_loss(qp, torch.full_like(qp, float(size)), truth).item() for size in sizes]
    assert sizes[int(np.argmin(costs))] == pytest.approx(2 * 2**0.5, rel=0.15)


def test_no_clip_is_judged_by_a_network_that_saw_its_group(data: LevelData, clips: Path) -> None:
    groups = [clip.group for clip in read_clips(clips, clips / "rendered")]
    seen: list[set[str]] = []

    def fit(chosen: np.ndarray, number: int) -> ScopeNet:
        seen.append({groups[i] for i in chosen})
        return ScopeNet(motion=True).eval()

    fold = grouped_folds(groups, 2, 0)
    held = cross_validate(fold, data.label, data.frames, fit, CPU)
    for number, inside in enumerate(seen):
        assert inside.isdisjoint({groups[i] for i in np.flatnonzero(fold == number)})
        np.testing.assert_array_equal(
            held.constant[fold == number][0], np.median(data.label[fold != number], 0)
        )
    assert np.isfinite(held.qp).all()
    clip = data.frames[0]
    pictures = [
        rebuild_planes(ScopeNet(motion=True), clip.version(0, t), clip.beside(t), held.qp[0, 1], "cpu").y
        for t in (0, 1)
    ]
    wrong = np.square(np.stack(pictures) - clip.y[2].astype(float)).mean()
    assert held.rebuilt_psnr[0, 1] == pytest.approx(10 * np.log10(255**2 / wrong))
    assert held.source_psnr[0, 1] == pytest.approx(
        10 * np.log10(255**2 / np.square(clip.y[0].astype(float) - clip.y[2]).mean())
    )


def test_train_writes_weights_that_its_card_describes(
    trained: tuple[Path, ModelCard, list[tuple[str, float]]],
) -> None:
    out, card, _ = trained
    assert sorted(path.name for path in out.iterdir()) == [
        "scopenet.clips10.json",
        "scopenet.clips10.oof.csv",
        "scopenet.clips10.safetensors",
    ]
    assert read_card(out / "scopenet.clips10.json") == card
    assert card.build == {"motion": True}
    model = ScopeNet(motion=True)
    load_weights(model, card, out)
    np.testing.assert_allclose(model.err_scale.numpy(), card.err_scale, rtol=1e-6)


def test_the_card_of_unknown_labels_claims_nothing(
    trained: tuple[Path, ModelCard, list[tuple[str, float]]],
) -> None:
    card = trained[1]
    assert "does not know" in card.data
    assert card.attribution == ()
    assert card.evaluation is not None
    assert (card.evaluation.clips, card.evaluation.groups, card.evaluation.folds) == (8, 4, 2)
    assert [figures.level for figures in card.evaluation.real_motion] == [1, 2, 3]


def test_held_out_predictions_give_the_cards_figures(
    trained: tuple[Path, ModelCard, list[tuple[str, float]]],
) -> None:
    out, card, _ = trained
    with open(out / "scopenet.clips10.oof.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [f"k{i}" for i in range(8)]
    assert card.evaluation is not None
    for figures in card.evaluation.levels:
        k = figures.level
        off = [abs(float(row[f"qp{k}"]) - float(row[f"label{k}"])) for row in rows]
        guess = [abs(float(row[f"constant{k}"]) - float(row[f"label{k}"])) for row in rows]
        assert figures.mae.value == pytest.approx(np.mean(off), abs=0.002)
        assert figures.constant_mae.value == pytest.approx(np.mean(guess), abs=0.002)
        inside = [o <= 1.2816 * float(row[f"err{k}"]) for o, row in zip(off, rows, strict=True)]
        assert figures.coverage80 == pytest.approx(np.mean(inside), abs=0.126)


def test_progress_names_every_stage_and_ends_each(
    trained: tuple[Path, ModelCard, list[tuple[str, float]]],
) -> None:
    done = [stage for stage, share in trained[2] if share == 1]
    assert done == [
        "reading and encoding the clips",
        "fold 1 of 2: levels",
        "fold 1 of 2: decoder",
        "fold 2 of 2: levels",
        "fold 2 of 2: decoder",
        "all clips: levels",
        "all clips: decoder",
    ]


def test_too_few_groups_are_refused_before_any_work(clips: Path, tmp_path: Path) -> None:
    with pytest.raises(JNDError, match="4 groups of clips cannot make 5 folds; label more sources"):
        train(clips, clips / "rendered", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unknown_device_is_refused(clips: Path, tmp_path: Path) -> None:
    with pytest.raises(JNDError, match=r"abacus: no such device here; choose auto or one of cpu"):
        train(clips, clips / "rendered", tmp_path, device="abacus")


def test_a_folder_that_cannot_be_made_is_refused(clips: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JNDError, match=r"file.*: the folder cannot be made"):
        train(clips, clips / "rendered", tmp_path / "file" / "out", recipe=SMALL)


def test_labels_that_jndscope_knows_bring_their_description(
    clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tomllib
    from importlib.resources import files

    from jndcore.training import cards

    about = tomllib.loads((files("resources") / "weights" / "clips193.toml").read_text(encoding="utf-8"))
    monkeypatch.setattr(cards, "tables_sha256", lambda folder: about["tables_sha256"])
    known = provenance(clips)
    assert known["attribution_file"] == "ATTRIBUTION.csv"
    assert "tables_sha256" not in known
