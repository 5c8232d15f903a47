"""Files become models of the user's, all of them or none."""

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from keras_files import frames, write_keras

from jndcore.errors import JNDError
from jndcore.models import create_model, import_keras, list_models, load_card
from jndcore.models.library import user_weights_folder
from jndcore.models.paper import archives
from jndcore.models.paper.store import import_weights

PUBLISHED = "FALCON_IEEETCSVT2024_WP3_v1.0.zip"
THREE = {f"JND{level}Reconstruction": "autoencoder" for level in (1, 2, 3)}


@pytest.fixture(autouse=True)
def _own_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def pack(archive: Path, members: dict[str, Path | bytes]) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content if isinstance(content, bytes) else content.read_bytes())
    return archive


def empties(folder: Path, systems: dict[str, str]) -> dict[str, Path]:
    folder.mkdir(exist_ok=True)
    return {name: write_keras(folder / f"{name}.h5", system) for name, system in systems.items()}


def nothing_kept(tmp_path: Path) -> bool:
    return not (tmp_path / "data").exists()


def test_an_archive_becomes_a_model_for_each_system(tmp_path: Path) -> None:
    lat = {f"LATJND{level}": "LAT" for level in (1, 2, 3)}
    files = empties(tmp_path / "h5", lat | THREE | {"ImgReconstruction": "autoencoder"})
    rec = write_keras(tmp_path / "RECJND2.h5", "REC")
    inner = pack(tmp_path / "rec.zip", {"REC/RECJND2.h5": rec})
    members = {f"weights/{name}.h5": path for name, path in files.items()}
    more = {"README.txt": b"weights", "__MACOSX/weights/._LATJND1.h5": b"tidbit", "rec.zip": inner}
    archive = pack(tmp_path / PUBLISHED, members | more)

    cards = import_weights([archive])
    names = ["LAT.keras", "REC.keras-jnd2", "autoencoder.keras", "autoencoder.keras-image"]
    assert [card.name for card in cards] == names
    assert set(names) < {card.name for card in list_models()}
    assert sorted(path.name for path in user_weights_folder().iterdir()) == sorted(
        f"{name}.{kind}" for name in names for kind in ("json", "safetensors")
    )
    assert cards[0].build == {"levels": [1, 2, 3], "reconstruction": [1, 2, 3]}
    assert [card.levels for card in cards] == [(1, 2, 3), (2,), (), ()]  # autoencoders tell none
    assert all(card.record == "Zenodo 11080876" for card in cards)
    assert cards[1].source == f"{PUBLISHED}: rec.zip: REC/RECJND2.h5"
    assert cards[1].source_sha256 == (hashlib.sha256(rec.read_bytes()).hexdigest(),)
    image = create_model("autoencoder.keras-image")
    assert image.levels == (0,)
    assert image.card is not None
    assert image.card.levels == ()  # it tells none


def test_what_was_imported_answers_as_what_import_keras_gives(
    keras_file: Callable[[str], Path], tmp_path: Path
) -> None:
    file = keras_file("LAT")
    import_weights([file], system="LAT", level=1)
    kept, direct = create_model("LAT.keras-jnd1"), import_keras("LAT", [file])
    x = torch.from_numpy(frames()[:1])
    with torch.inference_mode():
        assert torch.equal(kept(x).qp, direct(x).qp)
        assert torch.equal(kept.predict(x)[0][:, :1], direct(x).qp)
    for name, weight in direct.state_dict().items():
        assert torch.equal(kept.state_dict()[name], weight)


def test_the_card_says_where_the_weights_come_from_and_what_they_cost(tmp_path: Path) -> None:
    files = empties(tmp_path, {"MJLAT": "MJ-LAT"} | THREE)
    card = import_weights(files.values())[0]
    assert card == load_card("MJ-LAT.keras")
    assert card.record == ""
    assert "if these files came from there; the files name none" in card.licence
    assert "10.5281/zenodo.11080876" in card.licence
    assert card.source.split(", ") == ["MJLAT.h5", *(f"{name}.h5" for name in THREE)]
    assert len(card.source_sha256) == 4
    assert card.evaluation is None
    assert card.gflops == pytest.approx(51.2, rel=0.005)
    assert card.rebuild_gflops == pytest.approx(51.2 + 3 * 33.2, rel=0.005)
    assert card.parameters / 1e6 == pytest.approx(26.07, abs=0.005)
    assert card.rebuild_parameters == 3 * 2_887_363
    model = create_model("MJ-LAT.keras")
    assert sum(p.numel() for p in model.parameters()) == card.parameters + card.rebuild_parameters


