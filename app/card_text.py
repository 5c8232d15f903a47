"""A model's card as a page to read."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jndcore.models import Evaluation, ModelCard
    from jndcore.models.card import LevelFigures

NEVER = "Never evaluated here: nothing is known of how far it errs, so do not rely on it."


def card_page(card: ModelCard) -> str:
    """HTML: what the model is, its data, licence, figures beside the constant guess, and its limits."""
    parts = [
        f"<h3>{escape(card.name)}</h3><p>{escape(card.title)}</p>",
        _table(_facts(card)),
        _section("Not for", _items(card.not_for)),
        _section("How far it errs", _figures(card.evaluation)),
        _section("Where it comes from", _origin(card)),
        _section("Labels", _text(card.labels)),
        _section("Data", _text(card.data)),
        _section("Training", _text(card.training)),
        _section("Sources of the data", _items(f"{a.source} ({a.licence})" for a in card.attribution)),
        _section("Notice", _text(card.notice)),
    ]
    return "".join(parts)


def _facts(card: ModelCard) -> list[tuple[str, str]]:
    rebuilds = f"{card.rebuild_gflops:g} GFLOP" if card.rebuild_gflops else "none"
    return [
        ("Tells", ", ".join(f"JND{level}" for level in card.levels) or "no level"),
        ("Input", card.input),
        ("Parameters", f"{card.parameters:,}"),
        ("Cost of a picture", f"{card.gflops:g} GFLOP"),
        ("Cost of a rebuilt frame", rebuilds),
        ("Licence", card.licence),
    ]


def _origin(card: ModelCard) -> str:
    rows = [("Weights", card.weights), ("SHA-256", card.sha256)]
    rows += [("Read from", card.source)] if card.source else []
    rows += [("Published as", card.record)] if card.record else []
    rows += [("SHA-256 of the source", digest) for digest in card.source_sha256]
    return _table(rows)


def _figures(evaluation: Evaluation | None) -> str:
    if evaluation is None:
        return _text(NEVER)
    how = (
        f"{evaluation.clips} clips in {evaluation.groups} groups, {evaluation.folds}-fold cross-validation; "
        "95 % intervals by bootstrap over clips. The constant guess always answers the median."
    )
    text = _text(how) + _levels(evaluation.levels)
    if evaluation.real_motion:
        text += _text("Of these, clips with real motion:") + _levels(evaluation.real_motion)
    for rebuilt in evaluation.rebuild:
        text += _text(
            f"Rebuilt JND{rebuilt.level} frames are nearer to x264's than the source is by {rebuilt.gain} dB."
        )
    return text


def _levels(levels: Iterable[LevelFigures]) -> str:
    heads = ("level", "error (MAE, QP)", "constant guess", "difference, paired", "inside its 80 % interval")
    rows = [
        (f"JND{k.level}", f"{k.mae}", f"{k.constant_mae}", f"{k.difference}", f"{k.coverage80:.0%}")
        for k in levels
    ]
    head = "".join(f"<th align='left'>{escape(name)}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table cellpadding='3'><tr>{head}</tr>{body}</table>"


def _section(name: str, body: str) -> str:
    return f"<h4>{name}</h4>{body}" if body else ""


def _text(text: str) -> str:
    paragraphs = (part for part in text.split("\n\n") if part.strip())
    return "".join(f"<p>{escape(part)}</p>" for part in paragraphs)


def _items(items: Iterable[str]) -> str:
    found = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<ul>{found}</ul>" if found else ""


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table cellpadding='3'>{cells}</table>"
