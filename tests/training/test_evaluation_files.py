import json
from pathlib import Path

import numpy as np
import pytest
from evaluation_runs import FOLD, GROUPS, IDS, LABEL, tell, write_run

from jndcore.errors import JNDError
from jndcore.training.datasets import Dataset, Item
from jndcore.training.datasets.base import NOTHING
from jndcore.training.datasets.stills import Still
from jndcore.training.datasets.videos import Video
from jndcore.training.evaluation.comparison import find_videos, gather
from jndcore.training.evaluation.reading import read_run


def test_a_run_is_read_with_what_lies_beside_it(tmp_path: Path) -> None:
    qp = LABEL + 1
    qp[:, 1:] = np.nan
    path = write_run(tmp_path / "LAT.oof.csv", qp, err=np.full((6, 3), 2.0))
    (tmp_path / "LAT.run.json").write_text(json.dumps({"title": "LAT, by hand", "seconds": 12}))
    run = read_run(path)
    assert (run.name, run.network, run.ids, run.groups) == ("LAT", "LAT", IDS, GROUPS)
    np.testing.assert_array_equal(run.label, LABEL)
    np.testing.assert_array_equal(run.answer.qp[:, 0], LABEL[:, 0] + 1)
    assert np.isnan(run.answer.qp[:, 1:]).all()
    assert (run.answer.err == 2).all()
    assert np.isnan(run.answer.rebuilt_psnr).all()
    assert run.answer.sur_sd[0].tolist() == [4.68, 2.79, 1.95]
    assert run.about == {"title": "LAT, by hand", "seconds": 12}
    assert not run.own_spread


def test_the_network_is_named_by_the_run_else_by_its_configuration_else_by_the_file(tmp_path: Path) -> None:
    path = write_run(tmp_path / "second.try.oof.csv", LABEL)
    assert read_run(path).network == "second"
    (tmp_path / "second.try.toml").write_text('network = "MJ-LAT"\ntitle = "again"\nepochs = 3\n')
    assert (read_run(path).network, read_run(path).about["title"]) == ("MJ-LAT", "again")
    (tmp_path / "second.try.run.json").write_text('{"network": "REC"}')
    assert (read_run(path).network, read_run(path).about["title"]) == ("REC", "again")


def test_a_spread_of_its_own_is_taken(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path / "a.oof.csv", LABEL, sur_sd=np.full((6, 3), 3.5)))
    assert run.own_spread
    assert (run.answer.sur_sd == 3.5).all()


GOOD = "id,group,fold,label1,label2,label3,qp1,qp2,qp3,err1,err2,err3\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no rows"),
        (GOOD, "has no rows"),
        (GOOD.replace("qp2,", "") + "a,g,0,20,25,28,20,28,1,1,1\n", "has no qp2; held-out predictions need"),
        (GOOD + "a,g,0,20,25,28,many,25,28,1,1,1\n", "qp1 of clip a is 'many', no number"),
        (GOOD + "a,g,0,20,25,28,inf,25,28,1,1,1\n", "qp1 of clip a is 'inf', no number"),
        (GOOD + "a,g,0.5,20,25,28,20,25,28,1,1,1\n", "fold of clip a is '0.5', no number"),
        (GOOD + "a,g,,20,25,28,20,25,28,1,1,1\n", "fold of clip a is 'nan', no number"),
        (GOOD + "a,g,0,20,,28,20,25,28,1,1,1\n", "label2 lacks for some clip, though qp2 is told"),
        (GOOD + "a,g,0,20,25,28,,,,1,1,1\n", "answers no level"),
        (GOOD + "a,g,0,20,25,28,20,25,28,1,1,1\n" * 2, "clip a stands in two rows"),
        (GOOD + "a,g,0,20,25,28,20,25,28,1,1,1\nb,h,1,20,25,28,20,,28,1,1,1\n", "qp2 lacks for some clips"),
        (GOOD + "a,g,0,20,25,28,20,25,28,1,1,1\nb,h,1,20,25,28,20,25,28,1,1,\n", "err3 lacks for some clips"),
        (GOOD + "a,g,0,20,25,28,20,25,28,1,0,1\n", "err2 is not above 0"),
        ("\xff\xfe", r"cannot be read as held-out predictions|has no"),
    ],
)
def test_bad_runs_are_one_clear_error(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bad.oof.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(JNDError, match=rf"bad\.oof\.csv: .*({says})"):
        read_run(tmp_path / "bad.oof.csv")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"build": 3}', '{"scale": "AVIF quality"}', '{"scale": ["x264 QP"]}']
)
def test_a_bad_run_json_is_one_clear_error(tmp_path: Path, text: str) -> None:
    write_run(tmp_path / "a.oof.csv", LABEL)
    (tmp_path / "a.run.json").write_text(text)
    with pytest.raises(JNDError, match=r"a\.run\.json: .*; correct it or delete it"):
        read_run(tmp_path / "a.oof.csv")


