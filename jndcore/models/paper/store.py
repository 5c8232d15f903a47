"""Keras files become models of the user's: safetensors with their cards, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from jndcore.errors import JNDError
from jndcore.models.card import ModelCard
from jndcore.models.library import user_weights_folder
from jndcore.models.paper.doubts import settle
from jndcore.models.paper.identify import FRAME_ITSELF, Identified, identify
from jndcore.models.paper.imported import card_of, tag_of
from jndcore.models.paper.keras_import import build_network, check_known, read_state
from jndcore.models.paper.keras_layout import AUTOENCODER, JOINT
from jndcore.models.paper.parts import RECONSTRUCTED, Parts, by_level
from jndcore.models.paper.sources import Source, collect, named_as_shown
from jndcore.models.weights import save_weights
from jndcore.results import LEVELS
from jndcore.results.atomic import replacing

Files = dict[str, dict[int, Path]]
"""Paths by system and level; a joint system's one file is under 0."""


def import_weights(
    paths: Iterable[str | os.PathLike[str]],
    *,
    system: str | None = None,
    level: int | None = None,
    folder: Path | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> list[ModelCard]:
    """Convert Keras files and keep them where `list_models` finds them.

    Files of one system become one model, ``LAT.keras``; with some levels only, ``LAT.keras-jnd2``.
    Reconstruction files become an autoencoder, and part of LAT, MJ-LAT and MJ-REC given at the same time.
    A model of the same name is replaced.

    Parameters
    ----------
    paths : iterable of path
        .h5 files, folders and ZIP archives.
    system, level : optional
        What the files are, where neither shapes nor names tell. Reconstruction files may accompany `system`.
        `level` is that of the only file, or of the only one in doubt about its level.
    folder : Path, optional
        Where to keep them; the user's own folder.
    say : callable
        Told what is worth knowing on the way.

    Returns
    -------
    list of ModelCard

    Raises
    ------
    JNDError
        Where a file is refused or it is in doubt what it is; then nothing is written.
    """
    if system is not None:
        check_known(system)
    with TemporaryDirectory(prefix="jnd-import-") as temporary:
        collected = collect(map(Path, paths), Path(temporary), say)
        sources = {source.path: source for source in collected}
        with named_as_shown(collected):
            found = _once((identify(source.path, system, source.folders), source) for source in collected)
            networks = _networks(_by_system(settle(found, system, level)), say)
            for parts in networks:
                _check_weights(parts)
            return _keep(networks, sources, folder or user_weights_folder())


def _once(found: Iterable[tuple[Identified, Source]]) -> list[Identified]:
    """A file that is given twice counts once, where it tells more of its level."""
    files = [(file, (file.path.name, source.sha256)) for file, source in found]
    told = {content for file, content in files if file.level is not None}
    once: dict[tuple[object, ...], Identified] = {}
    for file, content in files:
        if file.level is not None or content not in told:
            once.setdefault((content, file.level), file)
    return list(once.values())


def _by_system(files: Iterable[Identified]) -> Files:
    found: dict[str, list[tuple[int, Path]]] = {}
    for file in files:
        assert file.system is not None, "settled"
        found.setdefault(file.system, []).append((file.level or 0, file.path))
    return {name: by_level(name, levels) for name, levels in found.items()}


def _networks(files: Files, say: Callable[[str], None]) -> list[Parts]:
    autoencoders = dict(files.get(AUTOENCODER, {}))
    image = autoencoders.pop(FRAME_ITSELF, None)
    networks = []
    for system in sorted(set(files) - {AUTOENCODER}):
        levels = LEVELS if system in JOINT else tuple(files[system])
        beside = {level: path for level, path in autoencoders.items() if level in levels}
        if system not in RECONSTRUCTED or len(beside) < len(levels):
            if beside and system in RECONSTRUCTED:
                missing = ", ".join(f"JND{level}" for level in levels if level not in beside)
                say(f"{system}: does without reconstruction files, for want of one for {missing}.")
            beside = {}
        networks.append(Parts(system, files[system], beside))
    if autoencoders:
        networks.append(Parts(AUTOENCODER, autoencoders))
    if image is not None:
        networks.append(Parts(AUTOENCODER, {FRAME_ITSELF: image}))
    return networks


def _check_weights(parts: Parts) -> None:
    """Read all of it once, so that nothing is written before everything is known to be good."""
    for path in parts.own.values():
        read_state(parts.system, path)
    for path in parts.reconstruction.values():
        read_state(AUTOENCODER, path)


def _keep(networks: Sequence[Parts], sources: Mapping[Path, Source], folder: Path) -> list[ModelCard]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".import-", dir=folder) as staging:
            cards = [_stage(parts, sources, Path(staging)) for parts in networks]
            for card in cards:
                _replace(card, Path(staging), folder)
    except OSError as error:
        raise JNDError(
            f"{folder}: cannot be written ({error.strerror or error}); free some space or its permissions."
        ) from error
    return cards


def _stage(parts: Parts, sources: Mapping[Path, Source], staging: Path) -> ModelCard:
    """Weights and card in a folder where nobody looks for them."""
    network = build_network(parts)
    sha256 = save_weights(network, staging / f"{parts.system}.{tag_of(parts)}.safetensors")
    card = card_of(parts, network, sources, sha256)
    with replacing(staging / f"{card.name}.json") as temporary:
        temporary.write_text(card.model_dump_json(indent=2), encoding="utf-8")
    return card


def _replace(card: ModelCard, staging: Path, folder: Path) -> None:
    """A model is there as long as its card is, so the old card goes first and the new one comes last."""
    (folder / f"{card.name}.json").unlink(missing_ok=True)
    for name in (card.weights, f"{card.name}.json"):
        os.replace(staging / name, folder / name)
