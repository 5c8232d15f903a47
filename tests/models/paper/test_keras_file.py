"""What is read from a Keras file, and what is refused before it is read."""

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from keras_files import layers_of, numbers, renamed, write_keras

from jndcore.errors import JNDError
from jndcore.models import import_keras
from jndcore.models.paper.keras_file import read_outline, read_weights
from jndcore.models.paper.keras_layout import keras_shapes
from jndcore.models.paper.store import import_weights

NAME = "JND2Reconstruction"
KERNEL = "conv2d_1/conv2d_1/kernel:0"
SHAPE = (5, 5, 128, 128)

Edit = Callable[[h5py.File], object]


def replace(data: object = None, *, at: str = KERNEL, **how: object) -> Edit:
    def edit(file: h5py.File) -> None:
        del file[at]
        file.create_dataset(at, data=data, **how)

    return edit


def refused(path: Path, says: str) -> None:
    """Refused with one sentence that names the file, by both ways in, and nothing is written."""
    kept = path.parent / "kept"
    for use in (
        lambda: import_keras("autoencoder", [path]),
        lambda: import_weights([path], system="autoencoder", level=2, folder=kept),
    ):
        with pytest.raises(JNDError, match=says) as error:
            use()
        assert str(error.value).startswith(f"{path}: ")
        assert "\n" not in str(error.value)
    assert not kept.exists()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A sound file without numbers in it."""
    return write_keras(tmp_path / f"{NAME}.h5", "autoencoder")


def test_numbers_come_in_the_order_of_the_file(keras_file: Callable[[str], Path]) -> None:
    arrays = read_weights(keras_file(NAME), keras_shapes("autoencoder"))
    expected = [
        numbers(NAME, i, j, weight, shape)
        for i, (_, weights) in enumerate(layers_of("autoencoder"))
        for j, (weight, shape) in enumerate(weights)
    ]
    for got, wanted in zip(arrays, expected, strict=True):
        assert got.dtype == np.float32
        assert np.array_equal(got, wanted)


def test_the_outline_names_layers_and_shapes(file: Path) -> None:
    outline = read_outline(file)
    assert outline[2] == ("conv2d_1", "conv2d_1/kernel:0", SHAPE)
    assert len(outline) == 16


def _whole(path: Path) -> Path:
    write_keras(path, "autoencoder", under="model_weights")
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = '{"class_name": "Functional"}'
        file["optimizer_weights/Adam/iter:0"] = np.int64(7)
    return path


def _in_parts(path: Path) -> Path:
    write_keras(path, "autoencoder")
    with h5py.File(path, "r+") as file:
        names = file.attrs["layer_names"]
        del file.attrs["layer_names"]
        for part, some in enumerate(np.array_split(names, 3)):
            file.attrs[f"layer_names{part}"] = some
    return path


def _as_text(path: Path) -> Path:
    write_keras(path, "autoencoder")
    with h5py.File(path, "r+") as file:
        for group in (file, *file.values()):
            for name in ("layer_names", "weight_names"):
                if name in group.attrs:
                    texts = [text.decode() for text in group.attrs[name]]
                    group.attrs.create(name, texts, dtype=h5py.string_dtype())
    return path


def _shifted(path: Path) -> Path:
    return write_keras(path, "autoencoder", layers=renamed(layers_of("autoencoder"), 16))


def _double(path: Path) -> Path:
    write_keras(path, "autoencoder")
    with h5py.File(path, "r+") as file:
        replace(np.zeros(SHAPE, ">f8"))(file)
    return path


@pytest.mark.parametrize("write", [_whole, _in_parts, _as_text, _shifted, _double])
def test_other_ways_in_which_keras_writes_are_read_too(write: Callable[[Path], Path], tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5")
    assert [weight.shape for weight in read_outline(path)] == list(keras_shapes("autoencoder"))
    assert import_keras("autoencoder", [path]).levels == (0,)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not an HDF5 file but an empty one"),
        (pickle.dumps({"conv2d": [1.0]}), "a Python pickle, which is never opened"),
        (b"PK\x03\x04....", "a ZIP archive, or weights of Keras 3 or torch"),
        (b"<!DOCTYPE html>", "a page of the web"),
        (b"weights", "something else; give the .h5 file that Keras 2 wrote"),
        (b"\x80\x04" + bytes(510) + b"\x89HDF\r\n\x1a\n", "a Python pickle"),
    ],
)
def test_what_is_no_hdf5_is_refused_unopened(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.h5"
    path.write_bytes(content)
    refused(path, says)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "gone.h5", r"cannot be read \(No such file")


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.3, 0.9, 0.9999999])
def test_a_file_that_is_cut_off_is_refused(
    share: float, keras_file: Callable[[str], Path], tmp_path: Path
) -> None:
    data = keras_file(NAME).read_bytes()
    path = tmp_path / f"{NAME}.h5"
    path.write_bytes(data[: int(len(data) * share)])
    refused(path, r"cut off or damaged \(.+\); download it again\.")


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda f: f.__delitem__("conv2d_1"), "conv2d_1 is named in it but missing"),
        (lambda f: f.__delitem__(KERNEL), "conv2d_1/kernel:0 is named in it but missing"),
        (lambda f: f[KERNEL].__setitem__(3, np.nan), "conv2d_1 holds numbers that are NaN or infinite"),
        (lambda f: f[KERNEL].__setitem__(3, -np.inf), "conv2d_1 holds numbers that are NaN or infinite"),
        (replace(np.full(SHAPE, 1e200)), "conv2d_1 holds numbers that are NaN or infinite"),
        (replace(shape=SHAPE, dtype="i4"), "kernel:0 is not floating point"),
        (replace(shape=SHAPE, dtype="u1"), "kernel:0 holds something else than numbers"),
        (replace(shape=SHAPE, dtype="c8"), "kernel:0 holds something else than numbers"),
        (replace(np.void(pickle.dumps([1.0]))), "kernel:0 holds something else than numbers"),
        (replace(shape=(4,), dtype=h5py.vlen_dtype("f4")), "kernel:0 holds something else than numbers"),
        (replace(shape=(4,), dtype=h5py.ref_dtype), "kernel:0 holds something else than numbers"),
        (replace("text"), "kernel:0 holds something else than numbers"),
        (replace(shape=SHAPE, dtype="f4", compression="gzip"), "kernel:0 is compressed"),
        (
            replace(shape=SHAPE, dtype="f4", external=[("other", 0, h5py.h5f.UNLIMITED)]),
            "kernel:0 takes its numbers from another file",
        ),
        (replace(shape=(10**5, 10**5, 10**3), dtype="f4"), "shape .100000, 100000, 1000., autoencoder has"),
        (lambda f: f.attrs.__setitem__("more", np.void(pickle.dumps([1]))), "attribute more of / holds"),
        (lambda f: f.attrs.__setitem__("more", np.bytes_(b"\x80\x04.")), "attribute more of / holds bytes"),
        (lambda f: f.attrs.__delitem__("layer_names"), "names no layers, so Keras 2 did not write it"),
        (lambda f: f.create_dataset("more", data=np.void(b"x")), "/more holds something else than numbers"),
    ],
)
def test_what_is_damaged_or_unsafe_is_refused(edit: Edit, says: str, file: Path) -> None:
    with h5py.File(file, "r+") as opened:
        edit(opened)
    refused(file, says)


@pytest.mark.parametrize(
    "link", [h5py.ExternalLink("other.h5", "/x"), h5py.SoftLink("/conv2d/conv2d/kernel:0")]
)
def test_links_are_not_followed(link: object, file: Path) -> None:
    with h5py.File(file, "r+") as opened:
        del opened[KERNEL]
        opened[KERNEL] = link
    refused(file, "kernel:0 in /conv2d_1/conv2d_1 is a link to somewhere else")


def test_a_layer_that_is_not_even_named_is_refused(tmp_path: Path) -> None:
    layers = [layer for layer in layers_of("autoencoder") if layer[0] != "conv2d_2"]
    path = write_keras(tmp_path / f"{NAME}.h5", "autoencoder", layers=layers)
    refused(path, "fits none of the paper's networks: conv2d_3/kernel:0 has the shape")


def test_a_variance_below_zero_is_refused(tmp_path: Path) -> None:
    path = write_keras(tmp_path / "RECJND1.h5", "REC")
    with h5py.File(path, "r+") as file:
        file["batch_normalization/batch_normalization/moving_variance:0"][1] = -1
    with pytest.raises(JNDError, match=r"RECJND1\.h5: holds a variance below 0"):
        import_keras("REC", [path])


def test_without_h5py_it_says_what_to_install(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    refused(file, r"needs h5py, which is not installed; run pip install 'jndscope\[import\]'")


def test_a_zip_that_is_named_h5_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.h5", "w") as archive:
        archive.writestr("config.json", "{}")
    refused(tmp_path / "a.h5", "a ZIP archive")
