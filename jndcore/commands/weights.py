"""``jnd weights``: what models there are, the import of published ones, and the export of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from jndcore.errors import JNDError
from jndcore.models import ModelCard, load_card
from jndcore.models.library import adopt_model, stored_models

app = typer.Typer(
    name="weights", help="What models there are; import published weights; export one.", no_args_is_help=True
)


@app.command("list")
def list_() -> None:
    """Print all models that have weights here.

    MAE JND1 is the mean error of the first level in QP on held-out clips, with its 95 % interval, and beside
    it the error of always answering the same QP; models without one were never evaluated.
    """
    heads = ("name", "levels", "parameters", "GFLOP", "MAE JND1", "constant", "title")
    rows = [heads, *(_row(stored.card) for stored in stored_models(_say))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@app.command("import")
def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="ZIP_OR_FOLDER_OR_H5...",
            help="Keras weights of the paper's networks: .h5 files, folders or ZIP archives; or cards "
            "(.json) of networks that jnd train made.",
            show_default=False,
        ),
    ],
    system: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="SYSTEM",
            help="LAT, E2E-LAT, REC, E2E-REC, MJ-LAT, MJ-REC or autoencoder.",
            show_default="told by shapes and names",
        ),
    ] = None,
    level: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=3,
            help="JND level of the only file, or of the only one whose name tells none; 0 for the "
            "autoencoder of the frame itself.",
            show_default="told by the file's name, else by its folders'",
        ),
    ] = None,
) -> None:
    """Convert published Keras weights, or take over trained ones; prints the names of the models.

    Files of one system that are given together become one model; a level that is imported later becomes a
    model of its own. The reconstruction files become part of LAT, MJ-LAT and MJ-REC that are given together
    with them, also with --as and --level. A model of the same name is replaced.
    """
    for path in paths:
        if path.suffix == ".json":
            print(adopt_model(path).name)
    keras = [path for path in paths if path.suffix != ".json"]
    if keras:
        from jndcore.models.paper.store import import_weights  # torch comes with it

        for card in import_weights(keras, system=system, level=level, say=_say):
            print(card.name)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Model, name.tag.", show_default=False)],
) -> None:
    """Print all that is known of a model."""
    card = load_card(name)
    print(card.name)
    for heading, lines in _facts(card).items():
        for i, line in enumerate(lines):
            print(f"{'' if i else heading:18}{line}")
    if card.notice:
        print(f"\n{card.notice.rstrip()}")


@app.command()
def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Model, name.tag.", show_default=False)],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE.onnx", help="Where to write.", show_default=False)
    ],
) -> None:
    """Write a model's QPs and errors as ONNX, checked against torch first; see docs/export.md."""
    if out.suffix != ".onnx":
        raise JNDError(f"{out}: unknown kind of model file; name it .onnx.")
    from jndcore.models.onnx import export_onnx  # torch comes with it

    worst = export_onnx(name, out)
    print(out)
    _say(f"{out}: at most {worst:.1g} QP from torch on the pictures it was checked on.")


def _row(card: ModelCard) -> tuple[str, ...]:
    first = [level for level in card.evaluation.levels if level.level == 1] if card.evaluation else []
    errors = (str(first[0].mae), str(first[0].constant_mae)) if first else ("not evaluated", "")
    levels = ",".join(map(str, card.levels)) or "none"
    return (card.name, levels, f"{card.parameters:,}", f"{card.gflops:.3g}", *errors, card.title)


def _facts(card: ModelCard) -> dict[str, list[str]]:
    facts = {
        "title": [card.title],
        "licence": [card.licence],
        "levels": [", ".join(f"JND{level}" for level in card.levels)],
        "labels": [card.labels],
        "input": [card.input],
        "parameters": [f"{card.parameters:,}"],
        "GFLOP a picture": [f"{card.gflops:g} for its levels"],
        "weights": [f"{card.weights}, sha256 {card.sha256}"],
        "build": [f"{key} {value}" for key, value in card.build.items()],
        "data": [card.data],
        "training": [card.training],
        "error scale": [", ".join(f"{scale:.3f}" for scale in card.err_scale) if card.evaluation else ""],
        "source": [card.source],
        "record": [card.record],
        "source sha256": list(card.source_sha256),
        "from": [f"{one.source} ({one.licence})" for one in card.attribution] + [card.attribution_file],
        "not for": list(card.not_for),
        "evaluation": list(_figures(card)),
    }
    if card.rebuild_parameters:
        facts["parameters"].append(f"{card.rebuild_parameters:,} of autoencoders that only rebuild frames")
    if card.rebuild_gflops:
        facts["GFLOP a picture"].append(f"{card.rebuild_gflops:g} for a frame shown")
    return {heading: [line for line in lines if line] for heading, lines in facts.items()}


def _figures(card: ModelCard) -> Iterator[str]:
    found = card.evaluation
    if found is None:
        yield "never evaluated here"
        return
    yield f"{found.clips} clips in {found.groups} groups, {found.folds} folds; 95 % intervals in brackets"
    for clips, levels in (("all clips", found.levels), ("real motion", found.real_motion)):
        for level in levels:
            yield f"{clips}, JND{level.level}: MAE {level.mae} QP, constant guess {level.constant_mae}"
    for rebuilt in found.rebuild:
        psnr = f"{rebuilt.gain} dB over the source's {rebuilt.source_psnr:.2f} dB"
        yield f"frames at JND{rebuilt.level}: {psnr}"


def _say(text: str) -> None:
    print(f"jnd: {text}", file=sys.stderr)
