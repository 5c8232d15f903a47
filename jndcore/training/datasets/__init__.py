"""Data sets of JND labels behind one small interface."""

from jndcore.training.datasets.base import Bgr, Dataset, Item, Source, check_splits
from jndcore.training.datasets.opening import KINDS, VIDEOS, open_dataset

__all__ = ["KINDS", "VIDEOS", "Bgr", "Dataset", "Item", "Source", "check_splits", "open_dataset"]
