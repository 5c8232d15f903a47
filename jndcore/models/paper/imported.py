"""The card of imported weights: where they come from, and that nobody has evaluated them here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jndcore.models.card import Attribution, ModelCard
from jndcore.models.paper.autoencoder import HEIGHT, WIDTH
from jndcore.models.paper.cost import parameters_of, system_gflops
from jndcore.models.paper.identify import FRAME_ITSELF
from jndcore.models.paper.keras_layout import AUTOENCODER
from jndcore.models.paper.parts import Parts
from jndcore.models.paper.sources import Source
from jndcore.models.paper.system import PaperSystem
from jndcore.results import LEVELS

RECORD = "Zenodo 11080876"
RECORD_ADDRESS = "https://doi.org/10.5281/zenodo.11080876"

LICENCE_PUBLISHED = f"as stated at {RECORD_ADDRESS}, where these files are published; the files name none"
LICENCE_OTHER = f"as stated at {RECORD_ADDRESS} if these files came from there; the files name none"

ATTRIBUTION = (
    Attribution(
        source="Nami, Pakdaman, Hashemi, Shirmohammadi, Gabbouj: Lightweight Multitask Learning for Robust "
        "JND Prediction Using Latent Space and Reconstructed Frames, IEEE TCSVT 2024, "
        "doi 10.1109/TCSVT.2024.3387788",
        licence="the paper; cite it",
    ),
    Attribution(source="the authors' code, github sanaznami/MTL_JND", licence="Apache-2.0"),
)

NOT_FOR = (
    "figures that must hold: these weights were never evaluated here, and give no error of their own",
    "detail below 640x352: every picture is scaled to that size, whatever its shape",
    "HDR, more than 8 bits, interlaced video or encoders other than x264: extrapolation",
    "medical, forensic or archival decisions about what may be thrown away",
)

LOSS = {
    "LAT": "MAE of the QP, the autoencoder frozen",
    "REC": "MAE of the QP, the autoencoder frozen",
    "E2E-LAT": "0.01 MSE of the frame + 0.99 MAE of the QP, all trained together",
    "E2E-REC": "0.01 MSE of the frame + 0.99 MAE of the QP, all trained together",
    "MJ-LAT": "MAE of the three QPs alike, the encoders frozen",
    "MJ-REC": "MAE of the three QPs alike, the autoencoders frozen",
    AUTOENCODER: "their script for autoencoders is not published",
}


def tag_of(parts: Parts) -> str:
    """``keras`` for all levels, ``keras-jnd2`` for one, ``keras-image`` for the frame itself."""
    if parts.levels == LEVELS:
        return "keras"
    if parts.levels == (FRAME_ITSELF,):
        return "keras-image"
    return "keras-jnd" + "-".join(map(str, parts.levels))


def card_of(parts: Parts, network: PaperSystem, sources: Mapping[Path, Source], sha256: str) -> ModelCard:
    """A card for a network that was built from these parts.

    Parameters
    ----------
    parts : Parts
    network : PaperSystem
    sources : mapping
        What is known of each of the parts' files.
    sha256 : str
        Hash of the weights file that was written.
    """
    files = [sources[path] for path in parts.files]
    published = all(file.published for file in files)
    name = f"{parts.system}.{tag_of(parts)}"
    authors = "the authors" if published else "the authors, if these are their files"
    gflops, rebuild_gflops = system_gflops(parts.system, parts.build)
    parameters, rebuild_parameters = parameters_of(network)
    return ModelCard(
        network=parts.system,
        tag=tag_of(parts),
        build=parts.build,
        levels=() if parts.system == AUTOENCODER else parts.levels,
        title=f"{_title(parts)}, weights imported from Keras",
        licence=LICENCE_PUBLISHED if published else LICENCE_OTHER,
        weights=f"{name}.safetensors",
        sha256=sha256,
        parameters=parameters,
        rebuild_parameters=rebuild_parameters,
        gflops=gflops,
        rebuild_gflops=rebuild_gflops,
        input=f"BGR 0..255, {WIDTH}x{HEIGHT}, cv2.resize bilinear, whatever the frame's shape",
        data=f"VideoSet, after {authors}: its sources, and its observers' levels as x264 QPs",
        source=", ".join(file.origin for file in files),
        record=RECORD if published else "",
        source_sha256=tuple(file.sha256 for file in files),
        attribution=ATTRIBUTION,
        not_for=NOT_FOR,
        training=f"by {authors}: {LOSS[parts.system]}; Adam 1e-5, batches of 8, 300 epochs, best "
        "validation loss kept, after their code",
    )


def _title(parts: Parts) -> str:
    frame = "frame itself" if parts.levels == (FRAME_ITSELF,) else ""
    return (
        f"{parts.system} of Nami et al. 2024 ({frame or ', '.join(f'JND{level}' for level in parts.levels)})"
    )
