"""Which file is what, and which files make up a network."""

from pathlib import Path

import h5py
import pytest
import torch
from keras_files import FILES, layers_of, write_keras

from jndcore.errors import JNDError
from jndcore.models import import_keras
from jndcore.models.paper.identify import identify


def empty(folder: Path, name: str, system: str) -> Path:
    return write_keras(folder / f"{name}.h5", system)


@pytest.mark.parametrize("system", [*FILES])
def test_a_system_is_known_by_its_shapes(system: str, tmp_path: Path) -> None:
    found = identify(empty(tmp_path, "weights", system))
    assert (found.system, found.level) == (system, None)


@pytest.mark.parametrize(
    ("name", "system", "level"),
    [
        ("LATJND2", "LAT", 2),
        ("jnd3_lat", "LAT", 3),
        ("E2ERECJND1", "E2E-REC", 1),
        ("JND1Reconstruction", "autoencoder", 1),
        ("ImgReconstruction", "autoencoder", 0),
        ("best_model_MSEB8", "autoencoder", 0),
        ("LAT", "LAT", None),
        ("JND1or2JND2", "LAT", None),
        ("JND12", "LAT", None),
        ("JND4", "LAT", None),
        ("MJLAT_JND1", "MJ-LAT", None),
    ],
)
def test_the_level_is_told_by_the_name(name: str, system: str, level: int | None, tmp_path: Path) -> None:
    assert identify(empty(tmp_path, name, system)).level == level


def test_rec_and_e2e_rec_differ_by_a_layer_and_then_by_name(tmp_path: Path) -> None:
    assert identify(empty(tmp_path, "RECJND1", "E2E-REC")).system == "E2E-REC"
    assert identify(empty(tmp_path, "JND1", "REC")).system == "REC"
    doubtful = empty(tmp_path, "E2ERECJND1", "REC")
    assert identify(doubtful).candidates == ("REC", "E2E-REC")
    assert import_keras("E2E-REC", [doubtful]).levels == import_keras("REC", [doubtful]).levels == (1,)


@pytest.mark.parametrize("system", ["LAT", "E2E-LAT", "REC", "E2E-REC"])
def test_files_of_several_levels_become_one_system(system: str, tmp_path: Path) -> None:
    files = [empty(tmp_path, f"JND{level}", system) for level in (3, 1)]
    network = import_keras(system, files)
    assert network.levels == (1, 3)
    assert not network.training


def test_each_level_has_the_weights_of_its_file(tmp_path: Path) -> None:
    files = []
    for level in (2, 1):
        files.append(empty(tmp_path, f"LATJND{level}", "LAT"))
        files.append(empty(tmp_path, f"JND{level}Reconstruction", "autoencoder"))
        for file in files[-2:]:
            with h5py.File(file, "r+") as opened:
                opened["conv2d/conv2d/bias:0"][:] = level
    network = import_keras("LAT", files)
    assert network.levels == (1, 2)
    for level, net, autoencoder in zip((1, 2), network.nets, network.reconstruction, strict=True):
        assert torch.all(net.encoder[0].bias == level)
        assert torch.all(autoencoder.encoder[0].bias == level)


def test_a_level_that_is_given_outweighs_the_name(tmp_path: Path) -> None:
    file = empty(tmp_path, "LATJND2", "LAT")
    assert import_keras("LAT", [file]).levels == (2,)
    assert import_keras("LAT", [file], level=3).levels == (3,)
    assert import_keras("LAT", [str(empty(tmp_path, "LAT", "LAT"))]).levels == (1,)


@pytest.mark.parametrize("system", ["MJ-LAT", "MJ-REC"])
def test_reconstruction_files_go_with_all_levels_or_none(system: str, tmp_path: Path) -> None:
    own = empty(tmp_path, "a", system)
    three = [empty(tmp_path, f"JND{level}Reconstruction", "autoencoder") for level in (1, 2, 3)]
    assert len(import_keras(system, [own, *three]).reconstruction) == 3
    assert len(import_keras(system, [own]).reconstruction) == 0
    with pytest.raises(
        JNDError, match="the reconstruction of level 2 is missing; give files for all of 1, 2, 3"
    ):
        import_keras(system, [own, three[0], three[2]])


@pytest.mark.parametrize(
    ("system", "files", "level", "says"),
    [
        ("LATE", {}, None, "LATE: no such system of the paper; choose one of LAT, E2E-LAT"),
        ("lat", {}, None, "lat: no such system"),
        ("LAT", {}, None, "LAT: none of its own files is given"),
        ("LAT", {"JND1Reconstruction": "autoencoder"}, None, "LAT: none of its own files is given"),
        ("LAT", {"RECJND1": "REC"}, None, r"RECJND1\.h5: holds weights of REC, not of LAT"),
        ("REC", {"RECJND1": "E2E-REC"}, None, r"RECJND1\.h5: holds weights of E2E-REC, not of REC"),
        ("E2E-REC", {"RECJND1": "REC"}, None, r"RECJND1\.h5: holds weights of REC, not of E2E-REC"),
        (
            "E2E-LAT",
            {"a": "E2E-LAT", "JND1Reconstruction": "autoencoder"},
            None,
            "autoencoder, not of E2E-LAT",
        ),
        ("MJ-LAT", {"a": "MJ-REC"}, None, "holds weights of MJ-REC, not of MJ-LAT"),
        ("MJ-LAT", {"a": "MJ-LAT", "b": "MJ-LAT"}, None, r"b\.h5: .*a\.h5 is MJ-LAT too; give one of them"),
        ("MJ-LAT", {"a": "MJ-LAT"}, 1, "MJ-LAT tells all levels from one file; give no level"),
        (
            "LAT",
            {"JND1": "LAT", "LAT1_JND1": "LAT"},
            None,
            r"JND1\.h5 is LAT of level 1 too; give one of them",
        ),
        ("LAT", {"JND1": "LAT", "a": "LAT"}, None, r"a\.h5: its name tells no JND level"),
        ("LAT", {"JND1": "LAT", "JND2": "LAT"}, 1, "level 1: goes with one file, not 2"),
        ("LAT", {"JND1": "LAT"}, 4, "level 4: LAT has none such; give one of 1, 2, 3"),
        ("LAT", {"JND1": "LAT"}, 0, "level 0: LAT has none such"),
        (
            "LAT",
            {"JND1": "LAT", "JND2Reconstruction": "autoencoder"},
            None,
            r"JND2Reconstruction\.h5: its name tells none of the levels 1;",
        ),
    ],
)
def test_files_that_make_up_no_network_are_refused(
    system: str, files: dict[str, str], level: int | None, says: str, tmp_path: Path
) -> None:
    paths = [empty(tmp_path, name, of) for name, of in files.items()]
    with pytest.raises(JNDError, match=says):
        import_keras(system, paths, level=level)


def test_weights_of_no_network_are_told_where_they_differ(tmp_path: Path) -> None:
    short = write_keras(tmp_path / "short.h5", "LAT", layers=layers_of("LAT")[:-1])
    with pytest.raises(JNDError, match=r"fits none .*: it ends after 56 of the 58 weights of LAT"):
        import_keras("LAT", [short])
    more = [*layers_of("LAT"), ("dense_99", [("dense_99/kernel:0", [1, 1])])]
    with pytest.raises(JNDError, match=r"fits none .*: it has 59 weights, LAT has 58"):
        import_keras("LAT", [write_keras(tmp_path / "long.h5", "LAT", layers=more)])