def test_importing_again_replaces_and_another_level_stands_beside(tmp_path: Path) -> None:
    one = empties(tmp_path, {"JND1Reconstruction": "autoencoder"})["JND1Reconstruction"]
    import_weights([one])
    with h5py.File(one, "r+") as file:
        file["conv2d/conv2d/bias:0"][:] = 5
    (card,) = import_weights([one])
    import_weights([one], level=2)
    assert [c.name for c in list_models() if c.network == "autoencoder"] == [
        "autoencoder.keras-jnd1",
        "autoencoder.keras-jnd2",
    ]
    assert load_card(card.name) == card
    assert torch.all(create_model(card.name).backbones[0].encoder[0].bias == 5)


def test_a_folder_and_a_file_given_twice_count_once(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (file,) = empties(folder, {"JND3Reconstruction": "autoencoder"}).values()
    assert [card.name for card in import_weights([folder, file, folder])] == ["autoencoder.keras-jnd3"]


def test_reconstruction_files_for_too_few_levels_are_left_out_and_said(tmp_path: Path) -> None:
    said: list[str] = []
    files = empties(tmp_path, {"JND1": "LAT", "JND2": "LAT", "JND2Reconstruction": "autoencoder"})
    cards = import_weights(files.values(), say=said.append)
    assert [card.name for card in cards] == ["LAT.keras-jnd1-2", "autoencoder.keras-jnd2"]
    assert cards[0].build == {"levels": [1, 2]}
    assert said == ["LAT: does without reconstruction files, for want of one for JND1."]


@pytest.mark.parametrize(
    ("name", "system", "how", "says"),
    [
        (
            "weights",
            "LAT",
            {},
            r"LAT, but neither its name nor a folder's tells the JND level; import it alone and say which, "
            r"for example --as LAT --level 2, or rename it, for example to LATJND2\.h5\.$",
        ),
        ("weights", "autoencoder", {}, r"autoencoder, but neither .* to JND2Reconstruction\.h5\.$"),
        ("weights", "E2E-LAT", {}, r"E2E-LAT, but neither .* to E2ELATJND2\.h5\.$"),
        ("weights", "REC", {"system": "REC"}, "REC, but neither its name"),
        (
            "E2ERECJND3",
            "REC",
            {},
            r"may be REC or E2E-REC; .* example --as REC --level 3, .* to RECJND3\.h5\.$",
        ),
        ("JND1", "autoencoder", {"system": "LAT"}, "holds weights of autoencoder, not of LAT"),
        ("RECJND3", "REC", {"system": "LAT"}, "holds weights of REC, not of LAT"),
        ("RECJND3", "REC", {"system": "RECK"}, "RECK: no such system of the paper"),
        ("MJ", "MJ-REC", {"level": 2}, "MJ-REC tells all levels from one file; give no level"),
        ("JND1", "LAT", {"level": 0}, "level 0: LAT has none such"),
    ],
)
def test_in_doubt_it_asks(name: str, system: str, how: dict, says: str, tmp_path: Path) -> None:
    (file,) = empties(tmp_path, {name: system}).values()
    with pytest.raises(JNDError, match=says):
        import_weights([file], **how)
    assert nothing_kept(tmp_path)


@pytest.mark.parametrize(
    ("name", "system", "how", "model"),
    [
        ("weights", "LAT", {"level": 2}, "LAT.keras-jnd2"),
        ("E2ERECJND3", "REC", {"system": "E2E-REC"}, "E2E-REC.keras-jnd3"),
        ("E2ERECJND3", "REC", {"system": "REC", "level": 1}, "REC.keras-jnd1"),
        ("weights", "autoencoder", {"level": 0}, "autoencoder.keras-image"),
        ("weights", "MJ-REC", {}, "MJ-REC.keras"),
        ("BestModelJND2", "LAT", {}, "LAT.keras-jnd2"),
    ],
)
def test_the_answer_decides(name: str, system: str, how: dict, model: str, tmp_path: Path) -> None:
    (file,) = empties(tmp_path, {name: system}).values()
    assert [card.name for card in import_weights([file], **how)] == [model]


def test_one_bad_file_among_good_ones_and_nothing_is_written(tmp_path: Path) -> None:
    files = empties(tmp_path / "h5", {"LATJND1": "LAT"} | THREE)
    with h5py.File(files["JND3Reconstruction"], "r+") as file:
        file["conv2d/conv2d/bias:0"][3] = np.nan
    archive = pack(tmp_path / "all.zip", {f"w/{path.name}": path for path in files.values()})
    with pytest.raises(JNDError) as error:
        import_weights([archive])
    assert str(error.value) == (
        f"{archive}: w/JND3Reconstruction.h5: conv2d holds numbers that are NaN or infinite; "
        "download it again."
    )
    assert nothing_kept(tmp_path)


def test_two_files_for_one_level_are_refused(tmp_path: Path) -> None:
    files = empties(tmp_path, {"JND1": "LAT", "LATJND1": "LAT"})
    with pytest.raises(JNDError, match=r"JND1\.h5 is LAT of level 1 too; give one of them"):
        import_weights(files.values())
    assert nothing_kept(tmp_path)


def test_a_level_for_several_files_is_refused(tmp_path: Path) -> None:
    files = empties(tmp_path, {"JND1": "LAT", "JND2": "LAT"})
    with pytest.raises(JNDError, match=r"--level 1: .* of these 2 is none; import them one at a time"):
        import_weights(files.values(), level=1)
    more = empties(tmp_path, {"a": "LAT", "b": "REC"})
    with pytest.raises(JNDError, match=r"--level 1: .* of these 4 is .*a\.h5, .*b\.h5; import them one"):
        import_weights([*files.values(), *more.values()], level=1)
    assert nothing_kept(tmp_path)


@pytest.mark.parametrize("how", [{}, {"system": "LAT"}])
def test_a_level_goes_with_the_one_file_in_doubt_among_others(how: dict, tmp_path: Path) -> None:
    files = empties(tmp_path, {"weights": "LAT", "LATJND1": "LAT"} | THREE)
    cards = import_weights(files.values(), level=2, **how)
    assert [card.name for card in cards] == ["LAT.keras-jnd1-2", "autoencoder.keras"]
    assert cards[0].build == {"levels": [1, 2], "reconstruction": [1, 2]}


def _published(folder: Path) -> dict[str, Path]:
    """Members of an archive whose files all have the name that training gives them."""
    systems = {"LAT": "LAT", "REC": "REC", "E2E-REC": "E2E-REC", "Rec": "autoencoder"}
    files = empties(folder, systems)
    return {
        f"MTL_JND-3/{name}/JND{level}/best.h5": path for name, path in files.items() for level in (1, 2, 3)
    }


def test_folders_tell_the_levels_that_names_do_not(tmp_path: Path) -> None:
    members = _published(tmp_path / "h5")
    names = ["E2E-REC.keras", "LAT.keras", "REC.keras", "autoencoder.keras"]
    cards = import_weights([pack(tmp_path / "JND2.zip", members)])
    assert [card.name for card in cards] == names
    assert cards[1].source.split(", ")[0] == "JND2.zip: MTL_JND-3/LAT/JND1/best.h5"


def test_what_is_given_with_and_without_its_folder_counts_once(tmp_path: Path) -> None:
    one, three = tmp_path / "all/JND1", tmp_path / "all/JND3"
    members = {}
    for folder in (one, three):
        folder.mkdir(parents=True)
        members[f"{folder.name}/best.h5"] = write_keras(folder / "best.h5", "autoencoder")
    again = pack(tmp_path / "again.zip", members)
    cards = import_weights([one / "best.h5", tmp_path / "all", one, again])
    assert [card.name for card in cards] == ["autoencoder.keras-jnd1-3"]
    assert [card.name for card in import_weights([three])] == ["autoencoder.keras-jnd3"]


@pytest.mark.parametrize(
    ("member", "system", "model"),
    [
        ("JND1/LATJND2.h5", "LAT", "LAT.keras-jnd2"),
        ("JND1/JND3/LAT.h5", "LAT", "LAT.keras-jnd3"),
        ("JND1\\LAT.h5", "LAT", "LAT.keras-jnd1"),
        ("JND2/Rec/best_model_MSEB8.h5", "autoencoder", "autoencoder.keras-jnd2"),
        ("Img/Rec/weights.h5", "autoencoder", "autoencoder.keras-image"),
        ("E2E and others/RECJND1.h5", "REC", "REC.keras-jnd1"),
    ],
)
def test_the_nearest_name_that_tells_decides(member: str, system: str, model: str, tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", {member: write_keras(tmp_path / "w.h5", system)})
    assert [card.name for card in import_weights([archive])] == [model]


def test_an_archive_in_an_archive_counts_as_a_folder(tmp_path: Path) -> None:
    inner = pack(tmp_path / "JND3.zip", {"LAT.h5": write_keras(tmp_path / "w.h5", "LAT")})
    outer = pack(tmp_path / "JND1.zip", {"more/JND3.zip": inner})
    assert [card.name for card in import_weights([outer])] == ["LAT.keras-jnd3"]


def test_all_files_in_doubt_are_named_at_once(tmp_path: Path) -> None:
    lat, rec = (write_keras(tmp_path / f"{system}.h5", system) for system in ("LAT", "REC"))
    members = {"MTL_JND-1/LAT.h5": lat, "JND1 JND2/LAT.h5": lat, "E2E/JND1.h5": rec, "JND2.h5": lat}
    archive = pack(tmp_path / "a.zip", members)
    doubt = "LAT, but neither its name nor a folder's tells the JND level"
    with pytest.raises(JNDError) as error:
        import_weights([archive])
    assert str(error.value) == (
        f"{archive}: MTL_JND-1/LAT.h5: {doubt}; {archive}: E2E/JND1.h5: may be REC or E2E-REC; import each "
        "alone and say which, for example --as LAT --level 2, or rename them, for example to LATJND2.h5."
    )
    assert nothing_kept(tmp_path)


@pytest.mark.parametrize("name", ["../evil.h5", "/evil.h5", "a/../../evil.h5", "C:/evil.h5", "..\\evil.txt"])
def test_an_archive_that_reaches_outside_itself_is_refused(name: str, tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", {"JND1.h5": b"", name: b"x"})
    with pytest.raises(JNDError, match=r"a\.zip: .*evil\.\w+ would lie outside it"):
        import_weights([archive])
    assert nothing_kept(tmp_path)
    assert not list(tmp_path.parent.rglob("evil*"))


def _cut(data: bytearray) -> bytearray:
    return data[: len(data) // 2]


def _flip(data: bytearray) -> bytearray:
    data[60] ^= 0xFF
    return data


def _encrypt(data: bytearray) -> bytearray:
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return data


def _swell(data: bytearray) -> bytearray:
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = ((1 << 30) + 1).to_bytes(4, "little")
    return data


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_cut, r"a\.zip: cut off or damaged"),
        (_flip, r"a\.zip: cut off or damaged"),
        (_encrypt, r"a\.zip: JND1\.h5 is encrypted; unpack it"),
        (_swell, r"a\.zip: JND1\.h5 is far too large for weights"),
    ],
)
def test_a_spoilt_archive_is_refused(
    spoil: Callable[[bytearray], bytearray], says: str, tmp_path: Path
) -> None:
    archive = pack(tmp_path / "a.zip", {"JND1.h5": write_keras(tmp_path / "b.h5", "LAT")})
    archive.write_bytes(spoil(bytearray(archive.read_bytes())))
    with pytest.raises(JNDError, match=says):
        import_weights([archive])
    assert nothing_kept(tmp_path)


def test_archives_are_bounded_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES_TOGETHER", 100)
    inner = pack(tmp_path / "b.zip", {"JND1.h5": bytes(90)})
    archive = pack(tmp_path / "a.zip", {"b.zip": inner})
    with pytest.raises(JNDError, match=r"a\.zip: holds far more than the paper's weights"):
        import_weights([archive])


def test_what_holds_no_weights_says_what_it_holds(tmp_path: Path) -> None:
    said: list[str] = []
    archive = pack(tmp_path / "a.zip", {"a.txt": b"", "b.onnx": b""})
    with pytest.raises(JNDError, match=r"a\.zip: no \.h5 file in it; give the files or the archive"):
        import_weights([archive], say=said.append)
    assert said == [f"{archive}: holds a.txt, b.onnx."]
    (tmp_path / "empty").mkdir()
    with pytest.raises(JNDError, match=r"empty: no \.h5 file in it"):
        import_weights([tmp_path / "empty"])
    with pytest.raises(JNDError, match=r"gone\.zip: cannot be unpacked \(No such file"):
        import_weights([tmp_path / "gone.zip"])
    assert nothing_kept(tmp_path)


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (file,) = empties(tmp_path, {"JND1Reconstruction": "autoencoder"}).values()
    (tmp_path / "taken").write_text("")
    with pytest.raises(JNDError, match=r"taken: cannot be written"):
        import_weights([file], folder=tmp_path / "taken")