def test_a_folder_gives_its_runs_and_what_is_not_trained_yet(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write_run(tmp_path / f"{name}.oof.csv", LABEL)
    (tmp_path / "a.toml").write_text('network = "LAT"\n')
    (tmp_path / "MJ-LAT.toml").write_text('network = "MJ-LAT"\ntitle = "three at once"\n')
    (tmp_path / "notice.toml").write_text('licence = "none"\n')
    (tmp_path / "backbone.toml").write_text('network = "autoencoder"\n')
    (tmp_path / "no-test-part.toml").write_text('network = "REC"\n')
    (tmp_path / "no-test-part.run.json").write_text("{}")
    runs, untrained = gather([tmp_path, tmp_path / "b.oof.csv"])
    assert [run.name for run in runs] == ["a", "b"]
    (waiting,) = untrained
    assert (waiting.name, waiting.network, waiting.title) == ("MJ-LAT", "MJ-LAT", "three at once")
    folder = tmp_path.as_posix()
    assert waiting.command == f"jnd train {folder}/MJ-LAT.toml --data CLIPS --rendered DIR -o {folder}"


def test_rows_in_another_order_are_the_same_clips(tmp_path: Path) -> None:
    first = write_run(tmp_path / "a.oof.csv", LABEL)
    turned = write_run(
        tmp_path / "b.oof.csv",
        LABEL[::-1] + 1,
        ids=IDS[::-1],
        groups=GROUPS[::-1],
        fold=FOLD[::-1],
        label=LABEL[::-1],
    )
    runs, _ = gather([first, turned])
    assert runs[1].ids == IDS
    np.testing.assert_array_equal(runs[1].answer.qp, LABEL + 1)
    np.testing.assert_array_equal(runs[1].fold, FOLD)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"ids": ("k0", "k1", "k2", "k3", "v01", "v03")}, "clips"),
        ({"label": LABEL + 0.01}, "labels"),
        ({"fold": (0, 0, 2, 1, 2, 2)}, "folds"),
        ({"groups": ("a", "a", "b", "e", "d", "d")}, "groups"),
    ],
)
def test_runs_that_differ_are_named_both(tmp_path: Path, changed: dict, what: str) -> None:
    first = write_run(tmp_path / "a.oof.csv", LABEL)
    other = write_run(tmp_path / "b.oof.csv", LABEL, **changed)
    with pytest.raises(JNDError, match=rf"b\.oof\.csv: has other {what} than .*a\.oof\.csv"):
        gather([first, other])


def test_a_group_in_two_folds_was_not_held_out(tmp_path: Path) -> None:
    with pytest.raises(JNDError, match="group a lies in two folds"):
        gather([write_run(tmp_path / "a.oof.csv", LABEL, fold=(0, 1, 1, 1, 2, 2))])
    with pytest.raises(JNDError, match="has but one fold, so nothing was held out"):
        gather([write_run(tmp_path / "a.oof.csv", LABEL, fold=(0,) * 6)])


def test_nothing_to_evaluate(tmp_path: Path) -> None:
    with pytest.raises(JNDError, match=r"holds no NAME\.oof\.csv"):
        gather([tmp_path])
    with pytest.raises(JNDError, match=r"gone\.csv: is no run"):
        gather([tmp_path / "gone.csv"])
    with pytest.raises(JNDError, match=r"gone\.oof\.csv: cannot be read"):
        gather([tmp_path / "gone.oof.csv"])
    (tmp_path / "c.toml").write_text("network = \n")
    with pytest.raises(JNDError, match=r"c\.toml: cannot be read as a training configuration"):
        gather([tmp_path])


def dataset(*names: str, **other: tuple[float, float, float]) -> Dataset:
    """The clips of `LABEL`, those of `names` as stills, labels of `other` changed."""
    items = []
    for name, label in zip(IDS, LABEL, strict=True):
        file = Path(f"{name}.mkv")
        source = Still(file, (None, None, None)) if name in names else Video(file, (file, file, file))
        one, two, three = other.get(name, label.tolist())
        items.append(Item(name, "g", "", (one, two, three), NOTHING, source))
    return Dataset("set", "x264 QP", "none", tuple(items))


