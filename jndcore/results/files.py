"""Analysis files: Parquet, CSV and JSON with the same columns and the same header.

Parquet carries the header in its schema metadata, JSON beside its rows; a CSV stays plain (first line:
column names) and its header lies beside it in ``NAME.csv-metadata.json``, as W3C's CSV on the Web has it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jndcore.errors import JNDError
from jndcore.results.analysis import Analysis, Shot
from jndcore.results.atomic import replacing
from jndcore.results.header import Header
from jndcore.results.prediction import LEVELS, Prediction

if TYPE_CHECKING:
    import pyarrow as pa

DOUBTS = ("jnd", "sur_sd", "err")
COLUMNS = ("frame", "pts", "time", "shot", *(f"{name}{level}" for name in DOUBTS for level in LEVELS))
"""``jnd``: QP at 75 % SUR; ``sur_sd``: spread between observers; ``err``: the model's standard error.

What a model does not tell is null: an empty field in CSV.
"""

_METADATA_KEY = b"jndscope"


def write_analysis(analysis: Analysis, path: Path) -> None:
    """Write `analysis` to `path`; its ending names the format: .parquet, .csv or .json.

    Raises
    ------
    JNDError
        For another ending, or where the file cannot be written; nothing is left behind then.
    """
    writers: dict[str, Callable[[Analysis, Path], None]] = {
        ".parquet": _write_parquet,
        ".csv": _write_csv,
        ".json": _write_json,
    }
    write = writers[check_suffix(path)]
    with ExitStack() as files:  # a CSV and its header take their places together
        write(analysis, files.enter_context(replacing(path)))
        if path.suffix.lower() == ".csv":
            header = files.enter_context(replacing(_sidecar(path)))
            header.write_text(Header.of(analysis).model_dump_json(indent=1), encoding="utf-8")


def read_analysis(path: Path) -> Analysis:
    """Read what `write_analysis` wrote.

    Raises
    ------
    JNDError
        Where the file is missing, is no analysis, is damaged, or was written by a newer version.
    """
    import pyarrow as pa

    readers: dict[str, Callable[[Path], tuple[str, dict[str, Any]]]] = {
        ".parquet": _read_parquet,
        ".csv": _read_csv,
        ".json": _read_json,
    }
    read = readers[check_suffix(path)]
    try:
        header, columns = read(path)
        return _assemble(Header.model_validate_json(header), columns)
    except FileNotFoundError as error:
        raise JNDError(
            f"{error.filename or path}: no such file; analyse the video first (jnd analyze)."
        ) from error
    except (OSError, pa.ArrowException, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise JNDError(
            f"{path}: not an analysis that this version reads ({reason}); analyse again."
        ) from error


def check_suffix(path: Path) -> str:
    """The lower-case ending of `path`, one of .parquet, .csv, .json; JNDError for any other."""
    suffix = path.suffix.lower()
    if suffix not in (".parquet", ".csv", ".json"):
        raise JNDError(f"{path}: unknown kind of analysis file; name it .parquet, .csv or .json.")
    return suffix


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + "-metadata.json")


def _table(analysis: Analysis) -> pa.Table:
    import pyarrow as pa

    arrays = [analysis.frame, analysis.pts, analysis.time, analysis.shot]
    doubts = (analysis.prediction.qp, analysis.prediction.sur_sd, analysis.prediction.err)
    arrays += [doubt[:, k] for doubt in doubts for k in range(len(LEVELS))]
    columns = [pa.array(array, from_pandas=True) for array in arrays]  # NaN becomes null
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))


def _write_parquet(analysis: Analysis, path: Path) -> None:
    import pyarrow.parquet as pq

    metadata = {_METADATA_KEY: Header.of(analysis).model_dump_json().encode()}
    pq.write_table(_table(analysis).replace_schema_metadata(metadata), path)


def _read_parquet(path: Path) -> tuple[str, dict[str, Any]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    return (table.schema.metadata or {})[_METADATA_KEY].decode(), table.to_pydict()


def _write_csv(analysis: Analysis, path: Path) -> None:
    from pyarrow import csv

    csv.write_csv(_table(analysis), path, csv.WriteOptions(quoting_style="none", quoting_header="none"))


def _read_csv(path: Path) -> tuple[str, dict[str, Any]]:
    from pyarrow import csv

    return _sidecar(path).read_text(encoding="utf-8"), csv.read_csv(path).to_pydict()


def _write_json(analysis: Analysis, path: Path) -> None:
    document = Header.of(analysis).model_dump(mode="json") | {"frames": _table(analysis).to_pylist()}
    path.write_text(json.dumps(document, indent=1, allow_nan=False), encoding="utf-8")


def _read_json(path: Path) -> tuple[str, dict[str, Any]]:
    document = json.loads(path.read_text(encoding="utf-8"))
    rows = document.pop("frames")
    return json.dumps(document), {name: [row[name] for row in rows] for name in COLUMNS}


def _assemble(header: Header, columns: dict[str, Any]) -> Analysis:
    def integers(name: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.asarray(columns[name], dtype=np.int64)

    def doubt(name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.column_stack([np.asarray(columns[f"{name}{k}"], dtype=np.float64) for k in LEVELS])

    shots = tuple(Shot(s.start, s.stop, s.prediction()) for s in header.shots)
    return Analysis(
        video=header.video,
        model=header.model,
        model_sha256=header.model_sha256,
        frame=integers("frame"),
        pts=integers("pts"),
        time=np.asarray(columns["time"], dtype=np.float64),
        shot=integers("shot"),
        prediction=Prediction(*(doubt(name) for name in DOUBTS)),
        shots=shots,
        label=header.label,
        device=header.device,
        every=header.every,
        version=header.version,
        warnings=header.warnings,
    )
