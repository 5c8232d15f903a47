"""Data sets of JND labels behind one small interface."""

from jndcore.training.datasets.base import Bgr, Dataset, Item, Source, check_splits
from jndcore.training.datasets.opening import KINDS, open_dataset

__all__ = ["KINDS", "Bgr", "Dataset", "Item", "Source", "check_splits", "open_dataset"]
