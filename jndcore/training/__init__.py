"""Data sets, folds, fitting and honest figures: what ``jnd train`` does."""

from jndcore.training.run import Recipe, train

__all__ = ["Recipe", "train"]