def test_videos_are_found_by_name_in_the_data_set(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path / "a.oof.csv", LABEL, label=LABEL + 4e-4))
    assert find_videos(run, dataset(), tmp_path) == {name: Path(f"{name}.mkv") for name in IDS}
    assert find_videos(run, dataset(*IDS), tmp_path) == {}
    whole = dataset()
    with pytest.raises(JNDError, match=r"has no v02, which .*a\.oof\.csv has"):
        find_videos(run, Dataset("set", "x264 QP", "none", whole.items[:-1]), tmp_path)
    for wrong in ((34.0, 39.0, 42.0), (34.5, 39.0, float("nan"))):
        with pytest.raises(JNDError, match="labels v02 otherwise"):
            find_videos(run, dataset(v02=wrong), tmp_path)


def one_level(table: np.ndarray) -> np.ndarray:
    return np.where([True, False, False], table, np.nan)


def test_labels_are_needed_only_where_the_run_answers(tmp_path: Path) -> None:
    path = write_run(tmp_path / "a.oof.csv", one_level(LABEL) + 1, label=one_level(LABEL))
    runs, _ = gather([path, write_run(tmp_path / "b.oof.csv", one_level(LABEL), label=one_level(LABEL))])
    assert [run.levels for run in runs] == [(1,), (1,)]
    assert np.isnan(runs[1].label[:, 1:]).all()


def test_a_test_part_comes_with_its_constant_guess(tmp_path: Path) -> None:
    path = write_run(tmp_path / "a.test.csv", LABEL, fold=(0,) * 6, constant=np.array([25.0, 30, 33]))
    run = gather([tmp_path])[0][0]
    assert (run.name, run.split) == ("a", True)
    assert (run.constant == [25, 30, 33]).all()
    write_run(path, LABEL, fold=(0,) * 6)
    with pytest.raises(JNDError, match=r"a\.test\.csv: constant1 lacks for some clip, though qp1 is told"):
        gather([path])


def test_test_parts_and_folds_do_not_mix_nor_test_parts_after_other_training(tmp_path: Path) -> None:
    first = write_run(tmp_path / "a.test.csv", LABEL, fold=(0,) * 6, constant=LABEL[:1])
    folds = write_run(tmp_path / "b.oof.csv", LABEL, fold=(0,) * 6)
    with pytest.raises(JNDError, match=r"b\.oof\.csv: has other folds than .*a\.test\.csv"):
        gather([first, folds])
    other = write_run(tmp_path / "c.test.csv", LABEL, fold=(0,) * 6, constant=LABEL[:1] + 1)
    with pytest.raises(JNDError, match=r"c\.test\.csv: has other constant guesses, so another part"):
        gather([first, other])


@pytest.mark.parametrize(
    "other", [{"scale": "JPEG quality"}, {"settings": {"data": {"kind": "videoset"}}}], ids=str
)
def test_runs_on_other_kinds_or_scales_are_refused(tmp_path: Path, other: dict) -> None:
    paths = [write_run(tmp_path / f"{name}.oof.csv", LABEL) for name in "ab"]
    tell(paths[1], **other)
    with pytest.raises(JNDError, match=r"b\.oof\.csv: has other data \(kind or scale\) than"):
        gather(paths)


def test_the_data_set_is_the_one_the_run_tells_else_clips(tmp_path: Path) -> None:
    path = write_run(tmp_path / "a.oof.csv", LABEL)
    assert (read_run(path).data.kind, read_run(path).scale) == ("clips", "x264 QP")
    tell(path, settings={"epochs": 3})
    assert read_run(path).data.kind == "clips"
    tell(path, settings={"data": {"kind": "konjnd", "codec": "bpg", "folds": 2}}, scale="BPG QP")
    told = read_run(path)
    assert (told.data.kind, told.data.codec, told.scale) == ("konjnd", "bpg", "BPG QP")


@pytest.mark.parametrize(
    ("toml", "build"),
    [
        ('network = "LAT"', {"levels": [1, 2, 3]}),
        ('network = "E2E-REC"\nlevels = [1]', {"levels": [1]}),
        ('network = "MJ-REC"', {}),
        ('network = "scopenet"', {}),
    ],
)
def test_what_is_not_trained_yet_is_built_as_its_configuration_says(
    tmp_path: Path, toml: str, build: dict
) -> None:
    write_run(tmp_path / "a.oof.csv", LABEL)
    (tmp_path / "later.toml").write_text(f"{toml}\n")
    ((waiting,),) = [gather([tmp_path])[1]]
    assert waiting.build == build
