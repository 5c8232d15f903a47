"""What is known of a video: predictions, shots, SUR curves, and the files that hold them."""

from jndcore.results.analysis import Analysis, Shot, VideoIdentity
from jndcore.results.files import read_analysis, write_analysis
from jndcore.results.prediction import (
    LABEL_AREA,
    LABEL_CONVENTION,
    LEVELS,
    OBSERVER_SD,
    QP_MAX,
    QP_MIN,
    Prediction,
)
from jndcore.results.sur import qp_at_share, sur

__all__ = [
    "LABEL_AREA",
    "LABEL_CONVENTION",
    "LEVELS",
    "OBSERVER_SD",
    "QP_MAX",
    "QP_MIN",
    "Analysis",
    "Prediction",
    "Shot",
    "VideoIdentity",
    "qp_at_share",
    "read_analysis",
    "sur",
    "write_analysis",
]
